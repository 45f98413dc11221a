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
} from "../ledger/audits.ts";
import type { BalanceAsOf } from "../ledger/records.ts";
import { auditEvents, type EventsAudited, type EventsLedger, type EventsStream } from "./auditingEvents.ts";
import type { Progress } from "./progress.ts";

/** What is known of an audit once all its parts have been. */
export type AuditFindings = Omit<AuditOutcome, "verdict">;

export type Auditing = {
  /** Walks one check over the whole ledger, in pieces. */
  auditLedger(check: LedgerCheck): Promise<AuditPart>;
  /** Compares all that is cached with the ledger. @throws where Redis is away: then nothing is known. */
  auditCache(): Promise<AuditPart>;
  /** Compares the topic with the ledger, both ways, and publishes what is missing. @throws where Kafka is away: then nothing is known. */
  auditEvents(): Promise<EventsAudited>;
  /** Keeps what was found, and tells the operator: a line for each finding, and one in all. */
  recordAudit(found: AuditFindings): Promise<Pick<Audit, "verdict" | "findingsTotal">>;
};

/** The key of the last row that was looked at. */
type Position = (string | number)[];

export type AuditingLedger = EventsLedger & {
  /** The next piece of a check; `last` is undefined once there are no more. */
  auditPiece(check: LedgerCheck, after: Position | undefined): Promise<{ part: AuditPart; last: Position | undefined }>;
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
      let { part, last } = (progress.read() ?? { part: NOTHING_CHECKED }) as { part: AuditPart; last?: Position };
      do {
        const piece = await ledger.auditPiece(check, last);
        part = joinParts(part, piece.part);
        last = piece.last;
        if (last) progress.note({ part, last });
      } while (last);
      return part;
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
