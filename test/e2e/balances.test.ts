import { expect, test } from "bun:test";
import { Redis } from "ioredis";
import { get, post, stack } from "../support/api/client.ts";
import { userWith } from "../support/api/funds.ts";
import { expectProblem } from "../support/api/problem.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { connectOwner } from "../support/stack/owner.ts";
import { eventually } from "../support/waiting.ts";

test("a balance is read from the cache, or with consistency=strong from the ledger, each with its own asOf", async () => {
  const startedAt = new Date().toISOString();
  const userId = await userWith("12.30");
  const path = `/v1/users/${userId}/balance`;
  const cached = await get(path);
  const strong = await get(`${path}?consistency=strong`);
  const money = { userId, available: "12.30", reserved: "0.00", version: 1, currency: "RUB" };
  expect([cached.status, cached.body]).toEqual([200, { ...money, asOf: cached.body.asOf, source: "cache" }]);
  expect([strong.status, strong.body]).toEqual([200, { ...money, asOf: strong.body.asOf, source: "ledger" }]);
  expect(startedAt <= cached.body.asOf && cached.body.asOf <= strong.body.asOf).toBe(true);
});

test("a strong read that finds an older version than the cached one overwrites it", async () => {
  const userId = await userWith("12.30");
  const path = `/v1/users/${userId}/balance`;
  const redis = new Redis(stack.environment.REDIS_URL!);
  await redis.hset(`saldo:balance:${userId}`, { version: 9, availableMinor: 999 });
  expect((await get(path)).body).toMatchObject({ available: "9.99", version: 9, source: "cache" });
  expect((await get(`${path}?consistency=strong`)).body).toMatchObject({ available: "12.30", version: 1 });
  await eventually(async () => (await redis.hget(`saldo:balance:${userId}`, "version")) === "1");
  redis.disconnect();
  expect((await get(`${path}?consistency=strong`)).body).toMatchObject({ available: "12.30", version: 1 });
});

test("a user without a credit is account_unknown, also after a decline", async () => {
  const userId = uniqueUserId("unknown");
  const path = `/v1/users/${userId}/balance`;
  const expectUnknown = async () => {
    expectProblem(await get(path), "account_unknown", path);
    expectProblem(await get(`${path}?consistency=strong`), "account_unknown", path);
  };
  await expectUnknown();
  expect((await post("/v1/withdrawals", { userId, amount: "1" }, { wait: 20 })).body.code).toBe("account_not_found");
  // The credited account is created before the transfer is decided. It must not be visible.
  const transfer = { fromUserId: uniqueUserId("unknown"), toUserId: userId, amount: "1.00" };
  expect((await post("/v1/transfers", transfer, { wait: 20 })).body.code).toBe("account_not_found");
  await expectUnknown();
});

test("a cached balance is never newer than the ledger, and equals the entry of its version", async () => {
  const userId = await userWith("1.00");
  const path = `/v1/users/${userId}/balance`;
  let moving = true;
  const deposits = Promise.all(
    Array.from({ length: 120 }, () => post("/v1/deposits", { userId, amount: "1.00" }, { wait: 30 })),
  );
  const moved = deposits.finally(() => {
    moving = false;
  });
  const seen = new Map<number, string>();
  while (moving) {
    const { body: cached } = await get(path);
    const { body: strong } = await get(`${path}?consistency=strong`);
    expect(cached.version).toBeLessThanOrEqual(strong.version);
    seen.set(cached.version, cached.available);
    seen.set(strong.version, strong.available);
  }
  expect((await moved).map(({ status }) => status)).toEqual(Array(120).fill(200));
  await using owner = await connectOwner();
  const { rows } = await owner.query("select version::int, available_after_minor from entries where user_id = $1", [
    userId,
  ]);
  const ledger = new Map(rows.map((row) => [row.version, `${row.available_after_minor.slice(0, -2)}.00`]));
  expect(ledger.size).toBe(121);
  for (const [version, available] of seen) expect(ledger.get(version)).toBe(available);
  expect((await get(path)).body).toMatchObject({ available: "121.00", version: 121, source: "cache" });
}, 60_000);
