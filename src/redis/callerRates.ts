import type { Redis } from "ioredis";
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import type { CircuitBreaker } from "../lib/circuitBreaker.ts";

/** Over this time a caller's operations are counted, so that it may do in a second what it did not in the others. */
const WINDOW_SECONDS = 10;

/**
 * Limits callers by a count in each process and a shared one in Redis. While Redis is away, the process's own count still holds.
 * The library's `insuranceLimiter` begins to count only then, and lets every request wait for a Redis that is frozen.
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
