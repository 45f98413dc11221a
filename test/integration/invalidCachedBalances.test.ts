import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Redis } from "ioredis";
import { type BalanceCache, createBalanceCache } from "../../src/redis/balances.ts";
import { KEY_PREFIX } from "../../src/redis/cachedBalances.ts";
import { createRedis } from "../../src/redis/client.ts";
import { stack } from "../support/api/client.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { at } from "../support/stack/settings.ts";
import { eventually } from "../support/waiting.ts";

const TTL_SECONDS = 60;

let redis: Redis;
let cache: BalanceCache;

beforeAll(async () => {
  // A separate database, since one test deletes all cached balances.
  redis = createRedis(at(`${stack.environment.REDIS_URL}/1`), 5_000);
  await eventually(() => redis.ping());
  cache = createBalanceCache(redis, TTL_SECONDS);
});

afterAll(() => redis.disconnect());

const keyOf = (userId: string) => `${KEY_PREFIX}${userId}`;

const balance = (userId: string, version: number) => ({
  userId,
  availableMinor: BigInt(version) * 100n,
  reservedMinor: 0n,
  version,
  asOf: new Date(1_700_000_000_000 + version),
});

const fieldsOf = (version: number) => ({
  version,
  availableMinor: version * 100,
  reservedMinor: 0,
  asOf: 1_700_000_000_000 + version,
});

async function expectOverwritten(userId: string): Promise<void> {
  expect((await cache.read([userId]))[0]).toBeUndefined();
  expect(await cache.write([balance(userId, 1)])).toEqual(new Map());
  expect((await cache.read([userId]))[0]).toEqual(balance(userId, 1));
  expect(await redis.pttl(keyOf(userId))).toBeGreaterThan(0);
}

test.each([
  ...["", "x", "-2", "1.5", "1e3", "0x10", " 2", "9007199254740993", "9".repeat(30)].map((one) => ["version", one]),
  ...["", "3.00", "-5", "9".repeat(30), "9223372036854775808"].map((one) => ["availableMinor", one]),
  ...["none", "-1"].map((one) => ["reservedMinor", one]),
  ...["soon", "9".repeat(19), `${Date.now() + 2 * 24 * 3_600_000}`].map((one) => ["asOf", one]),
] as [string, string][])(
  "a cached balance whose %s is %p counts as a miss and is overwritten",
  async (field, invalid) => {
    const userId = uniqueUserId();
    await redis.hset(keyOf(userId), { ...fieldsOf(1), [field]: invalid });
    await expectOverwritten(userId);
  },
);

test.each(["version", "availableMinor", "reservedMinor", "asOf"] as const)(
  "a cached balance without %s counts as a miss and is overwritten",
  async (field) => {
    const userId = uniqueUserId();
    const { [field]: _, ...rest } = fieldsOf(1);
    await redis.hset(keyOf(userId), rest);
    await expectOverwritten(userId);
  },
);

test.each([
  ["text", (key: string) => redis.set(key, "poison")],
  ["a list", (key: string) => redis.rpush(key, "poison")],
])(
  "%s under a balance's key counts as a miss and is overwritten, as are others of the same write",
  async (_, poison) => {
    const [poisoned, other] = [uniqueUserId(), uniqueUserId()];
    await poison(keyOf(poisoned));
    expect((await cache.read([poisoned]))[0]).toBeUndefined();
    await cache.write([balance(poisoned, 1), balance(other, 1)]);
    expect((await cache.read([poisoned]))[0]).toEqual(balance(poisoned, 1));
    expect((await cache.read([other]))[0]).toEqual(balance(other, 1));
  },
);

test("a newer balance stays, is returned with its version, and gets a TTL if it has none", async () => {
  const userIds = Array.from({ length: 250 }, () => uniqueUserId());
  const newer = [userIds[0]!, userIds[100]!, userIds[249]!];
  for (const userId of newer) await redis.hset(keyOf(userId), fieldsOf(7));
  const kept = await cache.write(userIds.map((userId) => balance(userId, 2)));
  expect(kept).toEqual(new Map(newer.map((userId) => [userId, 7])));
  for (const userId of newer) {
    expect((await cache.read([userId]))[0]).toEqual(balance(userId, 7));
    expect(await redis.pttl(keyOf(userId))).toBeWithin(1, TTL_SECONDS * 1_000 + 1);
  }
});

test("a newer balance that has a TTL keeps it", async () => {
  const userId = uniqueUserId();
  await cache.write([balance(userId, 2)]);
  await redis.pexpire(keyOf(userId), 5_000);
  await cache.write([balance(userId, 1)]);
  expect(await redis.pttl(keyOf(userId))).toBeWithin(1, 5_001);
});

test("a balance is replaced by an older one only if its version is the expected one", async () => {
  const userId = uniqueUserId();
  await redis.hset(keyOf(userId), fieldsOf(9));
  await cache.replace(balance(userId, 3), 8);
  expect((await cache.read([userId]))[0]).toEqual(balance(userId, 9));
  await cache.replace(balance(userId, 3), 9);
  expect((await cache.read([userId]))[0]).toEqual(balance(userId, 3));
  expect(await redis.pttl(keyOf(userId))).toBeGreaterThan(0);
  await cache.replace(balance(uniqueUserId(), 3), 9);
});

test("clearing deletes all cached balances and no other key", async () => {
  const userIds = Array.from({ length: 1_500 }, () => uniqueUserId());
  await cache.write(userIds.map((userId) => balance(userId, 1)));
  await redis.set("saldo:other", "kept");
  await cache.clear();
  expect(await redis.keys("*")).toEqual(["saldo:other"]);
});
