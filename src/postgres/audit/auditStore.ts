import type { Pool } from "pg";
import type { AuditOutcome, LedgerCheck } from "../../ledger/audits.ts";
import type { BalanceAsOf, StoredEntry } from "../../ledger/records.ts";
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

/** The statements of an audit. */
export function createAuditStore(pool: Pool, balanceCacheTtlSeconds: number) {
  return {
    beginCheck: (check: LedgerCheck) => beginCheck(pool, check),
    auditPiece: (check: LedgerCheck, position: Position) => auditPiece(pool, check, position),
    compareCached: (balances: BalanceAsOf[]) => compareCached(pool, balances, balanceCacheTtlSeconds),
    readClock: () => readAuditClock(pool),
    readWatermark: () => readWatermark(pool),
    readEntries: (operationIds: string[]) => readEntries(pool, operationIds),
    findAccounts: (userIds: string[]) => findAccounts(pool, userIds),
    findMissing: (after: string) => findMissing(pool, after),
    findUnseen: (entries: StoredEntry[]) => findUnseen(pool, entries),
    noteSeen: (seen: Seen[]) => noteSeen(pool, seen),
    forgetSeen: () => forgetSeen(pool),
    storeAudit: (audit: AuditOutcome) => storeAudit(pool, audit),
  };
}
