import type { Redis } from "ioredis";
import type { BalanceAsOf } from "../ledger/records.ts";
import { FIELDS, KEY_PREFIX } from "./balances.ts";

const KEYS_PER_PAGE = 500;
const BIGINT_MAX = 2n ** 63n - 1n;

/** What the cache holds for users at some moment; `unreadable` are those whose balance is none. */
export type CachedBalances = { balances: BalanceAsOf[]; unreadable: string[]; next: string | undefined };

/**
 * A page of all that is cached, from the cursor `from`, "0" at first; `next` is undefined at the end. What is cached all the while is on some
 * page, perhaps on two. Keys live for a minute, so they are fewer than accounts by far.
 */
export async function readCachedBalances(redis: Redis, from: string): Promise<CachedBalances> {
  const [next, keys] = await redis.scan(from, "MATCH", `${KEY_PREFIX}*`, "COUNT", KEYS_PER_PAGE);
  const pipeline = redis.pipeline();
  for (const key of keys) pipeline.hgetall(key);
  const answers = (await pipeline.exec()) ?? [];
  const found: CachedBalances = { balances: [], unreadable: [], next: next === "0" ? undefined : next };
  for (const [index, [error, cached]] of answers.entries()) {
    const userId = keys[index]!.slice(KEY_PREFIX.length);
    const fields = (cached ?? {}) as Record<string, string>;
    // One that has ended since its key was listed is nothing any more. Of an error, that it is no hash says that it is no balance.
    if (!error && Object.keys(fields).length === 0) continue;
    if (error && !error.message.startsWith("WRONGTYPE")) throw error;
    const balance = parse(userId, fields);
    if (balance) found.balances.push(balance);
    else found.unreadable.push(userId);
  }
  return found;
}

function parse(userId: string, fields: Record<string, string>): BalanceAsOf | undefined {
  const [version, availableMinor, reservedMinor, asOf] = FIELDS.map((name) => {
    const text = fields[name] ?? "";
    const value = /^-?\d{1,19}$/.test(text) ? BigInt(text) : undefined;
    return value !== undefined && value <= BIGINT_MAX && value >= -BIGINT_MAX ? value : undefined;
  });
  const at = new Date(Number(asOf));
  if (version === undefined || availableMinor === undefined || reservedMinor === undefined) return undefined;
  if (!Number.isSafeInteger(Number(version)) || Number.isNaN(at.getTime())) return undefined;
  return { userId, version: Number(version), availableMinor, reservedMinor, asOf: at };
}
