import { setTimeout as sleep } from "node:timers/promises";
import { deriveBatchId } from "../ledger/operationId.ts";
import type { Operation } from "../ledger/operations.ts";
import {
  batchCarrierId,
  CARRIER_BYTES_MAX,
  CARRIER_OPERATIONS_MAX,
  type CarrierInput,
  carrierId,
} from "../workflows/contract.ts";
import { DispatchError } from "./dispatchError.ts";

/** While PostgreSQL is away, carriers wait in Temporal, where each can be seen; beyond this many, callers are asked to come back. */
const UNCOMMITTED_CARRIERS_MAX = 32;
/** What may wait for the next carriers, in operations: sixteen carriers full, a few seconds of work. */
const QUEUED_OPERATIONS_MAX = 16 * CARRIER_OPERATIONS_MAX;
/** Where as much waits as a carrier holds, one goes beside that which is on its way. More than two would only wait for the same processors. */
const CARRIERS_ON_THEIR_WAY_MAX = 2;
/** A carrier that is not in the ledger by then holds up the next one no longer. */
const LANE_TIMEOUT_MS = 1_000;
/** As long as this brings more callers, more are likely to come. */
const GATHER_STEP_MS = 3;
/** How often it is asked whether a carrier that stays out of the ledger still exists: a terminated one never arrives. */
const EXISTENCE_CHECK_MS = 5_000;

export type Dispatcher = ReturnType<typeof createDispatcher>;

export type DispatcherOptions = {
  /** Starts a carrier for the requests with these ids. @throws DispatchError where it did not start, or may not have. */
  start(workflowId: string, input: CarrierInput, requestIds: string[]): Promise<void>;
  /** Whether a carrier is under way. @throws where that cannot be known. */
  isRunning(workflowId: string): Promise<boolean>;
  /** Resolves as soon as the operation is stored, or on abort. */
  awaitStored(operationId: string, signal: AbortSignal): Promise<unknown>;
  /** Whether a caller still waits for the ledger's word on the operation. */
  isAwaited(operationId: string): boolean;
  /** How many operations are on their way here, still being looked for in the ledger. */
  approaching(): number;
  /** Off, every operation gets a carrier of its own, many side by side: what grouping is measured against. On by default. */
  grouping?: boolean;
};

/** A list that its caller has put together, and the id of its carrier where that carries nothing else. An atomic one shares it with nothing. */
export type Batch = CarrierInput & { workflowId: string };

/** The id of the workflow of a batch that shares it with nothing: told by its operations, in their order, and whether it is atomic. */
export function nameBatch(operationIds: readonly string[], isAtomic: boolean): string {
  return batchCarrierId(deriveBatchId(operationIds, isAtomic));
}

/** Of two that bear one name, a batch that was sent twice, each counts. */
type Uncommitted = { workflowId: string; over: AbortController };

type Queued = {
  batch: CarrierInput & { workflowId?: string };
  requestId: string;
  bytes: number;
  resolve(workflowId: string): void;
  reject(error: unknown): void;
};

/**
 * Group commit. While nothing is on its way, an operation gets a carrier of its own at once. While a carrier is on its way into the
 * ledger, operations and batches gather and share the next one: the machine carries some sixty workflows a second, so under load it is the
 * number of operations in each that decides how many are done. One carrier on its way at a time, since two make each other smaller; unless as
 * much waits as a carrier holds.
 */
