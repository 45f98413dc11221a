import type { Operation } from "../ledger/operations.ts";
import type { OutboxRow, Service } from "../ledger/records.ts";
import { findAudit, readLatestAudit } from "./audit/audits.ts";
import { createPool, STATEMENT_TIMEOUT_MS } from "./pool.ts";
import { readBalance, readBalancesTouched } from "./posting/accounts.ts";
import { readEntries } from "./posting/entries.ts";
import { expire } from "./posting/expire.ts";
import { createKnownAccounts } from "./posting/knownAccounts.ts";
import { findOperations } from "./posting/operations.ts";
import { countOutbox, deleteOutbox, drainOutbox, type OutboxPiece } from "./posting/outbox.ts";
import { post } from "./posting/post.ts";
import { findReservations, listReservations, type ReservationPage, readReservation } from "./posting/reservations.ts";
import {
  type DueReservation,
  findDue,
  findOverdue,
  findSagasToSignal,
  readSagaReservations,
} from "./posting/sagaReservations.ts";
import { listServices, nameService } from "./posting/services.ts";
import type { PostingOptions } from "./posting/transaction.ts";
import type { OnStatement } from "./queryObserver.ts";
import { readBacklog } from "./reading/backlog.ts";
import { type EntryPosition, type EntryRange, readEntryPage } from "./reading/entryPages.ts";
import { closeMonth, findUnreported, freezeReport, readReport } from "./reading/reports.ts";
import { readStatement } from "./reading/statement.ts";
import type { StatementPage } from "./reading/statementPage.ts";

/** Enough for the few carriers that are on their way at once. */
const POSTING_CONNECTIONS_MAX = 8;
const READING_CONNECTIONS_MAX = 12;
const REPORTING_CONNECTIONS_MAX = 4;

/** The revenue of a month may be millions of rows. */
const REPORTING_STATEMENT_TIMEOUT_MS = 60_000;

export type Ledger = ReturnType<typeof createLedger>;

export type LedgerOptions = Omit<PostingOptions, "knownAccounts"> & { onStatement?: OnStatement | undefined };

/** The ledger's statements on connections of their own: those that post never wait for those that read, nor these for sums over a month. */
export function createLedger(databaseUrl: string, settings: LedgerOptions) {
  const { onStatement, ...options } = { ...settings, knownAccounts: createKnownAccounts() };
  const posting = createPool(databaseUrl, "post", POSTING_CONNECTIONS_MAX, STATEMENT_TIMEOUT_MS, onStatement);
  const reading = createPool(databaseUrl, "read", READING_CONNECTIONS_MAX, STATEMENT_TIMEOUT_MS, onStatement);
  const reporting = createPool(
    databaseUrl,
    "report",
    REPORTING_CONNECTIONS_MAX,
    REPORTING_STATEMENT_TIMEOUT_MS,
    onStatement,
  );
  const { monthOf } = options;

  return {
    post: (workflowId: string, operations: readonly Operation[], isAtomic = false) =>
      post(posting, workflowId, operations, options, isAtomic),
    expire: (workflowId: string, due: readonly DueReservation[]) => expire(posting, workflowId, due, options),
    findOperations: (operationIds: string[]) => findOperations(reading, operationIds),
    findReservations: (reservationIds: string[]) => findReservations(reading, reservationIds),
    readReservation: (reservationId: string) => readReservation(reading, reservationId),
    listReservations: (userId: string, page: ReservationPage) => listReservations(reading, userId, page),
    findOverdue: (graceSeconds: number, exceptIds: string[], limit: number) =>
      findOverdue(reading, graceSeconds, exceptIds, limit),
    findDue: (sagaWorkflowId: string, exceptIds: string[], limit: number) =>
      findDue(reading, sagaWorkflowId, exceptIds, limit),
    findSagasToSignal: (sagaWorkflowIds: string[]) => findSagasToSignal(reading, sagaWorkflowIds),
    readSagaReservations: (sagaWorkflowId: string, refusedIds: string[]) =>
      readSagaReservations(reading, sagaWorkflowId, refusedIds),
    readBalance: (userId: string) => readBalance(reading, userId),
    readBalancesTouched: (operationIds: string[]) => readBalancesTouched(reading, operationIds),
    readStatement: (userId: string, page: StatementPage) => readStatement(reading, userId, page),
    nameService: (service: Service) => nameService(reading, service),
    listServices: (after: string | undefined, limit: number) => listServices(reading, after, limit),
    readEntries: (operationIds: string[]) => readEntries(reading, operationIds),
    readEntryPage: (range: EntryRange, after: EntryPosition | undefined) => readEntryPage(reading, range, after),
    deleteOutbox: (ids: readonly string[]) => deleteOutbox(reading, ids),
    drainOutbox: (piece: OutboxPiece, publish: (rows: OutboxRow[]) => Promise<void>) =>
      drainOutbox(reading, piece, publish),
    countOutbox: (workflowId: string, limit: number) => countOutbox(reading, workflowId, limit),
    closeMonth: (month: string) => closeMonth(reporting, month, monthOf),
    freezeReport: (month: string) => freezeReport(reporting, month, monthOf),
    readReport: (month: string) => readReport(reporting, month, monthOf),
    findUnreported: () => findUnreported(reporting, monthOf),
    readBacklog: () => readBacklog(reading),
    readLatestAudit: () => readLatestAudit(reading),
    findAudit: (auditId: string) => findAudit(reading, auditId),
    check: () => reading.query("select"),

    /** How the connections are used, pool by pool. */
    poolUse: () =>
      Object.entries({ posting, reading, reporting }).map(([pool, { totalCount, idleCount, waitingCount }]) => ({
        pool,
        total: totalCount,
        idle: idleCount,
        waiting: waitingCount,
      })),

    async close(): Promise<void> {
      await Promise.all([posting.end(), reading.end(), reporting.end()]);
    },
  };
}
