import type { Pool } from "pg";
import type { LedgerCheck } from "../../ledger/audits.ts";
import type { BalanceAsOf } from "../../ledger/records.ts";
import type { CheckPosition } from "../../ledger/walks.ts";
import { readClock } from "../pool.ts";
import { onPool } from "../pools.ts";
import { readEntries } from "../posting/entries.ts";
import { beginCheck, CHECKS, readWatermark, storeAudit } from "./audits.ts";
import { compareCached, deleteSeen, findAccounts, findMissing, findUnseen, recordSeen } from "./external.ts";
import { checkPiece } from "./pieces.ts";

/** Creates the audit's statements on its own pool. */
export function createAuditStore(pool: Pool, balanceCacheTtlSeconds: number) {
  return {
    ...onPool(pool, {
      beginCheck,
      readEntries,
      readWatermark,
      storeAudit,
      readClock,
      findAccounts,
      findMissing,
      findUnseen,
      recordSeen,
      deleteSeen,
    }),
    auditPiece: (check: LedgerCheck, position: CheckPosition) => checkPiece(pool, CHECKS[check], position),
    compareCached: (balances: BalanceAsOf[]) => compareCached(pool, balances, balanceCacheTtlSeconds),
  };
}
