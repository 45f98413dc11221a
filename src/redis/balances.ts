import type { Redis } from "ioredis";
import type { BalanceAsOf } from "../ledger/records.ts";

/**
 * Sets a balance unless a newer one is there, in one script, so that nothing can come between the look and the write. The same version
 * is written again: it is a fresher word on the same balance and lives a full time to live from now.
 * The version is compared as a number: it counts entries and stays far below 2^53.
 */
const SET_IF_NEWER = `
  local cached = redis.call("HGET", KEYS[1], "version")
  if cached and tonumber(cached) > tonumber(ARGV[1]) then return 0 end
  redis.call("HSET", KEYS[1], "version", ARGV[1], "availableMinor", ARGV[2], "reservedMinor", ARGV[3], "asOf", ARGV[4])
  redis.call("PEXPIRE", KEYS[1], ARGV[5])
  return 1`;

export type BalanceCache = ReturnType<typeof createBalanceCache>;

/** The cache of balances: for answers to readers only, no decision is ever made on it. Its errors are those of Redis. */
export function createBalanceCache(redis: Redis, ttlSeconds: number) {
  redis.defineCommand("setBalanceIfNewer", { numberOfKeys: 1, lua: SET_IF_NEWER });

  return {
    async read(userId: string): Promise<BalanceAsOf | undefined> {
      const cached = await redis.hgetall(key(userId));
      if (cached.version === undefined) return undefined;
      return {
        userId,
        availableMinor: BigInt(cached.availableMinor!),
        reservedMinor: BigInt(cached.reservedMinor!),
        version: Number(cached.version),
        asOf: new Date(Number(cached.asOf)),
      };
    },

    /** Writes the balances that are at least as new as what is cached, all in one round trip. */
    async write(balances: BalanceAsOf[]): Promise<void> {
      const pipeline = redis.pipeline();
      for (const balance of balances) {
        pipeline.setBalanceIfNewer(
          key(balance.userId),
          balance.version,
          balance.availableMinor.toString(),
          balance.reservedMinor.toString(),
          balance.asOf.getTime(),
          ttlSeconds * 1000,
        );
      }
      for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;
    },
  };
}

function key(userId: string): string {
  return `saldo:balance:${userId}`;
}

declare module "ioredis" {
  interface ChainableCommander {
    setBalanceIfNewer(
      key: string,
      version: number,
      availableMinor: string,
      reservedMinor: string,
      asOfMs: number,
      ttlMs: number,
    ): ChainableCommander;
  }
}
