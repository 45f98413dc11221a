import type { Pool } from "pg";
import type { BalanceAsOf } from "../../ledger/records.ts";
import { readClock } from "../pool.ts";
import { onPool } from "../pools.ts";
import { readEntries } from "../posting/entries.ts";
import { auditPiece, beginCheck, readWatermark, storeAudit } from "./audits.ts";
import { compareCached, deleteSeen, findAccounts, findMissing, findUnseen, recordSeen } from "./external.ts";

/** Creates the audit's statements on its own pool. */
export function createAuditStore(pool: Pool, balanceCacheTtlSeconds: number) {
  return {
    ...onPool(pool, { beginCheck, auditPiece, readEntries, readWatermark, storeAudit }),
    ...onPool(pool, { readClock, findAccounts, findMissing, findUnseen, recordSeen, deleteSeen }),
    compareCached: (balances: BalanceAsOf[]) => compareCached(pool, balances, balanceCacheTtlSeconds),
  };
}
