import { setTimeout as sleep } from "node:timers/promises";
import type { PullingCarrier } from "../ledger/carriers.ts";
import { withTimeout } from "../lib/timeout.ts";
import type { Gathering } from "./gathering.ts";
import { LINGER_MS, OVERTIME_MS, WINDOW_MS } from "./policy.ts";
import { type Batch, isReserving, type Queue } from "./queue.ts";
import { storedBefore } from "./starts.ts";

/**
 * After this timeout a pulled batch becomes the input of a new carrier. Its first posting may still commit: operations
 * are idempotent.
 */
const PULLED_POST_TIMEOUT_MS = 2_000;

export type PullingOptions = {
  queue: Queue;
  gathering: Gathering;
  /** Operations of one posting. */
  operationsMax: number;
  /** Whether this process started the carrier last. */
  isLastStart(workflowId: string): boolean;
  /** Called when a carrier has stopped pulling. */
  onEnd(): void;
};

/** The carrier that pulls from the queue. `isRelieved` once its successor pulls. */
export type Puller = { carrier: PullingCarrier; windowEndsAtMs: number; isRelieved: boolean };

/** Posts the queue batch by batch under one carrier at a time. */
export function createPulling({ queue, gathering, operationsMax, isLastStart, onEnd }: PullingOptions) {
  let puller: Puller | undefined;
  let isStopping = false;
  let wake = (): void => {};

  /**
   * Pulls for this carrier, in place of the current puller. A carrier that was not this process's last start pulls only
   * while none does.
   */
  async function pull(carrier: PullingCarrier): Promise<void> {
    if (isStopping || (puller && !isLastStart(carrier.workflowId))) return;
    if (puller) puller.isRelieved = true;
    const current: Puller = { carrier, windowEndsAtMs: performance.now() + WINDOW_MS, isRelieved: false };
    puller = current;
    wake();
    try {
      while (await hasWork(current)) {
        const isPosted = await postNext(current);
        if (!isPosted) break;
        await carrier.isReady();
      }
    } finally {
      if (puller === current) puller = undefined;
      onEnd();
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
      wake = arrived.resolve;
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
    await gathering.gather();
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
      gathering.noteBatch(taken, startedAtMs);
      return true;
    } catch {
      queue.putBack(taken);
      return false;
    }
  }

  return {
    pull,

    /** The carrier that pulls now. */
    current: () => puller,

    /** Ends the wait of the current puller: the queue has changed. */
    wake: (): void => wake(),

    /** Shutdown: ends pulling. */
    stop(): void {
      isStopping = true;
      wake();
    },
  };
}

/** Whether this carrier may post the batch. */
export function mayPull({ carrier }: Puller, batch: Batch): boolean {
  return !batch.isAtomic && (carrier.isSaga || !isReserving(batch));
}
