import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import type { BalanceAsOf } from "../../src/ledger/records.ts";
import { createCaching } from "../../src/redis/caching.ts";
import { drainMicrotasks } from "../support/waiting.ts";

const POSTPONED_MAX = 50_000;

const balance = (userId: string, version = 1): BalanceAsOf => ({
  userId,
  availableMinor: BigInt(version) * 100n,
  reservedMinor: 0n,
  version,
  asOf: new Date(1_800_000_000_000 + version),
});

const never = () => new Promise<never>(() => {});
const fail = () => Promise.reject(new Error("Redis is away"));

/** The cache; tests replace its functions. */
let cached: Map<string, BalanceAsOf>;
let ledger: { readBalance: () => Promise<BalanceAsOf | undefined>; readBalancesTouched: () => Promise<BalanceAsOf[]> };
let cache: ReturnType<typeof createCache>;
let counts: string[];
let lines: { fields: object; message: string }[];
let caching: ReturnType<typeof createCaching>;

function createCache() {
  return {
    read: async (userId: string) => cached.get(userId),
    async write(balances: readonly BalanceAsOf[]) {
      for (const one of balances) cached.set(one.userId, one);
      return new Map<string, number>();
    },
    async replace(one: BalanceAsOf, expectedVersion: number) {
      if (cached.get(one.userId)?.version === expectedVersion) cached.set(one.userId, one);
    },
    clear: async () => cached.clear(),
  };
}

beforeEach(() => {
  jest.useFakeTimers();
  cached = new Map();
  ledger = { readBalance: async () => undefined, readBalancesTouched: async () => [] };
  cache = createCache();
  counts = [];
  lines = [];
  caching = createCaching({
    ledger: { readBalance: () => ledger.readBalance(), readBalancesTouched: () => ledger.readBalancesTouched() },
    cache: {
      read: (userIds) => Promise.all(userIds.map((userId) => cache.read(userId))),
      write: (balances) => cache.write(balances),
      replace: (one, expectedVersion) => cache.replace(one, expectedVersion),
      clear: () => cache.clear(),
    },
    ttlSeconds: 60,
    onRead: (result, count) => counts.push(...Array.from({ length: count }, () => `read ${result}`)),
    onWrite: (result) => counts.push(`write ${result}`),
    log: { warn: (fields, message) => lines.push({ fields, message }) },
  });
});

afterEach(() => {
  jest.useRealTimers();
});

async function pass(ms: number): Promise<void> {
  jest.advanceTimersByTime(ms);
  await drainMicrotasks();
}

describe("a committed balance", () => {
  test("is written as given, or as read from the ledger where another process committed it", async () => {
    ledger.readBalancesTouched = async () => [balance("bob", 7)];
    await caching.refreshBalances([balance("alice")]);
    await caching.refreshTouched(["operation"]);
    await caching.refreshBalances([]);
    await caching.refreshTouched([]);
    expect([...cached.values()]).toEqual([balance("alice"), balance("bob", 7)]);
    expect(counts).toEqual(["write ok", "write ok"]);
  });

  test("makes an older cached balance a miss at once, before its write has ended", async () => {
    cached.set("alice", balance("alice", 1));
    cache.write = never;
    void caching.refreshBalances([balance("alice", 2)]);
    expect(await caching.readCached("alice")).toBeUndefined();
    cached.set("alice", balance("alice", 2));
    expect(await caching.readCached("alice")).toEqual(balance("alice", 2));
    expect(counts).toEqual(["read miss", "read hit"]);
  });

  test("delays the answer by at most 100 ms where the ledger is slow, and is cached nevertheless", async () => {
    const read = Promise.withResolvers<BalanceAsOf[]>();
    ledger.readBalancesTouched = () => read.promise;
    const refreshed = caching.refreshTouched(["operation"]);
    await pass(100);
    await refreshed;
    expect(lines).toHaveLength(1);
    read.resolve([balance("alice")]);
    await drainMicrotasks();
    expect(cached.get("alice")).toEqual(balance("alice"));
  });
});

describe("a balance that was shown", () => {
  test.each([
    ["by a balance from the ledger", () => caching.writeBack(balance("alice", 2))],
    ["by an operation or a statement", () => caching.rememberShown(balance("alice", 2))],
    [
      "by a cached balance",
      async () => {
        cached.set("alice", balance("alice", 2));
        await caching.readCached("alice");
      },
    ],
  ])("%s makes an older cached balance a miss", async (_, show) => {
    await show();
    cached.set("alice", balance("alice", 1));
    expect(await caching.readCached("alice")).toBeUndefined();
  });
});

