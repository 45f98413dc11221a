import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { Redis } from "ioredis";
import { get, post, stack } from "../support/api/client.ts";
import { userWith } from "../support/api/funds.ts";
import { createShownVersions } from "../support/api/shownVersions.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { scrapeAll } from "../support/metrics/scrape.ts";
import { restoreStack, withOutage } from "../support/stack/outages.ts";
import { type Replicas, startReplicas } from "../support/stack/replicas.ts";
import { readServiceLog } from "../support/stack/serviceLog.ts";
import { eventually } from "../support/waiting.ts";

/** Longer than a circuit breaker stays open, and shorter than the TTL of cached balances. */
const WATCHED_MS = 7_000;
/** On a busy machine Redis may exceed its timeout many times in a row. */
const CACHED_WITHIN_MS = 60_000;

let redis: Redis;

beforeAll(() => {
  // Without a timeout, since a frozen Redis answers once it is thawed.
  redis = new Redis(stack.environment.REDIS_URL!);
});

afterEach(() => redis.config("SET", "maxmemory", "256mb", "maxmemory-policy", "allkeys-lru"));

afterAll(async () => {
  redis.disconnect();
  await restoreStack();
});

async function refuseWrites(): Promise<void> {
  await redis.config("SET", "maxmemory", "1", "maxmemory-policy", "noeviction");
  await expect(redis.set("refused", "")).rejects.toThrow("OOM");
}

const deposit = (userId: string, origin: string, key: string) =>
  post("/v1/deposits", { userId, amount: "1.00" }, { wait: 30, origin, key });

/** Reads the balance repeatedly. The last read comes from the cache. */
async function watch(shownVersions: ReturnType<typeof createShownVersions>, userId: string): Promise<void> {
  const endsAt = performance.now() + WATCHED_MS;
  while (performance.now() < endsAt) {
    await shownVersions.read(userId);
    await Bun.sleep(20);
  }
  await eventually(async () => (await shownVersions.read(userId)).source === "cache");
  expect(shownVersions.reads.older).toBe(0);
}

test("after a pause of Redis during another user's deposit, no read is older than the last response", async () => {
  const [alice, bob] = [await userWith("1.00"), await userWith("1.00")];
  const shownVersions = createShownVersions();
  expect(await shownVersions.read(alice)).toMatchObject({ version: 1, source: "cache" });
  expect(await withOutage("redis", "frozen", () => shownVersions.deposit(bob))).toBe(true);
  expect(await shownVersions.deposit(alice)).toBe(true);
  await watch(shownVersions, alice);
});

describe("while Redis refuses writes and answers reads", () => {
  test("no read is older than the last response, and unchanged balances are read from the cache", async () => {
    const [alice, bob] = [await userWith("1.00"), await userWith("1.00")];
    const shownVersions = createShownVersions();
    await refuseWrites();
    for (let count = 0; count < 3; count += 1) {
      expect(await shownVersions.deposit(alice)).toBe(true);
      expect(await shownVersions.read(alice)).toMatchObject({ version: count + 2, source: "ledger" });
      expect((await shownVersions.read(bob)).source).toBe("cache");
    }
    const endsAt = performance.now() + WATCHED_MS;
    while (performance.now() < endsAt) {
      await shownVersions.read(alice);
      await Bun.sleep(20);
    }
    await redis.config("SET", "maxmemory", "256mb");
    await eventually(async () => (await shownVersions.read(alice)).source === "cache");
    expect(shownVersions.reads.older).toBe(0);
  });

  test("each failed or skipped write is counted, and one log line marks their begin and one their end", async () => {
    const users = await Promise.all(Array.from({ length: 20 }, () => userWith("1.00")));
    const shownVersions = createShownVersions();
    // Waits until the cache has caught up with earlier failures.
    await eventually(async () => (await shownVersions.read(users.at(-1)!)).source === "cache");
    const [before, logged] = [await scrapeAll(), (await readServiceLog()).length];
    await refuseWrites();
    for (const userId of users) expect(await shownVersions.deposit(userId)).toBe(true);
    await redis.config("SET", "maxmemory", "256mb");
    const lines = await eventually(async () => {
      const written = (await readServiceLog()).slice(logged);
      return written.includes("up to date again") && written.split("\n");
    });
    const after = await scrapeAll();
    const grown = (result: string) =>
      after.valueAt("saldo_cache_writes_total", { result }) - before.valueAt("saldo_cache_writes_total", { result });
    expect(grown("error")).toBeGreaterThan(0);
    expect(grown("error") + grown("skipped")).toBeGreaterThanOrEqual(users.length);
    expect(lines.filter((line) => /write to the cache|up to date/.test(line))).toHaveLength(2);
  });
});

describe("another process", () => {
  let replicas: Replicas;
  let here: string;
  let there: string;

  beforeAll(async () => {
    replicas = await startReplicas(1);
    [here, there] = replicas.origins as [string, string];
  });

  afterAll(() => replicas[Symbol.asyncDispose]());

  test("returns committed balances within seconds of Redis' return", async () => {
    const [alice, bob] = [await userWith("1.00"), await userWith("1.00")];
    const [writer, reader] = [here, there].map((origin) => createShownVersions({ origin }));
    await eventually(async () => (await reader!.read(alice)).source === "cache", CACHED_WITHIN_MS);
    await withOutage("redis", "frozen", async () => {
      for (const userId of [bob, alice]) expect(await writer!.deposit(userId)).toBe(true);
    });
    await eventually(async () => {
      const { version, source } = await reader!.read(alice);
      return version === 2 && source === "cache";
    }, CACHED_WITHIN_MS);
  });

  test.each([
    ["the operation", (_: string, operationId: string) => get(`/v1/operations/${operationId}`, { origin: there })],
    ["its replay", (userId: string, _: string, key: string) => deposit(userId, there, key)],
    ["a statement", (userId: string) => get(`/v1/users/${userId}/transactions`, { origin: there })],
  ])("never returns a balance older than %s that it has returned, though Redis refused the write", async (_, show) => {
    const userId = await userWith("1.00");
    const key = crypto.randomUUID();
    const read = async () => (await get(`/v1/users/${userId}/balance`, { origin: there })).body;
    await eventually(async () => (await read()).source === "cache", CACHED_WITHIN_MS);
    await refuseWrites();
    const { body } = await deposit(userId, here, key);
    expect(await read()).toMatchObject({ version: 1, source: "cache" });
    expect((await show(userId, body.operationId, key)).status).toBe(200);
    expect(await read()).toMatchObject({ version: 2, source: "ledger" });
  });
});

test("during batches of 1,000, no read is older than the last response", async () => {
  const users = await Promise.all(Array.from({ length: 20 }, () => userWith("1.00")));
  const others = Array.from({ length: 980 }, () => uniqueUserId("other"));
  const shownVersions = createShownVersions();
  const over = new AbortController();
  let answered = 0;
  const singles = users.map(async (userId) => {
    while (!over.signal.aborted) {
      if (await shownVersions.deposit(userId)) answered += 1;
      for (let count = 0; count < 3; count += 1) await shownVersions.read(userId);
    }
  });
  let batches = 0;
  for (let batch = 0; batch < 15; batch += 1) {
    if (await shownVersions.depositAll([...others, ...users])) batches += 1;
  }
  over.abort();
  await Promise.all(singles);
  // A busy machine may refuse some of them.
  expect(batches).toBeGreaterThan(10);
  expect(answered).toBeGreaterThan(100);
  expect(shownVersions.reads.older).toBe(0);
});
