import { findAudit, readLatestAudit } from "../audit/audits.ts";
import { onPool, type Pools } from "../pools.ts";
import { findOperations } from "../posting/operations.ts";
import { readBacklog } from "./backlog.ts";
import { readBalance, readBalancesTouched } from "./balances.ts";
import { searchOperations } from "./operationSearch.ts";
import { readPastBalance } from "./pastBalance.ts";
import { findReservationsOfAll, listReservations, readReservation } from "./reservations.ts";
import { listServices } from "./services.ts";
import { readStatement } from "./statement.ts";

/** The ledger's functions for the API's routes, health checks and metrics. */
export function createReadingStore({ reading }: Pools) {
  return onPool(reading, {
    findOperations,
    readBalance,
    readPastBalance,
    readBalancesTouched,
    readStatement,
    searchOperations,
    readReservation,
    listReservations,
    findReservationsOfAll,
    listServices,
    readLatestAudit,
    findAudit,
    readBacklog,
    check: (pool) => pool.query("select"),
  });
}
