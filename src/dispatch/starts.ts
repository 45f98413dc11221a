import { setTimeout as sleep } from "node:timers/promises";
import { v7 as uuidv7 } from "uuid";
import type { CarrierInput } from "../ledger/carriers.ts";
import type { Posted } from "../ledger/posted.ts";
import { carrierId } from "../workflows/contract.ts";
import type { Batch, Dispatched, QueueEntry } from "./queue.ts";

/** After this time an uncommitted carrier no longer delays the next start. */
const START_TIMEOUT_MS = 1_000;
/** Interval of the check that an uncommitted carrier still runs: a terminated one never commits. */
const EXISTENCE_CHECK_MS = 5_000;

/** A batch whose carrier has only started: stored operations are not determined yet. */
const NONE_STORED: Dispatched["storedBefore"] = new Map();

export type StartsOptions = {
  /**
   * Starts a carrier for the requests with these ids, and returns its id.
   * @throws DispatchError where the start failed or its outcome is unknown
   */
  start(workflowId: string, input: CarrierInput, requestIds: string[]): Promise<string>;
  /** Whether a carrier is running. @throws where Temporal does not respond in time */
  isRunning(workflowId: string): Promise<boolean>;
  /** Resolves once the operation is stored, or on abort. */
  awaitOutcome(operationId: string, signal: AbortSignal): Promise<unknown>;
};

/**
 * Starts carriers and counts those whose input is not confirmed in the ledger. Two starts of one batch share a workflow
 * id; each counts.
 */
export function createStarts({ start, isRunning, awaitOutcome }: StartsOptions) {
  let starting = 0;
  /** The starts of uncommitted carriers, the oldest first. */
  const uncommitted = new Set<{ startedAtMs: number }>();
  let lastId: string | undefined;

  /** Counts the carrier as uncommitted until its input is stored, or it no longer runs. */
  async function watch(carrier: { workflowId: string; over: AbortController }, operationId: string): Promise<void> {
    const place = { startedAtMs: performance.now() };
    uncommitted.add(place);
    const checks = setInterval(async () => {
      const exists = await isRunning(carrier.workflowId).catch(() => true);
      if (!exists) carrier.over.abort();
    }, EXISTENCE_CHECK_MS);
    await awaitOutcome(operationId, carrier.over.signal);
    clearInterval(checks);
    uncommitted.delete(place);
  }

  async function startAndWatch(taken: QueueEntry[]): Promise<void> {
    const operations = taken.flatMap(({ batch }) => batch.operations);
    const { workflowId = carrierId(operations, uuidv7), isAtomic } = taken[0]!.batch;
    const carrier = { workflowId, over: new AbortController() };
    lastId = workflowId;
    const committed = watch(carrier, operations[0]!.operationId);
    try {
      const requestIds = taken.map(({ requestId }) => requestId);
      carrier.workflowId = await start(workflowId, { operations, ...(isAtomic && { isAtomic }) }, requestIds);
      lastId = carrier.workflowId;
    } catch (error) {
      carrier.over.abort();
      throw error;
    }
    const dispatched = { workflowId: carrier.workflowId, storedBefore: NONE_STORED, isCommitted: false };
    for (const { resolve } of taken) resolve(dispatched);
    await Promise.race([committed, sleep(START_TIMEOUT_MS)]);
  }

  return {
    /**
     * Starts a carrier of these entries, and resolves the entries once it has started. The returned promise delays the
     * next start. It resolves once the input is in the ledger, at the latest a second after the start.
     * @throws the error of `start`; then no entry is resolved
     */
    async run(taken: QueueEntry[]): Promise<void> {
      starting += 1;
      try {
        await startAndWatch(taken);
      } finally {
        starting -= 1;
      }
    },

    counts: () => ({ starting, uncommitted: uncommitted.size }),

    /** How long the oldest uncommitted carrier has waited; 0 without one. */
    oldestAgeMs(): number {
      const [oldest] = uncommitted;
      return oldest ? performance.now() - oldest.startedAtMs : 0;
    },

    /** Whether this carrier was started last: then it relieves the current puller. */
    isLast: (workflowId: string): boolean => workflowId === lastId,
  };
}

/** Operations that an earlier posting stored. One that occurs twice in this posting is new for both callers. */
export function storedBefore({ operations }: Batch, { stored }: Posted): Dispatched["storedBefore"] {
  if (stored.length === 0) return NONE_STORED;
  const ids = new Set(operations.map(({ operationId }) => operationId));
  return new Map(stored.filter(({ operationId }) => ids.has(operationId)).map((one) => [one.operationId, one]));
}
