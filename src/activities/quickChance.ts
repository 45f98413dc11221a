import { withTimeLimit } from "../timeLimit.ts";

/** How long a store that failed is left alone: long enough to cost nothing while it is away, short enough to notice that it is back. */
const LEAVE_ALONE_MS = 5_000;

/** One quick chance at a store. */
export type QuickChance = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** Says that the store was not even asked. */
export class RecentTrouble extends Error {
  override name = "RecentTrouble";
}

/**
 * Gives work on one store a quick chance of `limitMs`, and none at all while the store has failed in the last 5 s. Work that is given up
 * may still go on and end, which is why only what is safe to run twice may be tried this way.
 */
export function createQuickChance(store: string, limitMs: number, nowMs: () => number = Date.now): QuickChance {
  let failedAtMs = Number.NEGATIVE_INFINITY;

  return async (work) => {
    if (nowMs() - failedAtMs < LEAVE_ALONE_MS) throw new RecentTrouble(`${store} failed a moment ago`);
    try {
      return await withTimeLimit(store, limitMs, work());
    } catch (error) {
      failedAtMs = nowMs();
      throw error;
    }
  };
}
