/** Pure decisions of the dispatcher. */

/** The most carriers that wait in Temporal while PostgreSQL is down. Above it, callers get `503 backpressure`. */
export const UNCOMMITTED_CARRIERS_MAX = 32;

/** Sixteen full carriers: a few seconds of work. Near it, callers get `503 backpressure`. */
export const QUEUED_OPERATIONS_MAX = 16_000;

/** How long a carrier pulls before its successor is started. A start then delays one request in several hundred. */
export const WINDOW_MS = 2_000;

/**
 * How long a carrier pulls beyond its window while its successor is starting. Window, overtime, a last posting and its
 * follow-up must stay below the activity's timeout of 10 s.
 */
export const OVERTIME_MS = 3_000;

/**
 * How long a carrier waits at an empty queue. Longer than callers take to return on a busy machine. It costs an open
 * workflow, but no CPU time.
 */
export const LINGER_MS = 100;

/** Step of the batching delay. While a step brings arrivals, more are likely. */
export const GATHER_STEP_MS = 1;

/**
 * Upper bound of the batching delay. A batch's callers return within some milliseconds; of a large one, the rest forms
 * the next batch, posted while responses are sent.
 */
export const GATHER_MAX_MS = 5;

export type DispatchState = {
  queuedOperations: number;
  /** Carriers whose input is not confirmed to be in the ledger. */
  uncommitted: number;
  /** Those that delay the next one: starting, or started less than a second ago. */
  starting: number;
  /** Undefined while no carrier pulls. */
  puller?: { isWindowOver: boolean; isBlocked: boolean };
};

export type DispatchLimits = {
  /** Operations of one carrier. */
  operationsMax: number;
  /** Concurrent starts of full carriers. */
  carriersMax: number;
};

/**
 * Decides on a queue that is not empty: start a carrier, wait, or refuse. It waits for a carrier that is starting or
 * pulling. One carrier starts at a time, since concurrent ones split the operations into smaller batches, unless the
 * queue fills one. While a carrier pulls, its successor starts at the end of its window, or for batches that it cannot
 * take.
 */
export function decideStart(state: DispatchState, limits: DispatchLimits): "start" | "wait" | "refuse" {
  const { queuedOperations, uncommitted, starting, puller } = state;
  if (puller && (starting > 0 || !(puller.isWindowOver || puller.isBlocked))) return "wait";
  if (puller) return uncommitted >= UNCOMMITTED_CARRIERS_MAX ? "wait" : "start";
  const isOneFull = queuedOperations >= limits.operationsMax;
  if (starting > 0 && !(isOneFull && starting < limits.carriersMax)) return "wait";
  return uncommitted >= UNCOMMITTED_CARRIERS_MAX ? "refuse" : "start";
}

/**
 * Whether a caller that holds some of the queued operations may add more.
 *
 * As many places must stay free as it then holds. So one caller gets half of the queue, two get a third each, and a
 * caller with nothing in the queue finds room.
 */
export function mayQueue(held: number, queued: number, added: number): boolean {
  return held + added <= QUEUED_OPERATIONS_MAX - (queued + added);
}

/** Bounds of the time until refused callers return. The end of an outage cannot be predicted. */
const RETRY_SECONDS = { min: 1, max: 20 };

/**
 * The time until there is room, by the age of the first in the line.
 *
 * By Little's law that age is the length of the line divided by its recent rate. It grows while nothing moves.
 */
export function retryAfterSeconds(oldestAgeMs: number): number {
  return Math.min(RETRY_SECONDS.max, Math.max(RETRY_SECONDS.min, oldestAgeMs / 1_000));
}

/** The last batch: its number of queue entries. Its callers are likely to return until `returnUntilMs`. */
export type LastBatch = { size: number; returnUntilMs: number };

/**
 * The longest batching delay of the next batch. Without it, closed-loop clients split into several groups, and each
 * small batch costs as much as one large batch. Callers return within the duration of their batch. A single request is
 * never delayed.
 */
export function gatherMaxMs({ size, returnUntilMs }: LastBatch, nowMs: number): number {
  return size > 1 ? Math.max(0, Math.min(GATHER_MAX_MS, returnUntilMs - nowMs)) : 0;
}
