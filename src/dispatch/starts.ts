import { setTimeout as sleep } from "node:timers/promises";
import { v7 as uuidv7 } from "uuid";
import type { CarrierInput } from "../ledger/carriers.ts";
import type { Posted } from "../ledger/posted.ts";
import { carrierId } from "../workflows/contract.ts";
import type { Batch, Dispatched, Queued } from "./queue.ts";

/** After this time a carrier whose input is not committed no longer holds up the next one. */
const START_TIMEOUT_MS = 1_000;
/** How often an uncommitted carrier is looked up: a terminated one never commits. */
const EXISTENCE_CHECK_MS = 5_000;

/** Nothing of a batch is known to be stored where its carrier has only started. */
const NONE_STORED: Dispatched["storedBefore"] = new Map();

export type StartsOptions = {
  /** Starts a carrier for the requests with these ids, and returns its id. @throws DispatchError where it did not start, or may not have */
  start(workflowId: string, input: CarrierInput, requestIds: string[]): Promise<string>;
  /** Whether a carrier is under way. @throws where that cannot be known */
  isRunning(workflowId: string): Promise<boolean>;
  /** Resolves as soon as the operation is stored, or on abort. */
  awaitOutcome(operationId: string, signal: AbortSignal): Promise<unknown>;
};

/** Starts carriers, and counts those whose input is not known to be in the ledger. Two starts of one batch share an id; each counts. */
export function createStarts({ start, isRunning, awaitOutcome }: StartsOptions) {
  let starting = 0;
  let uncommitted = 0;
  let lastId: string | undefined;

  /** Counts the carrier as uncommitted until its input is in the ledger, or can no longer come there. */
  async function watch(carrier: { workflowId: string; over: AbortController }, operationId: string): Promise<void> {
    uncommitted += 1;
    const checks = setInterval(async () => {
      const exists = await isRunning(carrier.workflowId).catch(() => true);
      if (!exists) carrier.over.abort();
    }, EXISTENCE_CHECK_MS);
    await awaitOutcome(operationId, carrier.over.signal);
    clearInterval(checks);
    uncommitted -= 1;
  }

  async function startAndWatch(taken: Queued[]): Promise<void> {
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
     * Starts a carrier of these entries, and answers their callers as soon as it has started. Resolves once its input is in the ledger, or
     * after a second: so long it holds up the next one. @throws what `start` throws; then no caller was answered
     */
    async run(taken: Queued[]): Promise<void> {
      starting += 1;
      try {
        await startAndWatch(taken);
      } finally {
        starting -= 1;
      }
    },

    counts: () => ({ starting, uncommitted }),

    /** Whether this carrier was started last: then it relieves the one that pulls. */
    isLast: (workflowId: string): boolean => workflowId === lastId,
  };
}

/** Only what another posting has stored: an operation that stands twice in one posting is new for both of its callers. */
export function storedBefore({ operations }: Batch, { stored }: Posted): Dispatched["storedBefore"] {
  if (stored.length === 0) return NONE_STORED;
  const ids = new Set(operations.map(({ operationId }) => operationId));
  return new Map(stored.filter(({ operationId }) => ids.has(operationId)).map((one) => [one.operationId, one]));
}
