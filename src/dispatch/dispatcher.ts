import type { PullingCarrier } from "../ledger/carriers.ts";
import { CARRIER_BYTES_MAX, CARRIER_OPERATIONS_MAX } from "../workflows/contract.ts";
import { DispatchError } from "./dispatchError.ts";
import { createGathering } from "./gathering.ts";
import { type DispatchLimits, decideStart, mayQueue, retryAfterSeconds } from "./policy.ts";
import { createPulling, mayPull, type Puller } from "./pulling.ts";
import { type Batch, createQueue, type Dispatched, type QueueEntry, type TakeLimits } from "./queue.ts";
import { createStarts, type StartsOptions } from "./starts.ts";

/** Limits of a dispatcher. The benchmark sets others to measure one workflow for each operation. */
export type DispatcherLimits = DispatchLimits & {
  /** Whether carriers that post in this process pull from the queue. */
  pulls: boolean;
};

export type DispatcherOptions = Partial<DispatcherLimits> & StartsOptions;

export type Dispatcher = ReturnType<typeof createDispatcher>;

/**
 * Dispatches operations to carriers by group commit. A carrier whose activity runs in this process pulls: it posts the
 * queue batch by batch, without a workflow start for each. While no carrier pulls, operations that arrive during a
 * start share the next carrier.
 */
export function createDispatcher(options: DispatcherOptions) {
  const { operationsMax = CARRIER_OPERATIONS_MAX, carriersMax = 2, pulls = true } = options;
  const queue = createQueue();
  const starts = createStarts(options);
  const gathering = createGathering(queue, operationsMax);
  const pulling = createPulling({
    queue,
    gathering,
    operationsMax,
    isLastStart: starts.isLast,
    onEnd: () => void pump(),
  });
  let isPumping = false;

  /** Starts carriers while the policy allows it. Called after each event that can change its decision. */
  async function pump(): Promise<void> {
    if (isPumping) return;
    isPumping = true;
    // No await after the last decision: an event before the end would be lost.
    try {
      while (queue.size() > 0) {
        // While gathering, operations arrive and a carrier may begin to pull: decide again.
        if (!pulling.current() && decide() === "start") await gathering.gather();
        const decision = decide();
        if (decision === "wait") return;
        if (decision === "refuse") return refuseQueued(backpressure(starts.oldestAgeMs()));
        const puller = pulling.current();
        const taken = queue.take(puller ? forSuccessor(puller) : { operationsMax, bytesMax: CARRIER_BYTES_MAX });
        // Empty where a start failed meanwhile: it refused the whole queue.
        if (taken.length > 0) void startCarrier(taken);
      }
    } finally {
      isPumping = false;
    }
  }

  function decide() {
    const puller = pulling.current();
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
      const puller = pulling.current();
      const isPullable = ({ batch }: QueueEntry) => puller !== undefined && mayPull(puller, batch);
      refuse(
        taken.filter((entry) => !isPullable(entry)),
        error,
      );
      // If the start took place after all, its carrier posts the same operations: a replay.
      queue.putBack(taken.filter(isPullable));
      pulling.wake();
      // A pulling carrier serves the queue. Another start at once would probably fail too.
      if (puller) return;
      refuseQueued(new DispatchError("temporal_unavailable", { cause: error }));
    }
    if (!pulling.current()) gathering.noteBatch(taken, startedAtMs);
    void pump();
  }

  function refuseQueued(error: DispatchError): void {
    refuse(queue.take({ operationsMax: Number.POSITIVE_INFINITY }), error);
  }

  function refuse(entries: readonly QueueEntry[], error: unknown): void {
    for (const { reject, mayBeStored } of entries) {
      reject(mayBeStored ? new DispatchError("outcome_unknown", { cause: error }) : error);
    }
  }

  /**
   * Gives the batch to one carrier. Resolves once it is durable: its carrier has started, or has committed it.
   * @throws DispatchError `backpressure` where the caller's share of the queue is full; else the error of the start
   */
  function dispatch(batch: Batch, requestId: string): Promise<Dispatched> {
    if (!mayQueue(queue.heldBy(batch), queue.operations(), batch.operations.length)) {
      return Promise.reject(backpressure(oldestQueuedAgeMs()));
    }
    return new Promise((resolve, reject) => {
      queue.push({ batch, requestId, queuedAtMs: performance.now(), resolve, reject });
      pulling.wake();
      void pump();
    });
  }

  function oldestQueuedAgeMs(): number {
    const nowMs = performance.now();
    return nowMs - (queue.oldestAtMs() ?? nowMs);
  }

  return {
    dispatch,

    /** Pulls for this carrier, unless the process only starts carriers. Resolves when it must end. */
    pull: async (carrier: PullingCarrier): Promise<void> => (pulls ? await pulling.pull(carrier) : undefined),

    /** Whether a carrier of this process pulls and may take this batch. Its posting then returns stored operations. */
    isPulling(batch: Batch): boolean {
      const puller = pulling.current();
      return puller !== undefined && mayPull(puller, batch);
    },

    load: () => ({
      queuedOperations: queue.operations(),
      oldestQueuedAgeMs: oldestQueuedAgeMs(),
      uncommittedCarriers: starts.counts().uncommitted,
    }),

    /** Shutdown: ends pulling. New carriers take the rest of the queue. */
    stop: pulling.stop,
  };
}

function backpressure(oldestAgeMs: number): DispatchError {
  return new DispatchError("backpressure", { retryAfterSeconds: retryAfterSeconds(oldestAgeMs) });
}
