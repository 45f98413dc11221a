import type { ClientContext, Redis, Result } from "ioredis";
import type { BalanceAsOf } from "../ledger/records.ts";
import { FIELDS, KEY_PREFIX, KEYS_PER_SCAN, parseBalance } from "./cachedBalances.ts";

/**
 * Sets each balance unless a newer version is cached, atomically.
 * Returns the index and version of each newer one. The same version is written again, which renews its `asOf` and its
 * TTL. A key of another type is deleted first. A version that readers would reject counts as absent. A newer balance
 * without a TTL gets one. Versions are compared as numbers: they count entries and stay far below 2^53.
 */
const SET_IF_NEWER = `
  local newer = {}
  for i, key in ipairs(KEYS) do
    local version, available, reserved, as_of = unpack(ARGV, 4 * i - 2, 4 * i + 1)
    local cached = redis.pcall("HGET", key, "version")
    if type(cached) == "table" then
      redis.call("DEL", key)
      cached = false
    end
    local number = cached and cached:match("^%d+$") and tonumber(cached)
    if number and number > tonumber(version) and number <= ${Number.MAX_SAFE_INTEGER} then
      if redis.call("PTTL", key) < 0 then redis.call("PEXPIRE", key, ARGV[1]) end
      table.insert(newer, i - 1)
      table.insert(newer, cached)
    else
      redis.call("HSET", key, "version", version, "availableMinor", available, "reservedMinor", reserved, "asOf", as_of)
      redis.call("PEXPIRE", key, ARGV[1])
    end
  end
  return newer`;

/** Reads all in one call: a command each was a third of a read's cost. A key of another type holds no balance. */
const READ = `
  local found = {}
  for i, key in ipairs(KEYS) do
    local values = redis.pcall("HMGET", key, unpack(ARGV))
    found[i] = values.err and {} or values
  end
  return found`;

/** Sets a balance if the cached version is still the expected one: compare-and-set. */
const REPLACE = `
  local expected, ttl_ms, version, available, reserved, as_of = unpack(ARGV)
  if redis.call("HGET", KEYS[1], "version") == expected then
    redis.call("HSET", KEYS[1], "version", version, "availableMinor", available, "reservedMinor", reserved, "asOf", as_of)
    redis.call("PEXPIRE", KEYS[1], ttl_ms)
  end`;

/** A script blocks other clients of Redis: this many take a fraction of a millisecond. */
const BALANCES_PER_SCRIPT_MAX = 100;

export type BalanceCache = ReturnType<typeof createBalanceCache>;

/** Creates the cache of balances for readers; no decision is based on it. Throws the errors of Redis. */
export function createBalanceCache(redis: Redis, ttlSeconds: number) {
  const ttlMs = ttlSeconds * 1_000;
  redis.defineCommand("setBalancesIfNewer", { lua: SET_IF_NEWER });
  redis.defineCommand("readBalances", { lua: READ, readOnly: true });
  redis.defineCommand("replaceBalance", { lua: REPLACE, numberOfKeys: 1 });

  return {
    /** Returns the cached balances in the order of the users; undefined where absent or unreadable. */
    async read(userIds: readonly string[]): Promise<(BalanceAsOf | undefined)[]> {
      const found = await redis.readBalances(userIds.length, ...userIds.map(key), ...FIELDS);
      return userIds.map((userId, index) => parseBalance(userId, found[index] ?? []));
    },

    /**
     * Writes balances in one round trip. Returns the version of each newer balance, by user, that was left in place.
     */
    async write(balances: readonly BalanceAsOf[]): Promise<Map<string, number>> {
      const pipeline = redis.pipeline();
      for (let start = 0; start < balances.length; start += BALANCES_PER_SCRIPT_MAX) {
        const piece = balances.slice(start, start + BALANCES_PER_SCRIPT_MAX);
        pipeline.setBalancesIfNewer(
          piece.length,
          ...piece.map(({ userId }) => key(userId)),
          ttlMs,
          ...piece.flatMap(toValues),
        );
      }
      const newer = new Map<string, number>();
      for (const [index, [error, found]] of ((await pipeline.exec()) ?? []).entries()) {
        if (error) throw error;
        const places = found as (number | string)[];
        for (let at = 0; at < places.length; at += 2) {
          const { userId } = balances[index * BALANCES_PER_SCRIPT_MAX + Number(places[at])]!;
          newer.set(userId, Number(places[at + 1]));
        }
      }
      return newer;
    },

    /** Replaces a cached balance if its version is the expected one. */
    async replace(balance: BalanceAsOf, expectedVersion: number): Promise<void> {
      await redis.replaceBalance(key(balance.userId), expectedVersion, ttlMs, ...toValues(balance));
    },

    /** Deletes every cached balance, page by page. */
    async clear(): Promise<void> {
      let cursor = "0";
      do {
        const [next, keys] = await redis.scan(cursor, "MATCH", `${KEY_PREFIX}*`, "COUNT", KEYS_PER_SCAN);
        if (keys.length > 0) await redis.unlink(...keys);
        cursor = next;
      } while (cursor !== "0");
    },
  };
}

function key(userId: string): string {
  return `${KEY_PREFIX}${userId}`;
}

/** In the order of FIELDS. */
function toValues({ version, availableMinor, reservedMinor, asOf }: BalanceAsOf): (string | number)[] {
  return [version, availableMinor.toString(), reservedMinor.toString(), asOf.getTime()];
}

declare module "ioredis" {
  interface ChainableCommander {
    setBalancesIfNewer(keysCount: number, ...keysAndValues: (string | number)[]): ChainableCommander;
  }
  interface RedisCommander<Context extends ClientContext> {
    readBalances(keysCount: number, ...keysAndFields: string[]): Result<(string | null)[][], Context>;
    replaceBalance(key: string, ...values: (string | number)[]): Result<unknown, Context>;
  }
}
