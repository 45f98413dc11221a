import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Balances, createBalances } from "../../src/api/balances/service.ts";
import { createBalanceCache } from "../../src/redis/balances.ts";
import { type Caching, createCaching } from "../../src/redis/caching.ts";
import { createRedis } from "../../src/redis/client.ts";
import { stack } from "../support/api/client.ts";
import { deposit, uniqueUserId } from "../support/ledger/operations.ts";
import { createTestLedger, type TestLedger } from "../support/ledger/testLedger.ts";
import { at } from "../support/stack/settings.ts";
import { eventually } from "../support/waiting.ts";

const TTL_SECONDS = 60;

const redis = createRedis(at(stack.environment.REDIS_URL!), 5_000);
let ledger: TestLedger;
let caching: Caching;
let balances: Balances;

beforeAll(async () => {
  await eventually(() => redis.ping());
  ledger = await createTestLedger("shown_balances");
  const cache = createBalanceCache(redis, TTL_SECONDS);
  caching = createCaching({ ledger, cache, ttlSeconds: TTL_SECONDS, onRead() {}, onWrite() {}, log: { warn() {} } });
  balances = createBalances({ ...ledger, ...caching, currency: "RUB" });
});

afterAll(async () => {
  redis.disconnect();
  await ledger.close();
});

async function commit(userId: string) {
  const { balances } = await ledger.post(`carrier-${crypto.randomUUID()}`, [deposit(userId, "1.00")]);
  return balances;
}

const cachedVersion = async (userId: string) => Number(await redis.hget(`saldo:balance:${userId}`, "version"));

function blockEventLoop(ms: number): void {
  const endsAt = performance.now() + ms;
  while (performance.now() < endsAt);
}

test("a blocked event loop during a cache write never leads to an older read", async () => {
  const [alice, bob] = [uniqueUserId(), uniqueUserId()];
  await caching.refreshBalances(await commit(alice));
  for (let version = 2; version < 6; version += 1) {
    const [bobs, alices] = [await commit(bob), await commit(alice)];
    const refreshed = caching.refreshBalances(bobs);
    blockEventLoop(200);
    await refreshed;
    await caching.refreshBalances(alices);
    expect(await balances.read(alice, false)).toMatchObject({ version });
    await eventually(async () => (await cachedVersion(alice)) === version);
  }
});

test("an older balance that a slow reader caches after the newer one has expired is not returned", async () => {
  const userId = uniqueUserId();
  await caching.refreshBalances(await commit(userId));
  const older = (await ledger.readBalance(userId))!;
  await caching.refreshBalances(await commit(userId));
  await redis.del(`saldo:balance:${userId}`);
  caching.writeBack(older);
  await eventually(async () => (await cachedVersion(userId)) === 1);
  expect(await balances.read(userId, false)).toMatchObject({ version: 2, source: "ledger" });
  await eventually(async () => (await balances.read(userId, false)).source === "cache");
});
