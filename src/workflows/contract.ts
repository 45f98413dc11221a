import type { SagaSummary } from "../activities/index.ts";
import type { CarrierInput, OutcomeCount } from "../ledger/carriers.ts";
import type { Operation } from "../ledger/operations.ts";

/** The task queue of carriers, sagas and all activities on ledger and cache. */
export const TASK_QUEUE = "saldo";

/** The task queue of delayed event publication. Its own worker keeps a frozen Kafka from taking the slots of posts. */
export const EVENTS_TASK_QUEUE = "saldo-events";

export const SWEEP_SCHEDULE_ID = "saldo-sweep";
export const SWEEP_EVERY_MS = 30_000;

export const REPORT_SCHEDULE_ID = "saldo-revenue-reports";
/**
 * Hourly, since a month ends on a full hour in nearly every time zone. A later run catches up on a missed month. The
 * offset of a minute lets the month end by the database's clock, too.
 */
export const REPORT_EVERY_MS = 3_600_000;
export const REPORT_OFFSET_MS = 60_000;

/** The id of the workflow that freezes the report of a month like "2026-10". At most one runs at a time. */
export function reportWorkflowId(month: string): string {
  return `revenue-report-${month}`;
}

export const AUDIT_SCHEDULE_ID = "saldo-audits";
/** Hourly, half an hour apart from the reports of a month's end. */
export const AUDIT_EVERY_MS = 3_600_000;
export const AUDIT_OFFSET_MS = 30 * 60_000;

/** The id of the audit workflow: one audit at a time. The run id is the audit's id. */
export const AUDIT_WORKFLOW_ID = "audit";
export const AUDIT_SUMMARY = "Audit of ledger, cache and events";

/** Limits of one carrier's input: operations, and their bytes as JSON. */
export const CARRIER_OPERATIONS_MAX = 1_000;
export const CARRIER_BYTES_MAX = 1024 * 1024;

/** The counts of a carrier's operations, pulled ones included. A saga's result also has its end. */
export type CarrierResult = { counts: OutcomeCount[]; saga?: SagaEnd };

/** How a saga's reservations ended: the sums, and the last settlements with their origin. */
export type SagaEnd = Pick<SagaSummary, "reserved" | "recognized" | "released" | "expired" | "settlements">;

/** The input of a saga. `isPosted` after continue-as-new: an earlier run has posted its operations. */
export type SagaInput = CarrierInput & { isPosted?: boolean };

/** The types of the workflows that carry operations. */
const CARRIER_TYPES = ["carrier", "reservation"] as const;
export type CarrierType = (typeof CARRIER_TYPES)[number];

export function isCarrierType(type: string): type is CarrierType {
  return (CARRIER_TYPES as readonly string[]).includes(type);
}

/** A saga carries each list that contains reservations. */
export function carrierType(operations: readonly Operation[]): CarrierType {
  return operations.some(isReservation) ? "reservation" : "carrier";
}

export function isReservation({ kind }: Operation): boolean {
  return kind === "reservation";
}

/**
 * The id of a carrier of these operations. A saga's id contains the first reservation that it opens. `uniqueId` returns
 * a UUID of version 7, so that ids sort by time.
 */
export function carrierId(operations: readonly Operation[], uniqueId: () => string): string {
  const first = operations.find(isReservation);
  return first ? `reservation-${first.operationId}` : `carrier-${uniqueId()}`;
}

/**
 * The id of an atomic batch's carrier. It depends on the operations only, so a repeated batch joins the running
 * carrier.
 */
export function batchCarrierId(batchId: string): string {
  return `batch-${batchId}`;
}

/** Signals a saga that another workflow settled its last reservation, or changed its only one. */
export type Changed = { byWorkflowId: string };
export const CHANGED_SIGNAL = "changed";

/** An operator's signal to a saga, with an `OperatorRelease`. */
export const RELEASE_SIGNAL = "release";
