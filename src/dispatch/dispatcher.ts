import { setTimeout as sleep } from "node:timers/promises";
import type { PullingCarrier } from "../ledger/carriers.ts";
import { withTimeout } from "../lib/timeout.ts";
import { CARRIER_BYTES_MAX, CARRIER_OPERATIONS_MAX } from "../workflows/contract.ts";
import { DispatchError } from "./dispatchError.ts";
import { createGathering } from "./gathering.ts";
import { decideStart, LINGER_MS, OVERTIME_MS, WINDOW_MS } from "./policy.ts";
import { type Batch, createQueue, type Dispatched, isReserving, type QueueEntry, type TakeLimits } from "./queue.ts";
import { createStarts, type StartsOptions, storedBefore } from "./starts.ts";

/** Sixteen full carriers: a few seconds of work. Above it, callers get `503 backpressure`. */
const QUEUED_OPERATIONS_MAX = 16 * CARRIER_OPERATIONS_MAX;
/**
 * After this timeout a pulled batch becomes the input of a new carrier. Its first posting may still commit: operations
 * are idempotent.
 */
const PULLED_POST_TIMEOUT_MS = 2_000;

/** Limits of a dispatcher. The benchmark sets others to measure one workflow for each operation. */
export type DispatcherLimits = {
  operationsMax: number;
  carriersMax: number;
  /** Whether carriers that post in this process pull from the queue. */
  pulls: boolean;
};

export type DispatcherOptions = Partial<DispatcherLimits> & StartsOptions;

export type Dispatcher = ReturnType<typeof createDispatcher>;

/** The carrier that pulls from the queue. `isRelieved` once its successor pulls. */
type Puller = { carrier: PullingCarrier; windowEndsAtMs: number; isRelieved: boolean };

/**
 * Dispatches operations to carriers by group commit. A carrier whose activity runs in this process pulls: it posts the
 * queue batch by batch, without a workflow start for each. While no carrier pulls, operations that arrive during a
 * start share the next carrier.
 */
