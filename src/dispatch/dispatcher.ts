import { setTimeout as sleep } from "node:timers/promises";
import type { PullingCarrier } from "../ledger/carriers.ts";
import { withTimeout } from "../lib/timeout.ts";
import { CARRIER_BYTES_MAX, CARRIER_OPERATIONS_MAX } from "../workflows/contract.ts";
import { DispatchError } from "./dispatchError.ts";
import { createGathering } from "./gathering.ts";
import { decideStart, LINGER_MS, OVERTIME_MS, WINDOW_MS } from "./policy.ts";
import { type Batch, createQueue, type Dispatched, isReserving, type Queued, type TakeLimits } from "./queue.ts";
import { createStarts, type StartsOptions, storedBefore } from "./starts.ts";

/** Sixteen full carriers, a few seconds of work; beyond, callers get `503 backpressure`. */
const QUEUED_OPERATIONS_MAX = 16 * CARRIER_OPERATIONS_MAX;
/** A pulled batch that is not posted by then goes to Temporal as the input of a carrier, while its posting may still commit. */
const PULLED_POST_TIMEOUT_MS = 2_000;

/** What a dispatcher is limited to; the benchmark measures one workflow an operation with other limits. */
export type DispatcherLimits = {
  operationsMax: number;
  carriersMax: number;
  /** Whether carriers that post in this process pull from the queue. */
  pulls: boolean;
};

export type DispatcherOptions = Partial<DispatcherLimits> & StartsOptions;

export type Dispatcher = ReturnType<typeof createDispatcher>;

type Puller = { carrier: PullingCarrier; windowEndsAtMs: number; isRelieved: boolean };

/**
 * Hands operations to carriers by group commit. A carrier whose activity runs in this process pulls: it posts one batch of the queue after
 * the other, so that callers do not wait for the start of a workflow. Where no carrier pulls, operations gather while one is on its way,
 * and share the next.
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

  /** Starts carriers as long as one may be started. To be called whenever that may have changed. */
  async function pump(): Promise<void> {
    if (isPumping) return;
    isPumping = true;
    // Between the last decision and the end there is no await: a change in between would start nothing.
    try {
      while (queue.size() > 0) {
        // Meanwhile more may come, and a carrier may begin to pull.
        if (!puller && decide() === "start") await gather();
        const decision = decide();
        if (decision === "wait") return;
        if (decision === "refuse") return refuseQueued(new DispatchError("backpressure"));
        const taken = queue.take(puller ? forSuccessor(puller) : { operationsMax, bytesMax: CARRIER_BYTES_MAX });
        // What gathered behind a start that failed was refused with it.
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

  /** The input of the carrier that relieves a puller: what that cannot take, else the first in the queue, so that one caller waits. */
  function forSuccessor(current: Puller): TakeLimits {
    const blocked = queue.find((batch) => !mayPull(current, batch));
    if (!blocked) return { operationsMax: 1 };
    return {
      operationsMax,
      bytesMax: CARRIER_BYTES_MAX,
      mayTake: (batch) => batch === blocked || (!blocked.isAtomic && !batch.isAtomic && !mayPull(current, batch)),
    };
  }

  /** Starts the next carrier. Where it does not start, nothing of what gathered behind it was sent. */
  async function startCarrier(taken: Queued[]): Promise<void> {
    const startedAtMs = performance.now();
    try {
      await starts.run(taken);
    } catch (error) {
      for (const { reject } of taken) reject(error);
      // The carrier that pulls serves what gathered; another attempt at once would refuse that, one after the other.
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
   * Hands the batch to one carrier, and resolves once nothing of it can be lost: its carrier has started, or has committed it.
   * @throws DispatchError `backpressure` where too much is waiting; otherwise what the start failed with
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

  /** Takes over at once from the carrier that pulls. A carrier that another process started pulls only where none does. */
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

  /** Resolves to false where the carrier is to end: it is relieved, its overtime is over, or nothing came for a while. */
  async function hasWork(current: Puller): Promise<boolean> {
    const lingerUntilMs = performance.now() + LINGER_MS;
    for (;;) {
      const nowMs = performance.now();
      if (current.isRelieved || isStopping || nowMs >= current.windowEndsAtMs + OVERTIME_MS) return false;
      if (queue.find((batch) => mayPull(current, batch))) return true;
      if (nowMs >= lingerUntilMs && queue.size() === 0) return false;
      const arrived = Promise.withResolvers<void>();
      onArrival = arrived.resolve;
      // Behind what it cannot take it goes on until it is relieved.
      await Promise.race([arrived.promise, sleep(nowMs < lingerUntilMs ? lingerUntilMs - nowMs : LINGER_MS)]);
    }
  }

  /** @returns false where the batch was not posted in time: it is at the front of the queue again, for a carrier of its own */
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

    /** Whether a carrier of this process pulls, and may pull this batch, so that a stored operation is answered by its posting. */
    isPulling: (batch?: Batch): boolean => puller !== undefined && (batch === undefined || mayPull(puller, batch)),

    load() {
      const nowMs = performance.now();
      return {
        queuedOperations: queue.operations(),
        oldestQueuedAgeMs: nowMs - (queue.oldestAtMs() ?? nowMs),
        uncommittedCarriers: starts.counts().uncommitted,
      };
    },

    /** Shutdown: ends pulling. What is still queued is started as carriers. */
    stop(): void {
      isStopping = true;
      onArrival();
    },
  };
}

function mayPull({ carrier }: Puller, batch: Batch): boolean {
  return !batch.isAtomic && (carrier.isSaga || !isReserving(batch));
}
