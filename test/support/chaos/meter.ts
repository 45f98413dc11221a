import { setTimeout as sleep } from "node:timers/promises";

const BUCKET_MS = 100;
/** Short enough to see a recovery, long enough to smooth random gaps. */
const WINDOW_MS = 1_000;

export type Meter = ReturnType<typeof createMeter>;

/**
 * Milliseconds from the end of a fault; undefined where the point was not reached.
 *
 * The points are the first answer and half of the rate.
 */
export type Recovery = { firstAnswerMs?: number | undefined; halfRateMs?: number | undefined };

/** Counts answers in intervals of a tenth of a second, for more than an hour. */
export function createMeter() {
  const startedAt = performance.now();
  const buckets: number[] = [];

  const now = () => performance.now() - startedAt;
  const bucketOf = (atMs: number) => Math.max(0, Math.floor(atMs / BUCKET_MS));

  /** Operations per second between two moments. */
  function rate(fromMs: number, toMs: number): number {
    const [from, to] = [bucketOf(fromMs), bucketOf(toMs)];
    const counted = buckets.slice(from, to).reduce((sum, count) => sum + count, 0);
    return to > from ? (counted * 1_000) / ((to - from) * BUCKET_MS) : 0;
  }

  function firstAfter(atMs: number): number | undefined {
    const first = buckets.findIndex((count, index) => index >= bucketOf(atMs) && count > 0);
    return first < 0 ? undefined : Math.max(0, first * BUCKET_MS - atMs);
  }

  const total = (fromMs: number) => buckets.slice(bucketOf(fromMs)).reduce((sum, count) => sum + count, 0);

  return {
    /** Milliseconds since the meter was created, which is the clock of the run. */
    now,
    rate,
    count(operations: number): void {
      const bucket = bucketOf(now());
      while (buckets.length <= bucket) buckets.push(0);
      buckets[bucket]! += operations;
    },

    /** Waits until this many operations are answered, at most `limitMs`. */
    async awaitCount(operations: number, limitMs: number, signal: AbortSignal): Promise<void> {
      const fromMs = now();
      while (total(fromMs) < operations && now() - fromMs < limitMs && !signal.aborted) await sleep(BUCKET_MS);
    },

    /**
     * Waits until the rate is back at half of `rateBefore`, at most `limitMs`. A rate that never fell counts as
     * recovered at once.
     */
    async awaitRecovery(backMs: number, rateBefore: number, limitMs: number, signal: AbortSignal): Promise<Recovery> {
      const isGood = (atMs: number) => rate(atMs - WINDOW_MS, atMs) >= rateBefore / 2;
      if (isGood(backMs)) return { firstAnswerMs: 0, halfRateMs: 0 };
      while (now() - backMs < limitMs && !signal.aborted) {
        await sleep(BUCKET_MS);
        if (isGood(now())) return { firstAnswerMs: firstAfter(backMs), halfRateMs: now() - backMs };
      }
      return { firstAnswerMs: firstAfter(backMs) };
    },
  };
}