export function createDispatcher(options: DispatcherOptions) {
  const { start, isRunning, awaitStored, isAwaited, approaching, grouping = true } = options;
  const queue: Queued[] = [];
  const uncommitted = new Set<Uncommitted>();
  let queuedOperations = 0;
  let queuedBytes = 0;
  let onTheirWay = 0;
  let isPumping = false;
  /** The carrier before: of how many operations, the last one of them, and until when those who come are most likely its callers again. */
  let last = { size: 0, operationId: "", gatherUntilMs: 0 };
  /** Hears that there are as many again as in the last carrier, or as fit into one. */
  let onEnough = (): void => {};

  /** Sends carriers off, as long as something waits that may go. To be called whenever that may have changed. */
  async function pump(): Promise<void> {
    if (isPumping) return;
    isPumping = true;
    while (queue.length > 0 && mayGo()) {
      if (uncommitted.size >= UNCOMMITTED_CARRIERS_MAX) {
        refuseQueued(new DispatchError("backpressure"));
        break;
      }
      if (last.size > 1) await gather();
      // What gathered behind one that did not start has been refused with it.
      if (queue.length > 0) void sendOff(take(takeNext(queue)));
    }
    isPumping = false;
  }

  function mayGo(): boolean {
    return onTheirWay === 0 || (isOneFull() && onTheirWay < CARRIERS_ON_THEIR_WAY_MAX);
  }

  /** Whether as much waits as a carrier holds. */
  function isOneFull(): boolean {
    return queuedOperations >= CARRIER_OPERATIONS_MAX || queuedBytes >= CARRIER_BYTES_MAX;
  }

  async function sendOff(taken: Queued[]): Promise<void> {
    onTheirWay += 1;
    const sentAtMs = Date.now();
    await launch(taken);
    onTheirWay -= 1;
    const endedAtMs = Date.now();
    const { operationId } = taken.at(-1)!.batch.operations.at(-1)!;
    last = { size: taken.length, operationId, gatherUntilMs: endedAtMs + (endedAtMs - sentAtMs) };
    void pump();
  }

  /**
   * Soon after a shared carrier, those whom it answered have time to ask again: without it, the first of them went alone and made all
   * others wait, and callers fell into two carriers, a full and an empty one, that alternated. It ends when as many are there again,
   * when no more come or fit, and in any case after as long as the last carrier took. A lone request never waits.
   */
  async function gather(): Promise<void> {
    const enough = Promise.withResolvers<void>();
    onEnough = enough.resolve;
    while (!isEnough() && Date.now() < last.gatherUntilMs) {
      const before = queue.length + approaching();
      const areAnswered = !isAwaited(last.operationId);
      await Promise.race([sleep(GATHER_STEP_MS), enough.promise]);
      if (areAnswered && queue.length === before && approaching() === 0) return;
    }
  }

  function isEnough(): boolean {
    return queue.length >= last.size || isOneFull();
  }

  /** Without grouping: as many carriers side by side as may be uncommitted, each with one operation; the others wait for their turn. */
  function launchAlone(): void {
    while (queue.length > 0 && uncommitted.size < UNCOMMITTED_CARRIERS_MAX) void launch(take(queue.splice(0, 1)));
  }

  /** Ends once the batch is in the ledger, or has been given long enough to be; its callers are answered as soon as it has started. */
  async function launch(taken: Queued[]): Promise<void> {
    const operations = taken.flatMap(({ batch }) => batch.operations);
    const [{ batch }, ...others] = taken as [Queued, ...Queued[]];
    const ownId = others.length === 0 ? batch.workflowId : undefined;
    const workflowId = ownId ?? carrierId(operations, () => crypto.randomUUID());
    const carrier = { workflowId, over: new AbortController() };
    const stored = watch(carrier, operations[0]!.operationId);
    try {
      await start(
        workflowId,
        { operations, ...(batch.isAtomic && { isAtomic: true }) },
        taken.map(({ requestId }) => requestId),
      );
    } catch (error) {
      carrier.over.abort();
      for (const { reject } of taken) reject(error);
      // Who gathered behind it has waited as long as anyone should, and nothing of theirs was sent.
      if (grouping) refuseQueued(new DispatchError("temporal_unavailable", { cause: error }));
      return;
    }
    for (const { resolve } of taken) resolve(workflowId);
    await Promise.race([stored, sleep(LANE_TIMEOUT_MS)]);
  }

  function take(taken: Queued[]): Queued[] {
    for (const { batch, bytes } of taken) {
      queuedOperations -= batch.operations.length;
      queuedBytes -= bytes;
    }
    return taken;
  }

  function refuseQueued(error: DispatchError): void {
    for (const { reject } of take(queue.splice(0))) reject(error);
  }

  function enqueue(batch: Queued["batch"], requestId: string): Promise<string> {
    const { operations } = batch;
    if (queuedOperations + operations.length > QUEUED_OPERATIONS_MAX) {
      return Promise.reject(new DispatchError("backpressure"));
    }
    const bytes = Buffer.byteLength(operations.map((operation) => JSON.stringify(operation)).join());
    queuedOperations += operations.length;
    queuedBytes += bytes;
    return new Promise((resolve, reject) => {
      queue.push({ batch, requestId, bytes, resolve, reject });
      if (isEnough()) onEnough();
      if (grouping) void pump();
      else launchAlone();
    });
  }

  /** Counts the carrier as uncommitted until it is in the ledger, or can no longer come there. */
  async function watch(carrier: Uncommitted, operationId: string): Promise<void> {
    const { workflowId, over } = carrier;
    uncommitted.add(carrier);
    const checks = setInterval(async () => {
      const exists = await isRunning(workflowId).catch(() => true);
      if (!exists) over.abort();
    }, EXISTENCE_CHECK_MS);
    await awaitStored(operationId, over.signal);
    clearInterval(checks);
    uncommitted.delete(carrier);
    if (!grouping) launchAlone();
  }

  return {
    /**
     * Hands the operation to a carrier and returns its workflow's id as soon as that has started, which names the request that asked for it.
     * @throws DispatchError `backpressure` where too much is waiting already; otherwise what the start failed with.
     */
    dispatch: (operation: Operation, requestId: string): Promise<string> =>
      enqueue({ operations: [operation] }, requestId),

    /** Hands the whole batch to one carrier. @throws as `dispatch` does. */
    dispatchBatch: (batch: Batch, requestId: string): Promise<string> => enqueue(batch, requestId),

    /** What waits for a carrier here, and what is under way. */
    load: () => ({ queuedOperations, uncommittedCarriers: uncommitted.size }),

    /** A worker of this process has committed the carrier: a hint that saves asking the ledger. */
    onCommitted(workflowId: string): void {
      for (const carrier of uncommitted) if (carrier.workflowId === workflowId) carrier.over.abort();
    },
  };
}

/** Takes from the front of the queue what fits into one carrier, batches whole; an atomic one goes alone. */
function takeNext(queue: Queued[]): Queued[] {
  let operations = 0;
  let bytes = 0;
  let count = 0;
  for (const { batch, bytes: more } of queue) {
    operations += batch.operations.length;
    bytes += more;
    const isTooMuch = operations > CARRIER_OPERATIONS_MAX || bytes > CARRIER_BYTES_MAX;
    if (count > 0 && (isTooMuch || batch.isAtomic)) break;
    count += 1;
    if (batch.isAtomic) break;
  }
  return queue.splice(0, count);
}
