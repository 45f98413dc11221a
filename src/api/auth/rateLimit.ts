import { Problem } from "../http/problems.ts";

/** Lets so many operations of the caller's through. @throws Problem `rate_limited` */
export type RateLimit = (caller: string, operations: number) => Promise<void>;

/** Refuses what `take` says is too much: it counts, and tells the seconds after which to come back. */
export function createRateLimit(take: (caller: string, operations: number) => Promise<number | undefined>): RateLimit {
  return async (caller, operations) => {
    const seconds = await take(caller, operations);
    if (seconds !== undefined) throw new Problem("rate_limited", { headers: { "retry-after": String(seconds) } });
  };
}