describe("a write that fails", () => {
  test("opens the circuit of writes only: reads continue, and each skipped write is counted", async () => {
    cache.write = fail;
    for (const version of [1, 2, 3]) await caching.refreshBalances([balance("alice", version)]);
    caching.writeBack(balance("bob"));
    cached.set("carol", balance("carol"));
    expect(await caching.readCached("carol")).toEqual(balance("carol"));
    expect(counts).toEqual(["write error", "write skipped", "write skipped", "write skipped", "read hit"]);
  });

  test("times out after 100 ms", async () => {
    cache.write = never;
    const refreshed = caching.refreshBalances([balance("alice")]);
    await pass(100);
    await refreshed;
    expect(counts).toEqual(["write error"]);
  });

  test("is retried with the skipped writes, the newest per user, until Redis acknowledges them", async () => {
    cache.write = fail;
    await caching.refreshBalances([balance("alice", 1)]);
    await caching.refreshBalances([balance("alice", 3), balance("bob", 1)]);
    await caching.refreshBalances([balance("alice", 2)]);
    await pass(250);
    cache.write = createCache().write;
    await pass(499);
    expect(cached.size).toBe(0);
    await pass(1);
    expect([...cached.values()]).toEqual([balance("alice", 3), balance("bob", 1)]);
    await caching.refreshBalances([balance("carol")]);
    expect(cached.size).toBe(3);
    const retried = ["write error", "write ok"];
    expect(counts).toEqual(["write error", "write skipped", "write skipped", ...retried, "write ok"]);
  });

  test("is logged once as the circuit opens, and once with the counts as it closes", async () => {
    cache.write = fail;
    for (let count = 0; count < 1_000; count += 1) await caching.refreshBalances([balance(`user-${count}`)]);
    cache.write = createCache().write;
    await pass(250);
    expect(lines).toEqual([
      { fields: { err: new Error("Redis is away") }, message: expect.stringContaining("failed") },
      { fields: { failed: 1, skipped: 999 }, message: expect.stringContaining("up to date again") },
    ]);
    expect(cached.size).toBe(1_000);
  });

  test("is also retried where it is postponed as the last retry ends, in any order of turns", async () => {
    for (let turns = 0; turns < 40; turns += 1) {
      cache.write = fail;
      await caching.refreshBalances([balance("alice", turns)]);
      const acknowledged = Promise.withResolvers<Map<string, number>>();
      cache.write = () => acknowledged.promise;
      await pass(250);
      cache.write = createCache().write;
      acknowledged.resolve(new Map());
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      void caching.refreshBalances([balance(`user-${turns}`)]);
      await drainMicrotasks();
      expect(cached.has(`user-${turns}`)).toBe(true);
    }
  });

  test("does not postpone a write-back of a reader while the circuit is open", async () => {
    cache.write = fail;
    await caching.refreshBalances([balance("alice")]);
    caching.writeBack(balance("bob"));
    cache.write = createCache().write;
    await pass(250);
    expect([...cached.keys()]).toEqual(["alice"]);
  });

  test("deletes the whole cache once Redis is back where more than 50,000 users were postponed", async () => {
    cached.set("old", balance("old"));
    cache.write = fail;
    await caching.refreshBalances(Array.from({ length: POSTPONED_MAX + 1 }, (_, index) => balance(`user-${index}`)));
    await caching.refreshBalances([balance("alice")]);
    cache.clear = fail;
    await pass(250);
    expect(cached.has("old")).toBe(true);
    cache = createCache();
    await pass(500);
    expect([...cached.keys()]).toEqual(["alice"]);
  });
});

test("concurrent reads share one call, each gets its own balance, and 150 make two calls", async () => {
  const calls: number[] = [];
  const users = Array.from({ length: 150 }, (_, index) => `user-${index}`);
  caching = createCaching({
    ledger: { readBalance: async () => undefined, readBalancesTouched: async () => [] },
    cache: {
      ...createCache(),
      write: async () => new Map(),
      async read(userIds) {
        calls.push(userIds.length);
        return userIds.map((userId) => (userId === "user-7" ? undefined : balance(userId)));
      },
    },
    ttlSeconds: 60,
    onRead: (result, count) => counts.push(`${count} ${result}`),
    onWrite: () => {},
    log: { warn: () => {} },
  });
  const shown = await Promise.all(users.map((userId) => caching.readCached(userId)));
  expect(shown.map((one) => one?.userId)).toEqual(users.map((userId) => (userId === "user-7" ? undefined : userId)));
  expect(calls).toEqual([100, 50]);
  expect(counts).toEqual(["99 hit", "1 miss", "50 hit"]);
  expect(await caching.readCached("user-1")).toEqual(balance("user-1"));
  expect(calls).toEqual([100, 50, 1]);
});

test("a read that fails opens the circuit of reads only: balances are still written", async () => {
  cache.read = fail;
  expect(await caching.readCached("alice")).toBeUndefined();
  await caching.refreshBalances([balance("alice")]);
  expect(await caching.readCached("alice")).toBeUndefined();
  expect(cached.get("alice")).toEqual(balance("alice"));
  // Reads that the open circuit refuses are not counted.
  expect(counts).toEqual(["read error", "write ok"]);
});

describe("a cached version above the ledger's answer", () => {
  beforeEach(() => {
    cached.set("alice", balance("alice", 9));
    cache.write = async () => new Map([["alice", 9]]);
  });

  test("is replaced where the ledger, read again, still has a lower version", async () => {
    ledger.readBalance = async () => balance("alice", 3);
    caching.writeBack(balance("alice", 3));
    await drainMicrotasks();
    expect(cached.get("alice")).toEqual(balance("alice", 3));
  });

  test("stays where the ledger has reached it since", async () => {
    ledger.readBalance = async () => balance("alice", 9);
    caching.writeBack(balance("alice", 8));
    await drainMicrotasks();
    expect(cached.get("alice")).toEqual(balance("alice", 9));
    expect(counts).toEqual(["write ok"]);
  });

  test("stays where a newer one was cached while the ledger was read", async () => {
    ledger.readBalance = async () => {
      cached.set("alice", balance("alice", 10));
      return balance("alice", 3);
    };
    caching.writeBack(balance("alice", 3));
    await drainMicrotasks();
    expect(cached.get("alice")?.version).toBe(10);
  });
});
