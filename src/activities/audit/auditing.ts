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
import type { CheckPosition, Walk } from "../../ledger/walks.ts";
import { auditEvents, type EventsAudited, type EventsLedger, type EventsStream } from "./events.ts";
import type { Progress } from "./progress.ts";

/** The result of all parts of an audit, before its verdict. */
export type AuditFindings = Omit<AuditOutcome, "verdict">;

export type Auditing = {
  /** Runs one check of the ledger, in pieces, over the rows of this audit. */
  auditLedger(check: LedgerCheck): Promise<LedgerAudited>;
  /** Compares all cached balances with the ledger. @throws where Redis is down */
  auditCache(): Promise<AuditPart>;
  /** Compares the topic with the ledger, both ways, and publishes missing events. @throws where Kafka is down */
  auditEvents(): Promise<EventsAudited>;
  /** Stores and logs the audit: one line for each finding, one for the audit. */
  recordAudit(found: AuditFindings): Promise<Pick<Audit, "verdict" | "findingsTotal">>;
};

/** The result of a check. The next audit continues from `walk` if this one is clean. */
export type LedgerAudited = AuditPart & { walk: Walk | null };

export type AuditingLedger = EventsLedger & {
  beginCheck(check: LedgerCheck): Promise<{ position: CheckPosition; walk: Walk | null }>;
  /** Checks the next piece. `last` is its end, or undefined for the final piece. */
  auditPiece(
    check: LedgerCheck,
    position: CheckPosition,
  ): Promise<{ part: AuditPart; last: CheckPosition | undefined }>;
  compareCached(balances: BalanceAsOf[]): Promise<Finding[]>;
  storeAudit(audit: AuditOutcome): Promise<void>;
};

export type AuditedCache = {
  /** Reads a page of the cache. The first is "0". `unreadable` are users whose value is not a balance. */
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
  /**
   * Compares one page of the cache with the ledger.
   *
   * The cache is read first: a balance is cached after its commit, so the ledger then has each cached version.
   */
  async function auditPage(from: string): Promise<{ part: AuditPart; next: string | undefined }> {
    const { balances, unreadable, next } = await cache.readPage(from);
    // Another ledger may share the cache. Its users are not compared.
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
      let { position, walk, part } = begun as { position: CheckPosition; walk: Walk | null; part: AuditPart };
      for (;;) {
        const piece = await ledger.auditPiece(check, position);
        part = joinParts(part, piece.part);
        if (!piece.last) return { ...part, walk };
        position = piece.last;
        progress.save({ position, walk, part });
      }
    },

    async auditCache() {
      let part = NOTHING_CHECKED;
      let from: string | undefined = "0";
      while (from !== undefined) {
        const page: { part: AuditPart; next: string | undefined } = await auditPage(from);
        part = joinParts(part, page.part);
        from = page.next;
        progress.save({});
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
      log[level[verdict]](
        { auditId, verdict, findingsTotal, checked, notChecked },
        `The audit has finished: ${verdict}`,
      );
      return { verdict, findingsTotal };
    },
  };
}

function unreadableBalance(userId: string): Finding {
  return { promise: 8, sentence: `The cached value of account ${userId} is not a balance.`, accountId: userId };
}
