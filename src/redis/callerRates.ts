import type { Redis } from "ioredis";
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";

/** Over this time a caller's operations are counted, so that it may do in a second what it did not in the others. */
const WINDOW_SECONDS = 10;

/** Runs work on Redis within a timeout, or fails at once while its circuit is open. */
type CircuitBreaker = <Result>(work: () => Promise<Result>) => Promise<Result>;

/**
 * Counts what callers ask for: each process what it sees itself, and all together in Redis, so that they share one limit. While Redis is away, each
 * process's own count goes on holding. Its errors are none.
 */
export function createCallerRates(redis: Redis, breaker: CircuitBreaker, operationsPerSecond: number) {
  const points = operationsPerSecond * WINDOW_SECONDS;
  const window = { points, duration: WINDOW_SECONDS };
  const shared = new RateLimiterRedis({ ...window, storeClient: redis, keyPrefix: "saldo:rate" });
  const alone = new RateLimiterMemory(window);

  return {
    /**
     * Counts so many operations of the caller's, and says after how many seconds to come back; undefined where they are within the limit. More than a
     * window holds count as what it holds but for the request itself: a large batch then takes a window of its own, where it could pass in none.
     */
    async take(caller: string, operations: number): Promise<number | undefined> {
      const cost = Math.min(operations, points - 1);
      const seconds = await consume(alone, caller, cost);
      return seconds ?? (await breaker(() => consume(shared, caller, cost)).catch(() => undefined));
    },
  };
}

/** The library rejects with the count where that is over, as it does with an error where the store has one. */
async function consume(limiter: RateLimiterRedis | RateLimiterMemory, caller: string, cost: number) {
  try {
    await limiter.consume(caller, cost);
    return undefined;
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) return Math.max(1, Math.ceil(refusal.msBeforeNext / 1_000));
    throw refusal;
  }
}
