import { Redis } from "ioredis";
import type { Client } from "pg";
import { createBalanceCache } from "../../src/redis/balances.ts";

const BALANCES_A_PIECE = 1_000;

/**
 * Writes every balance to the cache, so that the benchmark compares cache hits.
 * Saldo's later writes have newer versions, and replace these.
 */
export async function fillCache(redisUrl: string, client: Client, ttlSeconds: number): Promise<void> {
  const redis = new Redis(redisUrl);
  const cache = createBalanceCache(redis, ttlSeconds);
  const { rows } = await client.query("select *, clock_timestamp() as as_of from accounts where version > 0");
  const balances = rows.map((row) => ({
    userId: row.user_id as string,
    availableMinor: BigInt(row.available_minor),
    reservedMinor: BigInt(row.reserved_minor),
    version: Number(row.version),
    asOf: row.as_of as Date,
  }));
  for (let start = 0; start < balances.length; start += BALANCES_A_PIECE) {
    await cache.write(balances.slice(start, start + BALANCES_A_PIECE));
  }
  redis.disconnect();
}
