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

/** Creates a user with three entries of 1.00 each. */
async function userOfThree(): Promise<string> {
  const userId = uniqueUserId();
  await ledger.postAll(...[1, 2, 3].map(() => deposit(userId, "1.00")));
  return userId;
}

const keyOf = (userId: string) => `saldo:balance:${userId}`;

/** Caches the balance of the user at this version, read a number of seconds ago. */
async function cache(userId: string, version: number, changes: object = {}, ageSeconds = 0): Promise<void> {
  const balance = { version, availableMinor: version * 100, reservedMinor: 0, asOf: Date.now() - ageSeconds * 1_000 };
  await ledger.redis.hset(keyOf(userId), { ...balance, ...changes });
  await ledger.redis.pexpire(keyOf(userId), CACHE_TTL_SECONDS * 1_000);
}

async function audited(userId: string) {
  const { findings } = await ledger.activities.auditCache();
  return findings.filter(({ accountId }) => accountId === userId);
}

test("balances that Saldo caches are clean, both up to date and stale within their TTL", async () => {
  const [fresh, lagging] = [await userOfThree(), await userOfThree()];
  const balances = createBalanceCache(ledger.redis, CACHE_TTL_SECONDS);
  await balances.write([(await ledger.readBalance(fresh))!]);
  await cache(lagging, 2, {}, CACHE_TTL_SECONDS);
  const { checked, findings } = await ledger.activities.auditCache();
  expect(findings).toEqual([]);
  expect(checked.cachedBalances).toBeGreaterThanOrEqual(2);
});

test.each([
  [
    "an available amount other than in the entry of its version",
    3,
    { availableMinor: 301 },
    "at version 3 with 3.01 available",
  ],
  [
    "a reserved amount other than in the entry of its version",
    2,
    { reservedMinor: 5 },
    "at version 2 with 2.00 available and 0.05 reserved",
  ],
  ["a version that the ledger has not reached", 4, {}, "at version 4, the ledger at 3"],
  ["the version 0", 0, {}, "at version 0, the ledger at 3"],
  ["an amount that is not a number", 3, { availableMinor: "3.00" }, "is not a balance"],
  ["an amount beyond the range of amounts", 3, { reservedMinor: "9".repeat(30) }, "is not a balance"],
])("a cached balance with %s is a finding", async (_, version, changes, sentence) => {
  const userId = await userOfThree();
  await cache(userId, version as number, changes);
  const found = await audited(userId);
  expect(withoutSentences({ findings: found })).toEqual([{ promise: 8, accountId: userId }]);
  expect(found[0]!.sentence).toContain(sentence);
  await ledger.redis.del(keyOf(userId));
});

test("a value of another type under an account's key is a finding", async () => {
  const userId = await userOfThree();
  await ledger.redis.set(keyOf(userId), "poison");
  expect(withoutSentences({ findings: await audited(userId) })).toEqual([{ promise: 8, accountId: userId }]);
  await ledger.redis.del(keyOf(userId));
});

test("a cached balance staler than its TTL is a finding, since it should have expired", async () => {
  const userId = await userOfThree();
  await cache(userId, 2, {}, CACHE_TTL_SECONDS + 61);
  const [found] = await audited(userId);
  expect(found).toMatchObject({ promise: 8, accountId: userId });
  expect(found!.sentence).toEndWith("the ledger is at 3: it should have expired.");
  await ledger.redis.del(keyOf(userId));
});

test("balances that another ledger caches for its own users are ignored", async () => {
  const foreignUserId = uniqueUserId("foreign");
  await cache(foreignUserId, 7, { availableMinor: 1 });
  await ledger.redis.hset(keyOf(`${foreignUserId}-2`), { version: "none" });
  expect((await ledger.activities.auditCache()).findings).toEqual([]);
  await ledger.redis.del(keyOf(foreignUserId), keyOf(`${foreignUserId}-2`));
});
