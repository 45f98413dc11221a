import { setTimeout as sleep } from "node:timers/promises";
import { GATHER_STEP_MS, gatherMaxMs, type LastBatch } from "./policy.ts";
import type { Queue, QueueEntry } from "./queue.ts";

export type Gathering = ReturnType<typeof createGathering>;

/** Batching delay: a batch waits for the callers of the previous one. They return soon after their answers. */
export function createGathering(queue: Pick<Queue, "size" | "operations">, operationsMax: number) {
  let last: LastBatch = { size: 0, returnUntilMs: 0 };

  /** Ends at a step without arrivals, at a full carrier, or at the maximum. */
  async function gather(): Promise<void> {
    const untilMs = performance.now() + gatherMaxMs(last, performance.now());
    for (let queued = -1; queued < queue.size() && queue.operations() < operationsMax; ) {
      queued = queue.size();
      const waitMs = Math.min(GATHER_STEP_MS, untilMs - performance.now());
      if (waitMs <= 0) return;
      await sleep(waitMs);
    }
  }

  function noteBatch(taken: QueueEntry[], startedAtMs: number): void {
    const nowMs = performance.now();
    last = { size: taken.length, returnUntilMs: nowMs + (nowMs - startedAtMs) };
  }

  return { gather, noteBatch };
}
