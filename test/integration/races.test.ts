import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { PoolClient } from "pg";
import { lockAccounts, race } from "../support/ledger/barrier.ts";
import { deposit, transfer, uniqueUserId, withdrawal } from "../support/ledger/operations.ts";
import { audit, createTestLedger, type TestLedger, tally, wordOf } from "../support/ledger/testLedger.ts";

let ledger: TestLedger;

beforeAll(async () => {
  ledger = await createTestLedger("races");
});

afterAll(() => ledger.close());

function sum(amounts: (bigint | undefined)[]): bigint {
  return amounts.reduce<bigint>((total, amount) => total + (amount ?? 0n), 0n);
}

describe("concurrent postings on one account:", () => {
  test("of 40 withdrawals of a whole balance one completes", async () => {
    const userId = uniqueUserId();
    await ledger.fund([userId], "100.00");
    const lists = Array.from({ length: 40 }, () => [withdrawal(userId, "100.00")]);
    const { outcomes, rollbacks, deadlocks } = await race(ledger, lockAccounts([userId]), lists);
    expect(tally(outcomes.flat().map(wordOf))).toEqual({ completed: 1, insufficient_funds: 39 });
    expect(await ledger.availableMinor(userId)).toBe(0n);
    expect({ rollbacks, deadlocks, refused: ledger.refused }).toEqual({ rollbacks: 0, deadlocks: 0, refused: [] });
    expect(await audit(ledger)).toEqual([]);
  });

  test("40 first deposits to one new user all complete, as versions 1 to 40", async () => {
    const userId = uniqueUserId();
    const lists = Array.from({ length: 40 }, () => [deposit(userId, "1.00")]);
    const createAccount = (client: PoolClient) => client.query("insert into accounts (user_id) values ($1)", [userId]);
    const { posted, rollbacks, deadlocks } = await race(ledger, createAccount, lists);
    const versions = posted.flatMap(({ operations }) => operations.map(({ balance }) => balance?.version ?? 0));
    expect(versions.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
    expect(await ledger.availableMinor(userId)).toBe(4_000n);
    expect({ rollbacks, deadlocks, refused: ledger.refused }).toEqual({ rollbacks: 0, deadlocks: 0, refused: [] });
    expect(await audit(ledger)).toEqual([]);
  });
});

describe("concurrent postings between accounts:", () => {
  test("120 opposite transfers in 40 carriers all complete without a deadlock, and money is conserved", async () => {
    const userIds = Array.from({ length: 6 }, () => uniqueUserId());
    await ledger.fund(userIds, "1000.00");
    const pairs = userIds.flatMap((from) => userIds.filter((to) => to !== from).map((to) => [from, to] as const));
    const transfers = Array.from({ length: 120 }, (_, index) => {
      const [from, to] = pairs[(index * 7) % pairs.length]!;
      return transfer(from, to, `${1 + (index % 5)}.00`);
    });
    const lists = Array.from({ length: 40 }, (_, index) => transfers.slice(index * 3, index * 3 + 3));
    const { outcomes, rollbacks, deadlocks } = await race(ledger, lockAccounts(userIds), lists);
    expect(tally(outcomes.flat().map(wordOf))).toEqual({ completed: 120 });
    expect(sum(await Promise.all(userIds.map((userId) => ledger.availableMinor(userId))))).toBe(600_000n);
    expect({ rollbacks, deadlocks, refused: ledger.refused }).toEqual({ rollbacks: 0, deadlocks: 0, refused: [] });
    expect(await audit(ledger)).toEqual([]);
  });

  test("a ring of 40 transfers of whole balances makes no balance negative and conserves money", async () => {
    const userIds = Array.from({ length: 5 }, () => uniqueUserId());
    await ledger.fund(userIds, "10.00");
    const lists = Array.from({ length: 40 }, (_, index) => [
      transfer(userIds[index % 5]!, userIds[(index + 1 + (index % 3)) % 5]!, "10.00"),
    ]);
    const { rollbacks, deadlocks } = await race(ledger, lockAccounts(userIds), lists);
    expect(sum(await Promise.all(userIds.map((userId) => ledger.availableMinor(userId))))).toBe(5_000n);
    expect({ rollbacks, deadlocks, refused: ledger.refused }).toEqual({ rollbacks: 0, deadlocks: 0, refused: [] });
    expect(await audit(ledger)).toEqual([]);
  });
});
