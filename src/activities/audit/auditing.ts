import {
  type Audit,
  type AuditOutcome,
  type AuditPart,
  type Finding,
  joinParts,
  judge,
  type LedgerCheck,
  NOTHING_CHECKED,
  partOf,
} from "../../ledger/audits.ts";
import type { BalanceAsOf } from "../../ledger/records.ts";
import type { Walk } from "../../ledger/walks.ts";
import { auditEvents, type EventsAudited, type EventsLedger, type EventsStream } from "./events.ts";
import type { Progress } from "./progress.ts";

/** What is known of an audit once all its parts have been. */
export type AuditFindings = Omit<AuditOutcome, "verdict">;

export type Auditing = {
  /** Walks one check, in pieces, over all of the ledger that this audit is to look at. */
  auditLedger(check: LedgerCheck): Promise<LedgerAudited>;
  /** Compares all that is cached with the ledger. @throws where Redis is away: then nothing is known. */
  auditCache(): Promise<AuditPart>;
  /** Compares the topic with the ledger, both ways, and publishes what is missing. @throws where Kafka is away: then nothing is known. */
  auditEvents(): Promise<EventsAudited>;
  /** Keeps what was found, and tells the operator: a line for each finding, and one in all. */
  recordAudit(found: AuditFindings): Promise<Pick<Audit, "verdict" | "findingsTotal">>;
};

/** What a check found, and where the next audit may go on if this one is clean. */
export type LedgerAudited = AuditPart & { walk: Walk | null };

/** Where a check has come to. */
type Position = (string | number)[];

export type AuditingLedger = EventsLedger & {
  beginCheck(check: LedgerCheck): Promise<{ position: Position; walk: Walk | null }>;
  /** The next piece of a check; `last` is undefined once there are no more. */
  auditPiece(check: LedgerCheck, position: Position): Promise<{ part: AuditPart; last: Position | undefined }>;
  compareCached(balances: BalanceAsOf[]): Promise<Finding[]>;
  storeAudit(audit: AuditOutcome): Promise<void>;
};

export type AuditedCache = {
  /** A page of what is cached; "0" is the first. `unreadable` are users whose balance is none. */
  readPage(from: string): Promise<{ balances: BalanceAsOf[]; unreadable: string[]; next: string | undefined }>;
};

export type AuditLog = Record<"error" | "warn" | "info", (fields: object, message: string) => void>;

export function createAuditing(
  ledger: AuditingLedger,
  cache: AuditedCache,
  stream: EventsStream,
  progress: Progress,
  log: AuditLog,
): Auditing {
  /** The page is read before the ledger is asked: so what it tells of is in the ledger by then, or never was. */
  async function auditPage(from: string): Promise<{ part: AuditPart; next: string | undefined }> {
    const { balances, unreadable, next } = await cache.readPage(from);
    // Whoever shares the cache with this ledger has users of their own.
    const known = new Set(await ledger.findAccounts([...balances.map(({ userId }) => userId), ...unreadable]));
    const findings = [
      ...(await ledger.compareCached(balances)),
      ...unreadable.filter((userId) => known.has(userId)).map(unreadableBalance),
    ];
    return { part: partOf({ cachedBalances: known.size }, findings), next };
  }

  return {
    async auditLedger(check) {
      const begun = progress.read() ?? { ...(await ledger.beginCheck(check)), part: NOTHING_CHECKED };
      let { position, walk, part } = begun as { position: Position; walk: Walk | null; part: AuditPart };
      for (;;) {
        const piece = await ledger.auditPiece(check, position);
        part = joinParts(part, piece.part);
        if (!piece.last) return { ...part, walk };
        position = piece.last;
        progress.note({ position, walk, part });
      }
    },

    async auditCache() {
      let part = NOTHING_CHECKED;
      let from: string | undefined = "0";
      while (from !== undefined) {
        const page: { part: AuditPart; next: string | undefined } = await auditPage(from);
        part = joinParts(part, page.part);
        from = page.next;
        progress.note({});
      }
      return part;
    },

    auditEvents: () => auditEvents(ledger, stream, progress),

    async recordAudit(found) {
      const { auditId, findings, findingsTotal, checked, notChecked } = found;
      const verdict = judge(findingsTotal, notChecked);
      await ledger.storeAudit({ ...found, verdict });
      for (const finding of findings) log.error({ auditId, ...finding }, "The audit found a broken promise");
      const level = { clean: "info", incomplete: "warn", broken: "error" } as const;
      log[level[verdict]]({ auditId, verdict, findingsTotal, checked, notChecked }, `The audit is over: ${verdict}`);
      return { verdict, findingsTotal };
    },
  };
}

function unreadableBalance(userId: string): Finding {
  return { promise: 8, sentence: `What the cache has for account ${userId} is no balance.`, accountId: userId };
}
