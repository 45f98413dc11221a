import { setTimeout as sleep } from "node:timers/promises";
import type { Operation } from "../ledger/operations.ts";
import { CARRIER_BYTES_MAX, CARRIER_OPERATIONS_MAX, carrierId } from "../workflows/contract.ts";
import { DispatchError } from "./dispatchError.ts";

/** While PostgreSQL is away, carriers wait in Temporal, where each can be seen; beyond this many, callers are asked to come back. */
const UNCOMMITTED_CARRIERS_MAX = 32;
/** What may wait for the next carriers, in operations: four carriers full. */
const QUEUED_OPERATIONS_MAX = 4 * CARRIER_OPERATIONS_MAX;
/** A carrier that is not in the ledger by then holds up the next one no longer. */
const LANE_TIMEOUT_MS = 1_000;
/** After a shared carrier, whoever it answered has a moment to ask again: without it, callers fall into two batches that alternate. */
const GATHER_MS = 1;
/** How often it is asked whether a carrier that stays out of the ledger still exists: a terminated one never arrives. */
const EXISTENCE_CHECK_MS = 5_000;

export type Dispatcher = ReturnType<typeof createDispatcher>;

export type DispatcherOptions = {
  /** Starts a carrier. @throws DispatchError where it did not start, or may not have. */
  start(workflowId: string, operations: Operation[]): Promise<void>;
  /** Whether a carrier is under way. @throws where that cannot be known. */
  isRunning(workflowId: string): Promise<boolean>;
  /** Resolves as soon as the operation is stored, or on abort. */
  awaitStored(operationId: string, signal: AbortSignal): Promise<unknown>;
};

type Queued = {
  operation: Operation;
  bytes: number;
  resolve(workflowId: string): void;
  reject(error: unknown): void;
};

/**
 * Group commit. While nothing is on its way, an operation gets a carrier of its own at once. While a carrier is on its way into the
 * ledger, operations gather and share the next one: the machine carries some sixty workflows a second, so under load it is the
 * number of operations in each that decides how many are done. One carrier on its way at a time: two make smaller batches.
 */
export function createDispatcher({ start, isRunning, awaitStored }: DispatcherOptions) {
  const queue: Queued[] = [];
  const uncommitted = new Map<string, () => void>();
  let laneBusy = false;

  async function pump(): Promise<void> {
    if (laneBusy) return;
    laneBusy = true;
    try {
      await launchAll();
    } finally {
      laneBusy = false;
    }
  }

  async function launchAll(): Promise<void> {
    while (queue.length > 0) {
      if (uncommitted.size >= UNCOMMITTED_CARRIERS_MAX) {
        for (const { reject } of queue.splice(0)) reject(new DispatchError("backpressure"));
        break;
      }
      const batch = takeBatch(queue);
      await launch(batch);
      if (batch.length > 1) await sleep(GATHER_MS);
    }
  }

  /** Ends once the batch is in the ledger, or has been given long enough to be; its callers are answered as soon as it has started. */
  async function launch(batch: Queued[]): Promise<void> {
    const operations = batch.map(({ operation }) => operation);
    const workflowId = carrierId(operations, () => crypto.randomUUID());
    const stored = watch(workflowId, operations[0]!.operationId);
    try {
      await start(workflowId, operations);
    } catch (error) {
      uncommitted.get(workflowId)?.();
      for (const { reject } of batch) reject(error);
      // Who gathered behind it has waited as long as anyone should, and nothing of theirs was sent.
      for (const { reject } of queue.splice(0)) reject(new DispatchError("temporal_unavailable", { cause: error }));
      return;
    }
    for (const { resolve } of batch) resolve(workflowId);
    await Promise.race([stored, sleep(LANE_TIMEOUT_MS)]);
  }

  /** Counts the carrier as uncommitted until it is in the ledger, or can no longer come there. */
  async function watch(workflowId: string, operationId: string): Promise<void> {
    const over = new AbortController();
    uncommitted.set(workflowId, () => over.abort());
    const checks = setInterval(async () => {
      const exists = await isRunning(workflowId).catch(() => true);
      if (!exists) over.abort();
    }, EXISTENCE_CHECK_MS);
    await awaitStored(operationId, over.signal);
    clearInterval(checks);
    uncommitted.delete(workflowId);
  }

  return {
    /**
     * Hands the operation to a carrier and returns its workflow's id as soon as that has started.
     * @throws DispatchError `backpressure` where too much is waiting already; otherwise what the start failed with.
     */
    dispatch(operation: Operation): Promise<string> {
      if (queue.length >= QUEUED_OPERATIONS_MAX) return Promise.reject(new DispatchError("backpressure"));
      return new Promise((resolve, reject) => {
        queue.push({ operation, bytes: Buffer.byteLength(JSON.stringify(operation)), resolve, reject });
        void pump();
      });
    },

    /** A worker of this process has committed the carrier: a hint that saves asking the ledger. */
    onCommitted(workflowId: string): void {
      uncommitted.get(workflowId)?.();
    },
  };
}

/** Takes from the front of the queue what fits into one carrier. */
function takeBatch(queue: Queued[]): Queued[] {
  let bytes = 0;
  let count = 0;
  for (const queued of queue) {
    bytes += queued.bytes;
    if (count > 0 && (bytes > CARRIER_BYTES_MAX || count === CARRIER_OPERATIONS_MAX)) break;
    count += 1;
  }
  return queue.splice(0, count);
}
