import { Problem } from "../http/problems.ts";

/** Counts operations against the caller's rate limit. @throws Problem `rate_limited` */
export type RateLimit = (caller: string, operations: number) => Promise<void>;

/**
 * Refuses operations above the rate limit.
 *
 * `take` counts them, and returns the seconds until a retry where the limit is exceeded.
 */
export function createRateLimit(take: (caller: string, operations: number) => Promise<number | undefined>): RateLimit {
  return async (caller, operations) => {
    const seconds = await take(caller, operations);
    if (seconds !== undefined) throw new Problem("rate_limited", { retryAfterSeconds: seconds });
  };
}
