import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import type { Redis } from "ioredis";
import type { BalanceAsOf } from "../../src/ledger/records.ts";
import { type BalanceCache, createBalanceCache } from "../../src/redis/balances.ts";
import { createRedis } from "../../src/redis/client.ts";
import { stack } from "../support/api/client.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { at } from "../support/stack/settings.ts";
import { eventually } from "../support/waiting.ts";

const TTL_SECONDS = 60;
const redisUrl = stack.environment.REDIS_URL!;

/** The timeout of a command. */
const LIMIT_MS = 100;

let redis: Redis;
let cache: BalanceCache;

beforeAll(async () => {
  redis = await connect();
  cache = createBalanceCache(redis, TTL_SECONDS);
});

afterAll(() => redis.disconnect());

async function connect(timeoutMs = LIMIT_MS): Promise<Redis> {
  const client = createRedis(at(redisUrl), timeoutMs);
  await eventually(() => client.ping());
  return client;
}

function balance(userId: string, version: number): BalanceAsOf {
  return {
    userId,
    availableMinor: BigInt(version) * 100n,
    reservedMinor: BigInt(version),
    version,
    asOf: new Date(1_700_000_000_000 + version),
  };
}

function shuffle<Item>(items: Item[]): Item[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .toSorted((one, other) => one.place - other.place)
    .map(({ item }) => item);
}

describe("the balance cache", () => {
  test("a balance is read back exactly, up to the limit of an account", async () => {
    const largest = {
      userId: uniqueUserId(),
      availableMinor: 8_999_999_999_999_999_999n,
      reservedMinor: 1n,
      version: 2 ** 50,
      asOf: new Date("2023-11-23T12:00:00.123Z"),
    };
    await cache.write([largest]);
    expect((await cache.read([largest.userId]))[0]).toEqual(largest);
  });

  test("the balance of a user that is not cached is undefined", async () => {
    expect((await cache.read([uniqueUserId()]))[0]).toBeUndefined();
  });

  test("a newer balance replaces an older one, never the other way round", async () => {
    const userId = uniqueUserId();
    for (const [written, kept] of [
      [2, 2],
      [1, 2],
      [9, 9],
      [10, 10],
      [9, 10],
    ] as const) {
      await cache.write([balance(userId, written)]);
      expect((await cache.read([userId]))[0]).toEqual(balance(userId, kept));
    }
  });

  test("concurrent writes of many versions in any order leave the newest one, complete", async () => {
    const userIds = Array.from({ length: 5 }, () => uniqueUserId());
    const writers = await Promise.all(Array.from({ length: 8 }, () => connect(5_000)));
    const versions = Array.from({ length: 120 }, (_, index) => index + 1);
    await Promise.all(
      writers.map(async (writer) => {
        const its = createBalanceCache(writer, TTL_SECONDS);
        for (const version of shuffle(versions)) await its.write(userIds.map((userId) => balance(userId, version)));
      }),
    );
    for (const userId of userIds) expect((await cache.read([userId]))[0]).toEqual(balance(userId, 120));
    for (const writer of writers) writer.disconnect();
  });

  test("a write of the same version replaces the time of the balance by a newer one", async () => {
    const userId = uniqueUserId();
    await cache.write([balance(userId, 3)]);
    const fresher = { ...balance(userId, 3), asOf: new Date(1_750_000_000_000) };
    await cache.write([fresher]);
    expect((await cache.read([userId]))[0]).toEqual(fresher);
  });

  test("a balance expires after its TTL, which every write renews", async () => {
    const userId = uniqueUserId();
    const [key] = await writtenKeys(() => cache.write([balance(userId, 1)]), userId);
    for (const version of [1, 2]) {
      await redis.pexpire(key!, 5_000);
      await cache.write([balance(userId, version)]);
      const leftMs = await redis.pttl(key!);
      expect(leftMs).toBeGreaterThan(5_000);
      expect(leftMs).toBeLessThanOrEqual(TTL_SECONDS * 1_000);
    }
    const brief = createBalanceCache(redis, 1);
    await brief.write([balance(userId, 3)]);
    await eventually(async () => (await cache.read([userId]))[0] === undefined);
  });

  test("a write succeeds after a restart of Redis that has lost the script", async () => {
    const userId = uniqueUserId();
    await stack.stop("redis");
    await stack.start("redis");
    await eventually(() => redis.ping());
    await cache.write([balance(userId, 1)]);
    expect((await cache.read([userId]))[0]).toEqual(balance(userId, 1));
  });
});

describe("the balance cache without Redis", () => {
  // Restores Redis for the next tests, also after a failure.
  afterEach(() => stack.start("redis"));

  /** The fastest of three failures in a row shows the timeout. Slower ones may be delayed by the machine. */
  async function failureMs(work: () => Promise<unknown>): Promise<number> {
    const times: number[] = [];
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const startedAt = performance.now();
      const failed = await work().then(
        () => false,
        () => true,
      );
      expect(failed).toBe(true);
      times.push(performance.now() - startedAt);
    }
    return Math.min(...times);
  }

  const TIMER_SLACK_MS = 20;

  test.each([
    ["frozen", () => stack.freeze("redis"), async () => stack.thaw("redis")],
    ["stopped", () => stack.stop("redis"), () => stack.start("redis")],
  ])("with Redis %s, reads and writes fail within 100 ms, and succeed once it is back", async (_, hurt, heal) => {
    const userIds = Array.from({ length: 20 }, () => uniqueUserId());
    const balances = userIds.map((userId) => balance(userId, 1));
    await cache.write(balances);
    await hurt();
    expect(await failureMs(() => cache.read([userIds[0]!]))).toBeLessThan(LIMIT_MS + TIMER_SLACK_MS);
    expect(await failureMs(() => cache.write(balances))).toBeLessThan(LIMIT_MS + TIMER_SLACK_MS);
    await heal();
    await eventually(() => cache.write(balances).then(() => true));
    expect((await cache.read([userIds[0]!]))[0]).toEqual(balances[0]!);
  });

  test("a command that failed while Redis was stopped is not executed once it is back", async () => {
    const userId = uniqueUserId();
    await stack.stop("redis");
    await expect(cache.write([balance(userId, 1)])).rejects.toThrow();
    await expect(redis.set(userId, "queued")).rejects.toThrow();
    await stack.start("redis");
    await eventually(() => redis.ping());
    expect(await redis.get(userId)).toBeNull();
    expect((await cache.read([userId]))[0]).toBeUndefined();
  });
});

/** The keys that the work wrote to Redis for this user. */
async function writtenKeys(work: () => Promise<unknown>, userId: string): Promise<string[]> {
  await work();
  return (await redis.keys("*")).filter((key) => key.endsWith(userId));
}
