import { expect, test } from "bun:test";
import { mintToken } from "../../scripts/keys.ts";
import { type Answer, get } from "../support/api/client.ts";
import { userWith } from "../support/api/funds.ts";
import { expectProblem } from "../support/api/problem.ts";
import { completed, reserve } from "../support/api/reservations.ts";
import { wholeStatement } from "../support/api/statements.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { holdAccount } from "../support/stack/heldAccount.ts";

const pathOf = (userId: string) => `/v1/users/${userId}/balance`;
const balanceAt = (userId: string, at: string, more = ""): Promise<Answer> =>
  get(`${pathOf(userId)}?at=${encodeURIComponent(at)}${more}`);

const userId = await userWith("100.00");
await reserve(userId, "30.00");
await completed("/v1/withdrawals", { userId, amount: "5.00" });

test("a balance at a time is the one after the last entry before it, as the statement up to it ends", async () => {
  const entries = await wholeStatement(userId, { order: "asc" });
  expect(entries).toHaveLength(3);
  for (const { createdAt } of entries) {
    for (const distanceMs of [-1, 0, 1]) {
      const at = new Date(Date.parse(createdAt) + distanceMs).toISOString();
      const last = (await wholeStatement(userId, { order: "asc", to: at })).at(-1);
      const { status, body } = await balanceAt(userId, at);
      expect([status, body]).toEqual([
        200,
        {
          userId,
          available: last?.availableAfter ?? "0.00",
          reserved: last?.reservedAfter ?? "0.00",
          version: last?.version ?? 0,
          currency: "RUB",
          asOf: at,
          source: "ledger",
        },
      ]);
    }
  }
  const [, , withdrawal] = entries;
  const after = new Date(Date.parse(withdrawal.createdAt) + 1).toISOString();
  const money = { available: "65.00", reserved: "30.00", version: 3 };
  expect((await balanceAt(userId, after)).body).toMatchObject(money);
  expect((await get(pathOf(userId))).body).toMatchObject({ ...money, currency: "RUB" });
});

test("a time has any offset, up to nanoseconds, and may come with consistency=strong", async () => {
  const [first] = await wholeStatement(userId, { order: "asc" });
  const asOf = new Date(Date.parse(first.createdAt) + 1).toISOString();
  const { body } = await balanceAt(userId, asOf);
  expect(body).toMatchObject({ version: 1, asOf });
  const moved = new Date(Date.parse(asOf) + 10_800_000).toISOString().replace("Z", "+03:00");
  expect((await balanceAt(userId, moved)).body).toEqual(body);
  expect((await get(`${pathOf(userId)}?at=${moved}`)).body).toEqual(body);
  expect((await balanceAt(userId, first.createdAt.replace("Z", "000001Z"))).body).toEqual(body);
  expect((await balanceAt(userId, asOf, "&consistency=strong")).body).toEqual(body);
});

test("before the first credit it is zero at version 0, and a user without a credit is unknown", async () => {
  const zero = { available: "0.00", reserved: "0.00", version: 0, source: "ledger" };
  for (const at of ["2020-02-29T23:59:59+14:00", "0001-01-01T00:00:00Z"]) {
    const { status, body } = await balanceAt(userId, at);
    expect([status, body]).toMatchObject([200, { ...zero, asOf: new Date(at).toISOString() }]);
  }
  const unknown = uniqueUserId("unknown");
  expectProblem(await balanceAt(unknown, "2020-01-01T00:00:00Z"), "account_unknown", pathOf(unknown));
});

test("a time in the future, or another text, is refused by name", async () => {
  const future = ["9999-12-31T23:59:59Z", new Date(Date.now() + 60_000).toISOString()];
  for (const at of future) {
    expectProblem(await balanceAt(userId, at), "invalid_request", pathOf(userId), {
      errors: [{ field: "at", message: "must not be in the future" }],
    });
  }
  for (const at of ["", "now", "2026-11-23", "2026-02-30T00:00:00Z", "2026-11-23T12:00:00", "1764000000"]) {
    expectProblem(await balanceAt(userId, at), "invalid_request", pathOf(userId), {
      errors: [{ field: "at", message: expect.stringMatching(/^must be a time like /) }],
    });
  }
});

test("it needs balance:read", async () => {
  const token = await mintToken({ scope: "funds:write operations:read" });
  const answer = await get(`${pathOf(userId)}?at=2026-01-01T00:00:00Z`, { token });
  expect([answer.status, answer.body.code]).toEqual([403, "insufficient_scope"]);
});

test("while the account stays locked it is not promised: 503, and 200 afterwards", async () => {
  const held = await holdAccount(userId);
  const at = "2026-01-01T00:00:00Z";
  expectProblem(await balanceAt(userId, at), "ledger_unavailable", pathOf(userId));
  await held.release();
  expect((await balanceAt(userId, at)).status).toBe(200);
}, 20_000);

test("readers of a locked account delay no other read, and are answered once it is unlocked, or 503", async () => {
  const other = await userWith("7.00");
  await using held = await holdAccount(userId);
  const at = new Date(Date.now() - 1_000).toISOString();
  let answered = 0;
  const readers = Array.from({ length: 40 }, async () => {
    const answer = await balanceAt(userId, at);
    answered += 1;
    return answer;
  });
  for (let reads = 0; reads < 5; reads += 1) {
    const { status, body } = await get(`${pathOf(other)}?consistency=strong`);
    expect([status, body.available, answered]).toEqual([200, "7.00", 0]);
  }
  await held.release();
  const last = (await wholeStatement(userId, { order: "asc", to: at })).at(-1);
  const answers = await Promise.all(readers);
  const read = answers.filter(({ status }) => status === 200);
  for (const { body } of read) expect(body).toMatchObject({ version: last.version, asOf: at });
  const refused = answers.filter(({ status }) => status !== 200);
  for (const answer of refused) expectProblem(answer, "ledger_unavailable", pathOf(userId));
  expect((await balanceAt(userId, at)).body).toMatchObject({ version: last.version, asOf: at });
}, 20_000);
