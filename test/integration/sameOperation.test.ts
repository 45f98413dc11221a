import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { hold, lockAccounts, openContenders, race, storeDeclined } from "../support/ledger/barrier.ts";
import { deposit, uniqueUserId } from "../support/ledger/operations.ts";
import { audit, createTestLedger, type TestLedger, tally, wordOf } from "../support/ledger/testLedger.ts";

let ledger: TestLedger;

beforeAll(async () => {
  ledger = await createTestLedger("same_operation");
});

afterAll(() => ledger.close());

function byId(one: { operationId: string }, other: { operationId: string }): number {
  return one.operationId < other.operationId ? -1 : 1;
}

describe("the same operation from many carriers at once", () => {
  test("30 carriers with the identical operation store one operation and one entry, without a retry", async () => {
    const userId = uniqueUserId();
    await ledger.fund([userId], "10.00");
    const same = deposit(userId, "5.00");
    const lists = Array.from({ length: 30 }, () => [same]);
    const { posted, outcomes, rollbacks } = await race(ledger, lockAccounts([userId]), lists);
    expect(outcomes).toEqual(Array(30).fill([{ operationId: same.operationId, status: "completed" }]));
    expect(posted.flatMap(({ operations }) => operations)).toHaveLength(1);
    const results = posted.flatMap((one) => [...one.operations, ...one.stored]);
    expect(results[0]).toMatchObject({ balance: { availableMinor: 1_500n, version: 2 } });
    expect(results).toEqual(Array(30).fill(results[0]!));
    expect(await ledger.findOperations([same.operationId])).toHaveLength(1);
    expect(await ledger.readEntries([same.operationId])).toHaveLength(1);
    expect(await ledger.availableMinor(userId)).toBe(1_500n);
    // After its wait for the lock, a carrier reads the rows that were stored meanwhile.
    expect({ rollbacks, refused: ledger.refused }).toEqual({ rollbacks: 0, refused: [] });
    expect(await audit(ledger)).toEqual([]);
  });

  test("of 20 carriers with one id for 20 users one completes, the others mismatch and leave no row", async () => {
    const userIds = Array.from({ length: 20 }, () => uniqueUserId());
    await ledger.fund(userIds, "10.00");
    const key = crypto.randomUUID();
    const lists = userIds.map((userId) => [deposit(userId, "5.00", key)]);
    const { outcomes } = await race(ledger, lockAccounts(userIds), lists);
    expect(tally(outcomes.flat().map(wordOf))).toEqual({ completed: 1, mismatched: 19 });
    const balances = await Promise.all(userIds.map((userId) => ledger.availableMinor(userId)));
    expect(tally(balances.map(String))).toEqual({ 1000: 19, 1500: 1 });
    expect(ledger.refused).toEqual([]);
    expect(await audit(ledger)).toEqual([]);
  });
});

describe("an operation that another transaction is storing", () => {
  test("waits for that transaction, runs again, and returns the stored outcome", async () => {
    const userId = uniqueUserId();
    await ledger.fund([userId], "10.00");
    const same = deposit(userId, "5.00");
    const neighbour = deposit(userId, "1.00");
    const { outcomes, rollbacks } = await race(ledger, storeDeclined(same), [[neighbour, same]], "commit");
    expect(outcomes.flat().map(wordOf)).toEqual(["completed", "insufficient_funds"]);
    expect(await ledger.availableMinor(userId)).toBe(1_100n);
    expect(await ledger.findOperations([same.operationId])).toMatchObject([{ workflowId: "another" }]);
    expect({ rollbacks, refused: ledger.refused }).toEqual({ rollbacks: 1, refused: [] });
  });

  test("waits as well if its request differs, and mismatches", async () => {
    const [userId, other] = [uniqueUserId(), uniqueUserId()];
    await ledger.fund([userId, other], "10.00");
    const key = crypto.randomUUID();
    const { outcomes } = await race(
      ledger,
      storeDeclined(deposit(other, "7.00", key)),
      [[deposit(userId, "5.00", key)]],
      "commit",
    );
    expect(outcomes.flat().map(wordOf)).toEqual(["mismatched"]);
    expect(await ledger.availableMinor(userId)).toBe(1_000n);
    expect(ledger.refused).toEqual([]);
  });

  test("is stored by the carrier that waited, if that transaction is rolled back", async () => {
    const userId = uniqueUserId();
    await ledger.fund([userId], "10.00");
    const same = deposit(userId, "5.00");
    const { outcomes, rollbacks } = await race(ledger, storeDeclined(same), [[same]]);
    expect(outcomes.flat().map(wordOf)).toEqual(["completed"]);
    expect(rollbacks).toBe(0);
    expect(await ledger.availableMinor(userId)).toBe(1_500n);
  });
});

describe("the same list from two carriers", () => {
  test("the second one waits for the first, returns equal outcomes and moves no money", async () => {
    const userId = uniqueUserId();
    await ledger.fund([userId], "10.00");
    const list = Array.from({ length: 50 }, () => deposit(userId, "1.00"));
    const contenders = await openContenders(ledger, 2);
    await using holder = await hold(ledger, lockAccounts([userId]));
    const posts = [contenders.post("first", list)];
    await contenders.awaitWaiting(1);
    posts.push(contenders.post("second", list));
    await contenders.awaitWaiting(2);
    await holder.rollback();
    const [first, second] = await Promise.all(posts);
    expect(second!.outcomes).toEqual(first!.outcomes);
    expect(second!.stored.toSorted(byId)).toEqual(first!.operations.toSorted(byId));
    expect(second).toMatchObject({ operations: [], entries: [], balances: [] });
    expect(await ledger.availableMinor(userId)).toBe(6_000n);
    expect(await contenders.close()).toEqual({ rollbacks: 0, deadlocks: 0 });
  });
});