export function createDispatcher(options: DispatcherOptions) {
  const { operationsMax = CARRIER_OPERATIONS_MAX, carriersMax = 2, pulls = true } = options;
  const queue = createQueue();
  const starts = createStarts(options);
  const { gather, noteBatch } = createGathering(queue, operationsMax);
  let puller: Puller | undefined;
  let isPumping = false;
  let isStopping = false;
  let onArrival = (): void => {};

  /** Starts carriers while the policy allows it. Called after each event that can change its decision. */
  async function pump(): Promise<void> {
    if (isPumping) return;
    isPumping = true;
    // No await after the last decision: an event before the end would be lost.
    try {
      while (queue.size() > 0) {
        // While gathering, operations arrive and a carrier may begin to pull: decide again.
        if (!puller && decide() === "start") await gather();
        const decision = decide();
        if (decision === "wait") return;
        if (decision === "refuse") return refuseQueued(new DispatchError("backpressure"));
        const taken = queue.take(puller ? forSuccessor(puller) : { operationsMax, bytesMax: CARRIER_BYTES_MAX });
        // Empty where a start failed meanwhile: it refused the whole queue.
        if (taken.length > 0) void startCarrier(taken);
      }
    } finally {
      isPumping = false;
    }
  }

  function decide() {
    const state = {
      queuedOperations: queue.operations(),
      ...starts.counts(),
      ...(puller && {
        puller: {
          isWindowOver: performance.now() >= puller.windowEndsAtMs,
          isBlocked: queue.isBlocking(puller.carrier.isSaga),
        },
      }),
    };
    return decideStart(state, { operationsMax, carriersMax });
  }

  /**
   * Limits for the input of a puller's successor. It gets the batches that the puller cannot take, else one entry, so
   * that only one caller waits for the start.
   */
  function forSuccessor(current: Puller): TakeLimits {
    const blocked = queue.find((batch) => !mayPull(current, batch));
    if (!blocked) return { operationsMax: 1 };
    return {
      operationsMax,
      bytesMax: CARRIER_BYTES_MAX,
      mayTake: (batch) => batch === blocked || (!blocked.isAtomic && !batch.isAtomic && !mayPull(current, batch)),
    };
  }

  /** Starts the next carrier. Where the start fails, refuses the queue behind it: none of that was sent. */
  async function startCarrier(taken: QueueEntry[]): Promise<void> {
    const startedAtMs = performance.now();
    try {
      await starts.run(taken);
    } catch (error) {
      for (const { reject } of taken) reject(error);
      // A pulling carrier serves the queue. Another start at once would probably fail too, and refuse the next entries.
      if (puller) return;
      refuseQueued(new DispatchError("temporal_unavailable", { cause: error }));
    }
    if (!puller) noteBatch(taken, startedAtMs);
    void pump();
  }

  function refuseQueued(error: DispatchError): void {
    for (const { reject } of queue.take({ operationsMax: Number.POSITIVE_INFINITY })) reject(error);
  }

  /**
   * Gives the batch to one carrier. Resolves once it is durable: its carrier has started, or has committed it.
   * @throws DispatchError `backpressure` where the queue is full; otherwise the error of the start
   */
  function dispatch(batch: Batch, requestId: string): Promise<Dispatched> {
    if (queue.operations() + batch.operations.length > QUEUED_OPERATIONS_MAX) {
      return Promise.reject(new DispatchError("backpressure"));
    }
    return new Promise((resolve, reject) => {
      queue.push({ batch, requestId, queuedAtMs: performance.now(), resolve, reject });
      onArrival();
      void pump();
    });
  }

  /**
   * Pulls for this carrier, in place of the current puller. A carrier that was not this process's last start pulls only
   * while none does.
   */
  async function pull(carrier: PullingCarrier): Promise<void> {
    if (!pulls || isStopping || (puller && !starts.isLast(carrier.workflowId))) return;
    if (puller) puller.isRelieved = true;
    const current: Puller = { carrier, windowEndsAtMs: performance.now() + WINDOW_MS, isRelieved: false };
    puller = current;
    onArrival();
    try {
      while (await hasWork(current)) {
        const isPosted = await postNext(current);
        if (!isPosted) break;
        await carrier.isReady();
      }
    } finally {
      if (puller === current) puller = undefined;
      void pump();
    }
  }

  /**
   * Resolves to false where the carrier must end. It is relieved, its overtime is over, the queue stayed empty, or the
   * process stops.
   */
  async function hasWork(current: Puller): Promise<boolean> {
    const lingerUntilMs = performance.now() + LINGER_MS;
    for (;;) {
      const nowMs = performance.now();
      if (current.isRelieved || isStopping || nowMs >= current.windowEndsAtMs + OVERTIME_MS) return false;
      if (queue.find((batch) => mayPull(current, batch))) return true;
      if (nowMs >= lingerUntilMs && queue.size() === 0) return false;
      const arrived = Promise.withResolvers<void>();
      onArrival = arrived.resolve;
      // With only batches in the queue that it cannot take, it waits for its successor.
      await Promise.race([arrived.promise, sleep(nowMs < lingerUntilMs ? lingerUntilMs - nowMs : LINGER_MS)]);
    }
  }

  /**
   * Posts the next batch.
   * @returns false where the posting failed or timed out; its entries are then back at the front of the queue, for
   * another carrier
   */
  async function postNext(current: Puller): Promise<boolean> {
    await gather();
    const taken = queue.take({ operationsMax, mayTake: (batch) => mayPull(current, batch) });
    if (taken.length === 0) return true;
    const startedAtMs = performance.now();
    const posting = current.carrier.post(taken.flatMap(({ batch }) => batch.operations));
    try {
      const posted = await withTimeout("The posting", PULLED_POST_TIMEOUT_MS, posting);
      const { workflowId } = current.carrier;
      for (const { batch, resolve } of taken) {
        resolve({ workflowId, storedBefore: storedBefore(batch, posted), isCommitted: true });
      }
      noteBatch(taken, startedAtMs);
      return true;
    } catch {
      queue.putBack(taken);
      return false;
    }
  }

  return {
    dispatch,
    pull,

    /** Whether a carrier of this process pulls and may take this batch. Its posting then returns stored operations. */
    isPulling: (batch?: Batch): boolean => puller !== undefined && (batch === undefined || mayPull(puller, batch)),

    load() {
      const nowMs = performance.now();
      return {
        queuedOperations: queue.operations(),
        oldestQueuedAgeMs: nowMs - (queue.oldestAtMs() ?? nowMs),
        uncommittedCarriers: starts.counts().uncommitted,
      };
    },

    /** Shutdown: ends pulling. New carriers take the rest of the queue. */
    stop(): void {
      isStopping = true;
      onArrival();
    },
  };
}

function mayPull({ carrier }: Puller, batch: Batch): boolean {
  return !batch.isAtomic && (carrier.isSaga || !isReserving(batch));
}
