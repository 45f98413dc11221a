import { setTimeout as sleep } from "node:timers/promises";

const BUCKET_MS = 100;
/** Short enough to see a recovery, long enough that chance does not look like one. */
const WINDOW_MS = 1_000;

export type Meter = ReturnType<typeof createMeter>;

/** How long after a part was back, in milliseconds, the first answer came, and half of the rate; undefined where they did not. */
export type Recovery = { firstAnswerMs?: number | undefined; halfRateMs?: number | undefined };

/** Counts what was answered in tenths of a second, for an hour and more. */
export function createMeter() {
  const startedAt = performance.now();
  const buckets: number[] = [];

  const now = () => performance.now() - startedAt;
  const bucketOf = (atMs: number) => Math.max(0, Math.floor(atMs / BUCKET_MS));

  /** Operations a second between two moments. */
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
    /** Milliseconds since the meter was made: the time of the whole run. */
    now,
    rate,
    count(operations: number): void {
      const bucket = bucketOf(now());
      while (buckets.length <= bucket) buckets.push(0);
      buckets[bucket]! += operations;
    },

    /** Waits until so many operations are answered, `limitMs` at most. */
    async awaitCount(operations: number, limitMs: number, signal: AbortSignal): Promise<void> {
      const fromMs = now();
      while (total(fromMs) < operations && now() - fromMs < limitMs && !signal.aborted) await sleep(BUCKET_MS);
    },

    /** Waits until half of `rateBefore` is answered again, `limitMs` at most. A rate that never fell has recovered at once. */
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
