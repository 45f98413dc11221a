/** Decisions of the dispatcher, without its mechanism. */

/** While PostgreSQL is away, carriers wait in Temporal, each visible; beyond so many, callers get `503 backpressure`. */
export const UNCOMMITTED_CARRIERS_MAX = 32;

/** How long one carrier pulls, at most, while its successor is in time. A start then delays one request in several hundred. */
export const WINDOW_MS = 2_000;

/** How long a carrier pulls beyond its window while its successor is starting. With a last posting and what follows it: below 10 s. */
export const OVERTIME_MS = 1_500;

/**
 * How long a carrier pulls from an empty queue: longer than callers take to return on a busy machine. It costs a workflow that waits, and no
 * work.
 */
export const LINGER_MS = 100;

/** As long as a step brings more callers, more are likely to come. */
export const GATHER_STEP_MS = 1;

/** The callers of a batch return within some milliseconds; of a large one, the rest is the next batch, posted beside their answers. */
export const GATHER_MAX_MS = 5;

export type DispatchState = {
  queuedOperations: number;
  /** Carriers whose input is not known to be in the ledger. */
  uncommitted: number;
  /** Those of them that hold up the next one: they are starting, or were started less than a second ago. */
  starting: number;
  /** Undefined where no carrier pulls. */
  puller?: { isWindowOver: boolean; isBlocked: boolean };
};

export type DispatchLimits = {
  /** Of one carrier. */
  operationsMax: number;
  /** Starting at once, where each is full. */
  carriersMax: number;
};

/**
 * What to do with a queue that is not empty: start a carrier, wait for one that is on its way or that pulls, or refuse. One carrier at a
 * time, since two make each other smaller, unless as much waits as one holds. While a carrier pulls, its successor is started near the end
 * of its window, or for what it cannot take.
 */
export function decideStart(state: DispatchState, limits: DispatchLimits): "start" | "wait" | "refuse" {
  const { queuedOperations, uncommitted, starting, puller } = state;
  if (puller && (starting > 0 || !(puller.isWindowOver || puller.isBlocked))) return "wait";
  if (puller) return uncommitted >= UNCOMMITTED_CARRIERS_MAX ? "wait" : "start";
  const isOneFull = queuedOperations >= limits.operationsMax;
  if (starting > 0 && !(isOneFull && starting < limits.carriersMax)) return "wait";
  return uncommitted >= UNCOMMITTED_CARRIERS_MAX ? "refuse" : "start";
}

/** The batch before: its entries, and until when its callers are likely to return. */
export type LastBatch = { size: number; returnUntilMs: number };

/**
 * How long the next batch may wait for more. The callers of one batch return as one: without the wait, they split into several groups, and
 * each batch costs as much as one of all. Callers return within the duration of their batch; a lone request never waits.
 */
export function gatherMaxMs({ size, returnUntilMs }: LastBatch, nowMs: number): number {
  return size > 1 ? Math.max(0, Math.min(GATHER_MAX_MS, returnUntilMs - nowMs)) : 0;
}
