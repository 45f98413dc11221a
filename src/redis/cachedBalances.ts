import type { Redis } from "ioredis";
import type { BalanceAsOf } from "../ledger/records.ts";

/** Key prefix of a cached balance; the user's id follows. */
export const KEY_PREFIX = "saldo:balance:";

/** Hash fields of a cached balance, in the order of reads and writes. */
export const FIELDS = ["version", "availableMinor", "reservedMinor", "asOf"] as const;

export const KEYS_PER_SCAN = 500;
const BIGINT_MAX = 2n ** 63n - 1n;
/** An `asOf` further in the future is invalid: no two clocks differ by that much. */
const CLOCK_SKEW_MAX_MS = 24 * 3_600_000;

/** A page of cached balances; `unreadable` are the users whose value is invalid. */
export type CachedBalances = { balances: BalanceAsOf[]; unreadable: string[]; next: string | undefined };

/**
 * Reads a page of the cache with SCAN, from the cursor `from`.
 * The first cursor is "0"; `next` is undefined at the end. A key that exists during the whole scan is on some page,
 * perhaps on two. Keys live for a minute, so there are far fewer keys than accounts.
 */
export async function readCachedBalances(redis: Redis, from: string): Promise<CachedBalances> {
  const [next, keys] = await redis.scan(from, "MATCH", `${KEY_PREFIX}*`, "COUNT", KEYS_PER_SCAN);
  const pipeline = redis.pipeline();
  for (const key of keys) pipeline.hgetall(key);
  const answers = (await pipeline.exec()) ?? [];
  const found: CachedBalances = { balances: [], unreadable: [], next: next === "0" ? undefined : next };
  for (const [index, [error, cached]] of answers.entries()) {
    const userId = keys[index]!.slice(KEY_PREFIX.length);
    const fields = (cached ?? {}) as Record<string, string>;
    // Expired since SCAN: skip. WRONGTYPE: report as unreadable.
    if (!error && Object.keys(fields).length === 0) continue;
    if (error && !error.message.startsWith("WRONGTYPE")) throw error;
    const balance = parseBalance(
      userId,
      FIELDS.map((name) => fields[name]),
    );
    if (balance) found.balances.push(balance);
    else found.unreadable.push(userId);
  }
  return found;
}

/** Parses the values of FIELDS; undefined unless each is a whole number in its range. */
export function parseBalance(userId: string, values: readonly (string | null | undefined)[]): BalanceAsOf | undefined {
  const [version, availableMinor, reservedMinor, asOfMs] = values.map((text) => {
    const value = /^\d{1,19}$/.test(text ?? "") ? BigInt(text!) : undefined;
    return value !== undefined && value <= BIGINT_MAX ? value : undefined;
  });
  if (version === undefined || availableMinor === undefined || reservedMinor === undefined) return undefined;
  if (asOfMs === undefined || asOfMs > Date.now() + CLOCK_SKEW_MAX_MS) return undefined;
  if (version > Number.MAX_SAFE_INTEGER) return undefined;
  return { userId, version: Number(version), availableMinor, reservedMinor, asOf: new Date(Number(asOfMs)) };
}
