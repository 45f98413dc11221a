import type { CarrierInput, OutcomeCount } from "../ledger/carriers.ts";
import type { Operation } from "../ledger/operations.ts";

/** Carriers, sagas and everything that leads to the ledger and the cache. */
export const TASK_QUEUE = "saldo";

/** Events that could not be published at once wait here, on a worker of their own: a frozen Kafka takes no slot that a post needs. */
export const EVENTS_TASK_QUEUE = "saldo-events";

export const SWEEP_SCHEDULE_ID = "saldo-sweep";
export const SWEEP_EVERY_MS = 30_000;

export const REPORT_SCHEDULE_ID = "saldo-revenue-reports";
/**
 * Every hour, whatever the time zone: months end on a full hour nearly everywhere, and one that was missed is made up for at the next. A minute
 * later, so that the month is over by the database's clock, too.
 */
export const REPORT_EVERY_MS = 3_600_000;
export const REPORT_OFFSET_MS = 60_000;

/** The workflow that closes a month, like "2026-10", and freezes its report: one at a time, whoever asks for it. */
export function reportWorkflowId(month: string): string {
  return `revenue-report-${month}`;
}

export const AUDIT_SCHEDULE_ID = "saldo-audits";
/** At a time of its own, so that it does not meet the reports of a month's end. */
export const AUDIT_EVERY_MS = 3_600_000;
export const AUDIT_OFFSET_MS = 30 * 60_000;

/** One audit at a time, whoever asks for it; each is a run of this workflow, and the run's id is the audit's. */
export const AUDIT_WORKFLOW_ID = "audit";
export const AUDIT_SUMMARY = "Audit of ledger, cache and events";

/** The most operations, and the most bytes of them as JSON, that one carrier takes. */
export const CARRIER_OPERATIONS_MAX = 1_000;
export const CARRIER_BYTES_MAX = 1024 * 1024;

/** All that a carrier has brought into the ledger, pulled operations included. */
export type CarrierResult = { counts: OutcomeCount[] };

/** What a saga is started with; `isPosted` where an earlier run has posted its operations, and this one only goes on watching. */
export type SagaInput = CarrierInput & { isPosted?: boolean };

/** The types of the workflows that carry operations. */
const CARRIER_TYPES = ["carrier", "reservation"] as const;
export type CarrierType = (typeof CARRIER_TYPES)[number];

export function isCarrierType(type: string): type is CarrierType {
  return (CARRIER_TYPES as readonly string[]).includes(type);
}

/** A list that reserves is carried by the saga of what it opens. */
export function carrierType(operations: readonly Operation[]): CarrierType {
  return operations.some(isReservation) ? "reservation" : "carrier";
}

export function isReservation({ kind }: Operation): boolean {
  return kind === "reservation";
}

/**
 * The id of a carrier of these operations: a saga is named after the first reservation that it opens. `uniqueId` makes a UUID of version 7,
 * so that ids sort by time.
 */
export function carrierId(operations: readonly Operation[], uniqueId: () => string): string {
  const first = operations.find(isReservation);
  return first ? `reservation-${first.operationId}` : `carrier-${uniqueId()}`;
}

/** The id of the carrier of an atomic batch: told by its operations, so that the same batch joins the one that is under way. */
export function batchCarrierId(batchId: string): string {
  return `batch-${batchId}`;
}

/** To a saga: another workflow has settled its last reservation, or changed its only one. */
export type Changed = { byWorkflowId: string };
export const CHANGED_SIGNAL = "changed";

/** To a saga, from an operator: release all that remains of this reservation. */
export type Release = { reservationId: string };
export const RELEASE_SIGNAL = "release";
