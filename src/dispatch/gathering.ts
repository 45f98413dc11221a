import { setTimeout as sleep } from "node:timers/promises";
import { GATHER_STEP_MS, gatherMaxMs, type LastBatch } from "./policy.ts";
import type { Queue, Queued } from "./queue.ts";

/** The batching delay: how long a batch waits for callers of the one before, which return soon after it. */
export function createGathering(queue: Pick<Queue, "size" | "operations">, operationsMax: number) {
  let last: LastBatch = { size: 0, returnUntilMs: 0 };

  /** Waits for callers that are likely to return: until a step brings none, the queue holds a full carrier, or the time is over. */
  async function gather(): Promise<void> {
    const untilMs = performance.now() + gatherMaxMs(last, performance.now());
    for (let queued = -1; queued < queue.size() && queue.operations() < operationsMax; ) {
      queued = queue.size();
      const waitMs = Math.min(GATHER_STEP_MS, untilMs - performance.now());
      if (waitMs <= 0) return;
      await sleep(waitMs);
    }
  }

  function noteBatch(taken: Queued[], startedAtMs: number): void {
    const nowMs = performance.now();
    last = { size: taken.length, returnUntilMs: nowMs + (nowMs - startedAtMs) };
  }

  return { gather, noteBatch };
}
