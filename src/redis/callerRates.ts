import type { Redis } from "ioredis";
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import type { CircuitBreaker } from "../lib/circuitBreaker.ts";

/** Operations are counted over this window, which allows short bursts above the rate. */
const WINDOW_SECONDS = 10;

/**
 * Counts callers' operations in each process and in Redis, where all replicas share one limit.
 * While Redis is unreachable, the count of the process still applies. Never throws.
 *
 * The library's `insuranceLimiter` counts only while Redis fails, and delays every request while Redis is frozen.
 */
export function createCallerRates(redis: Redis, breaker: CircuitBreaker, operationsPerSecond: number) {
  const points = operationsPerSecond * WINDOW_SECONDS;
  const window = { points, duration: WINDOW_SECONDS };
  const shared = new RateLimiterRedis({ ...window, storeClient: redis, keyPrefix: "saldo:rate" });
  const alone = new RateLimiterMemory(window);

  return {
    /**
     * Counts operations of the caller.
     * A batch above the window's limit costs that limit less one, which is left for the request itself. So it passes in
     * a window of its own, and is not refused each time.
     * @returns the seconds after which to retry; undefined within the limit
     */
    async take(caller: string, operations: number): Promise<number | undefined> {
      const cost = Math.min(operations, points - 1);
      const seconds = await consume(alone, caller, cost);
      return seconds ?? (await breaker(() => consume(shared, caller, cost)).catch(() => undefined));
    },
  };
}

/**
 * Returns the seconds to wait where the limit is exceeded. The library rejects with the count in that case, and with an
 * error where the store fails.
 */
async function consume(limiter: RateLimiterRedis | RateLimiterMemory, caller: string, cost: number) {
  try {
    await limiter.consume(caller, cost);
    return undefined;
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) return Math.max(1, Math.ceil(refusal.msBeforeNext / 1_000));
    throw refusal;
  }
}
