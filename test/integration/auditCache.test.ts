import { afterAll, beforeAll, expect, test } from "bun:test";
import { createBalanceCache } from "../../src/redis/balances.ts";
import {
  type AuditedLedger,
  CACHE_TTL_SECONDS,
  createAuditedLedger,
  withoutSentences,
} from "../support/audit/auditedLedger.ts";
import { deposit, uniqueUserId } from "../support/ledger/operations.ts";

let ledger: AuditedLedger;

beforeAll(async () => {
  ledger = await createAuditedLedger("audit_cache");
});

afterAll(() => ledger.close());

/** A user with three entries of 1.00 each. */
async function userOfThree(): Promise<string> {
  const userId = uniqueUserId();
  await ledger.postAll(...[1, 2, 3].map(() => deposit(userId, "1.00")));
  return userId;
}

const keyOf = (userId: string) => `saldo:balance:${userId}`;

/** Caches what the ledger said of the user when it was at this version, a number of seconds ago. */
async function cache(userId: string, version: number, changes: object = {}, ageSeconds = 0): Promise<void> {
  const balance = { version, availableMinor: version * 100, reservedMinor: 0, asOf: Date.now() - ageSeconds * 1_000 };
  await ledger.redis.hset(keyOf(userId), { ...balance, ...changes });
  await ledger.redis.pexpire(keyOf(userId), CACHE_TTL_SECONDS * 1_000);
}

async function audited(userId: string) {
  const { findings } = await ledger.activities.auditCache();
  return findings.filter(({ accountId }) => accountId === userId);
}

test("what Saldo itself has cached is sound, whether it is up to date or lags for as long as it may", async () => {
  const [fresh, lagging] = [await userOfThree(), await userOfThree()];
  const balances = createBalanceCache(ledger.redis, CACHE_TTL_SECONDS);
  await balances.write([(await ledger.readBalance(fresh))!]);
  await cache(lagging, 2, {}, CACHE_TTL_SECONDS);
  const { checked, findings } = await ledger.activities.auditCache();
  expect(findings).toEqual([]);
  expect(checked.cachedBalances).toBeGreaterThanOrEqual(2);
});

test.each([
  ["another balance than the entry of its version", 3, { availableMinor: 301 }, "at version 3 with 3.01 available"],
  ["another reserve", 2, { reservedMinor: 5 }, "at version 2 with 2.00 available and 0.05 reserved"],
  ["a version that the ledger has not reached", 4, {}, "at version 4, the ledger at 3"],
  ["no version at all", 0, {}, "at version 0, the ledger at 3"],
  ["no number", 3, { availableMinor: "3.00" }, "is no balance"],
  ["a number beyond all numbers", 3, { reservedMinor: "9".repeat(30) }, "is no balance"],
])("a cached balance with %s is named", async (_, version, changes, sentence) => {
  const userId = await userOfThree();
  await cache(userId, version as number, changes);
  const found = await audited(userId);
  expect(withoutSentences({ findings: found })).toEqual([{ promise: 8, accountId: userId }]);
  expect(found[0]!.sentence).toContain(sentence);
  await ledger.redis.del(keyOf(userId));
});

test("something else than a balance under an account's key is named", async () => {
  const userId = await userOfThree();
  await ledger.redis.set(keyOf(userId), "poison");
  expect(withoutSentences({ findings: await audited(userId) })).toEqual([{ promise: 8, accountId: userId }]);
  await ledger.redis.del(keyOf(userId));
});

test("a cached balance that lags beyond its time to live is named: it should have ended by itself", async () => {
  const userId = await userOfThree();
  await cache(userId, 2, {}, CACHE_TTL_SECONDS + 61);
  const [found] = await audited(userId);
  expect(found).toMatchObject({ promise: 8, accountId: userId });
  expect(found!.sentence).toEndWith("the ledger is at 3: it should have ended by itself.");
  await ledger.redis.del(keyOf(userId));
});

test("what another ledger has cached for users of its own is no matter of this one", async () => {
  const stranger = uniqueUserId("stranger");
  await cache(stranger, 7, { availableMinor: 1 });
  await ledger.redis.hset(keyOf(`${stranger}-2`), { version: "none" });
  expect((await ledger.activities.auditCache()).findings).toEqual([]);
  await ledger.redis.del(keyOf(stranger), keyOf(`${stranger}-2`));
});
