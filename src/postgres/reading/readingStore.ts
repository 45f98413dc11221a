import { findAudit, readLatestAudit } from "../audit/audits.ts";
import { onPool, type Pools } from "../pools.ts";
import { readBalance, readBalancesTouched } from "../posting/accounts.ts";
import { findOperations } from "../posting/operations.ts";
import { listReservations, readReservation } from "../posting/reservations.ts";
import { listServices, nameService } from "../posting/services.ts";
import { readBacklog } from "./backlog.ts";
import { readStatement } from "./statement.ts";

/** The ledger's functions for the API's routes, health checks and metrics. */
export function createReadingStore({ reading }: Pools) {
  return onPool(reading, {
    findOperations,
    readBalance,
    readBalancesTouched,
    readStatement,
    readReservation,
    listReservations,
    nameService,
    listServices,
    readLatestAudit,
    findAudit,
    readBacklog,
    check: (pool) => pool.query("select"),
  });
}
