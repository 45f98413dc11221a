import type { Operation, Outcome } from "../ledger/operations.ts";

/** Carriers and everything that leads to the ledger and the cache. */
export const TASK_QUEUE = "saldo";

/** Events that could not be published at once wait here, on a worker of their own: a frozen Kafka takes no slot that a post needs. */
export const EVENTS_TASK_QUEUE = "saldo-events";

export const SWEEP_SCHEDULE_ID = "saldo-sweep";
export const SWEEP_EVERY_MS = 30_000;

/** The most operations, and the most bytes of them as JSON, that one carrier takes. */
export const CARRIER_OPERATIONS_MAX = 1_000;
export const CARRIER_BYTES_MAX = 1024 * 1024;

export type CarrierInput = { operations: Operation[] };

/** In the order of the operations. */
export type CarrierResult = { outcomes: Outcome[] };

/** The id that says what the carrier is: a lone operation's names the operation, so that a start of unknown outcome can be repeated. */
export function carrierId(operations: readonly Operation[], uniqueId: () => string): string {
  const [only, ...others] = operations;
  return only && others.length === 0 ? `${only.kind}-${only.operationId}` : `carrier-${uniqueId()}`;
}
