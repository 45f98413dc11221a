import type { AuditOutcome, LedgerCheck } from "../../ledger/audits.ts";
import type { BalanceAsOf, StoredEntry } from "../../ledger/records.ts";
import { createPool } from "../pool.ts";
import { readEntries } from "../posting/entries.ts";
import { auditPiece, beginCheck, readWatermark, storeAudit } from "./audits.ts";
import {
  compareCached,
  findAccounts,
  findMissing,
  findUnseen,
  forgetSeen,
  noteSeen,
  readAuditClock,
  type Seen,
} from "./external.ts";
import type { Position } from "./pieces.ts";

/** An audit asks one thing after the other; two may run for a moment where one was taken for dead. */
const AUDITING_CONNECTIONS_MAX = 2;

/** A piece takes milliseconds; the revenue of a month, or all that a merchant has reserved, may be millions of rows. */
const AUDITING_STATEMENT_TIMEOUT_MS = 60_000;

export type AuditLedger = ReturnType<typeof createAuditLedger>;

/** The ledger's statements that audit it, on connections of their own, which take nothing from those that post and read. */
export function createAuditLedger(databaseUrl: string, balanceCacheTtlSeconds: number) {
  const auditing = createPool(databaseUrl, "audit", AUDITING_CONNECTIONS_MAX, AUDITING_STATEMENT_TIMEOUT_MS);

  return {
    beginCheck: (check: LedgerCheck) => beginCheck(auditing, check),
    auditPiece: (check: LedgerCheck, position: Position) => auditPiece(auditing, check, position),
    compareCached: (balances: BalanceAsOf[]) => compareCached(auditing, balances, balanceCacheTtlSeconds),
    readClock: () => readAuditClock(auditing),
    readWatermark: () => readWatermark(auditing),
    readEntries: (operationIds: string[]) => readEntries(auditing, operationIds),
    findAccounts: (userIds: string[]) => findAccounts(auditing, userIds),
    findMissing: (after: string) => findMissing(auditing, after),
    findUnseen: (entries: StoredEntry[]) => findUnseen(auditing, entries),
    noteSeen: (seen: Seen[]) => noteSeen(auditing, seen),
    forgetSeen: () => forgetSeen(auditing),
    storeAudit: (audit: AuditOutcome) => storeAudit(auditing, audit),

    async close(): Promise<void> {
      await auditing.end();
    },
  };
}
