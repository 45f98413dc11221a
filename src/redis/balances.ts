import type { Redis } from "ioredis";
import type { BalanceAsOf } from "../ledger/records.ts";

/** Before the user's id, in the key of its balance. */
export const KEY_PREFIX = "saldo:balance:";

/**
 * Sets balances, each unless a newer one is there, in one script, so that nothing can come between the look and the write. The same version
 * is written again: it is a fresher word on the same balance and lives a full time to live from now.
 * The version is compared as a number: it counts entries and stays far below 2^53.
 */
const SET_IF_NEWER = `
  for i, key in ipairs(KEYS) do
    local version, available, reserved, as_of = unpack(ARGV, 4 * i - 2, 4 * i + 1)
    local cached = redis.call("HGET", key, "version")
    if not cached or tonumber(cached) <= tonumber(version) then
      redis.call("HSET", key, "version", version, "availableMinor", available, "reservedMinor", reserved, "asOf", as_of)
      redis.call("PEXPIRE", key, ARGV[1])
    end
  end`;

/** Of the hash of a cached balance, as the script writes them. */
export const FIELDS = ["version", "availableMinor", "reservedMinor", "asOf"] as const;

/** Nobody else is served while a script runs: so many take it a fraction of a millisecond. */
const BALANCES_PER_SCRIPT_MAX = 100;

export type BalanceCache = ReturnType<typeof createBalanceCache>;

/** The cache of balances: for answers to readers only, no decision is ever made on it. Its errors are those of Redis. */
export function createBalanceCache(redis: Redis, ttlSeconds: number) {
  redis.defineCommand("setBalancesIfNewer", { lua: SET_IF_NEWER });

  return {
    async read(userId: string): Promise<BalanceAsOf | undefined> {
      const [version, availableMinor, reservedMinor, asOf] = await redis.hmget(key(userId), ...FIELDS);
      if (!version) return undefined;
      return {
        userId,
        availableMinor: BigInt(availableMinor!),
        reservedMinor: BigInt(reservedMinor!),
        version: Number(version),
        asOf: new Date(Number(asOf)),
      };
    },

    /** Writes the balances that are at least as new as what is cached, all in one round trip. */
    async write(balances: BalanceAsOf[]): Promise<void> {
      const pipeline = redis.pipeline();
      for (let start = 0; start < balances.length; start += BALANCES_PER_SCRIPT_MAX) {
        const piece = balances.slice(start, start + BALANCES_PER_SCRIPT_MAX);
        pipeline.setBalancesIfNewer(
          piece.length,
          ...piece.map(({ userId }) => key(userId)),
          ttlSeconds * 1000,
          ...piece.flatMap(({ version, availableMinor, reservedMinor, asOf }) => [
            version,
            availableMinor.toString(),
            reservedMinor.toString(),
            asOf.getTime(),
          ]),
        );
      }
      for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;
    },
  };
}

function key(userId: string): string {
  return `${KEY_PREFIX}${userId}`;
}

declare module "ioredis" {
  interface ChainableCommander {
    setBalancesIfNewer(keysCount: number, ...keysAndValues: (string | number)[]): ChainableCommander;
  }
}
