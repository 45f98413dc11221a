import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Pool } from "pg";
import { post } from "../../bench/plain/ledger.ts";
import { createPool } from "../../bench/plain/transaction.ts";
import type { StoredOperation } from "../../src/ledger/records.ts";
import { findBrokenPromises } from "../support/audit/promises.ts";
import { deposit, operation, transfer, uniqueUserId, withdrawal } from "../support/ledger/operations.ts";
import { createTestLedger, type TestLedger, tally } from "../support/ledger/testLedger.ts";

let ledger: TestLedger;
let pool: Pool;

beforeAll(async () => {
  ledger = await createTestLedger("plain_service");
});

afterAll(async () => {
  await ledger.close();
});

const run = (asked: Parameters<typeof post>[1]) => post(pool, asked, 3_600);

function tallyOf(stored: StoredOperation[]): Record<string, number> {
  return tally(stored.map(({ decline }) => decline?.code ?? "completed"));
}

describe.each([
  ["plain", false],
  ["tuned", true],
])("the %s service of the benchmark, under contention", (_, isTuned) => {
  beforeAll(() => {
    pool = createPool(ledger.databaseUrl, 16, isTuned);
  });

  afterAll(async () => {
    await pool.end();
  });

  test("30 requests with one key move the money once, and all are told the same", async () => {
    const [from, to] = [uniqueUserId(), uniqueUserId()];
    await ledger.fund([from], "10.00");
    const same = transfer(from, to, "1.00");
    const answers = await Promise.all(Array.from({ length: 30 }, () => run(same)));
    expect(new Set(answers.map(({ balance }) => `${balance?.version}`))).toEqual(new Set(["2"]));
    expect(await ledger.availableMinor(to)).toBe(100n);
  });

  test("20 withdrawals of the whole balance: one is completed, 19 are declined, and stay so", async () => {
    const userId = uniqueUserId();
    await run(deposit(userId, "5.00"));
    const asked = Array.from({ length: 20 }, () => withdrawal(userId, "5.00"));
    expect(tallyOf(await Promise.all(asked.map(run)))).toEqual({ completed: 1, insufficient_funds: 19 });
    await run(deposit(userId, "100.00"));
    expect(tallyOf(await Promise.all(asked.map(run)))).toEqual({ completed: 1, insufficient_funds: 19 });
  });

  test("transfers to and fro among few users, some of them new, end without a deadlock", async () => {
    const users = Array.from({ length: 6 }, () => uniqueUserId());
    await ledger.fund(users.slice(0, 4), "100.00");
    const asked = Array.from({ length: 200 }, (_, index) =>
      transfer(users[index % 4]!, users[(index + 1 + (index % 5)) % 6]!, "0.10"),
    ).filter(
      ({ kind, request }) => kind === "transfer" && "fromUserId" in request && request.fromUserId !== request.toUserId,
    );
    const answers = await Promise.all(asked.map(run));
    expect(tallyOf(answers)).toEqual({ completed: asked.length });
  });

  test("of 10 recognitions of one reservation one takes what is reserved", async () => {
    const userId = uniqueUserId();
    await ledger.fund([userId], "10.00");
    const reservation = operation({
      kind: "reservation",
      request: { userId, serviceId: "promotion", orderId: "order", amount: "4.00" },
    });
    expect(tallyOf([await run(reservation)])).toEqual({ completed: 1 });
    const asked = Array.from({ length: 10 }, () =>
      operation({ kind: "recognition", request: { reservationId: reservation.operationId } }),
    );
    expect(tallyOf(await Promise.all(asked.map(run)))).toEqual({ completed: 1, reservation_settled: 9 });
    expect(await ledger.availableMinor(userId)).toBe(600n);
  });

  test("its ledger keeps every promise that Saldo's keeps", async () => {
    expect(await findBrokenPromises(ledger.owner)).toEqual([]);
  });
});
