import type { ReservationPage, Service, StatementPage } from "../../ledger/records.ts";
import { findAudit, readLatestAudit } from "../audit/audits.ts";
import type { Pools } from "../pools.ts";
import { readBalance, readBalancesTouched } from "../posting/accounts.ts";
import { findOperations } from "../posting/operations.ts";
import { listReservations, readReservation } from "../posting/reservations.ts";
import { listServices, nameService } from "../posting/services.ts";
import { readBacklog } from "./backlog.ts";
import { readStatement } from "./statement.ts";

/** The statements of the API's routes, health checks and metrics. */
export function createReadingStore({ reading }: Pools) {
  return {
    findOperations: (operationIds: string[]) => findOperations(reading, operationIds),
    readBalance: (userId: string) => readBalance(reading, userId),
    readBalancesTouched: (operationIds: string[]) => readBalancesTouched(reading, operationIds),
    readStatement: (userId: string, page: StatementPage) => readStatement(reading, userId, page),
    readReservation: (reservationId: string) => readReservation(reading, reservationId),
    listReservations: (userId: string, page: ReservationPage) => listReservations(reading, userId, page),
    nameService: (service: Service) => nameService(reading, service),
    listServices: (after: string | undefined, limit: number) => listServices(reading, after, limit),
    readLatestAudit: () => readLatestAudit(reading),
    findAudit: (auditId: string) => findAudit(reading, auditId),
    readBacklog: () => readBacklog(reading),
    check: () => reading.query("select"),
  };
}
