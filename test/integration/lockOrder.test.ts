import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { PoolClient } from "pg";
import type { Operation } from "../../src/ledger/operations.ts";
import { hold, lockAccounts, openContenders, race, storeDeclined } from "../support/ledger/barrier.ts";
import { deposit, uniqueUserId } from "../support/ledger/operations.ts";
import { createTestLedger, type TestLedger, tally, wordOf } from "../support/ledger/testLedger.ts";

let ledger: TestLedger;

beforeAll(async () => {
  ledger = await createTestLedger("lock_order");
  // Without index scans the table is read in the order of its rows. An index scan would return the order of ids by
  // chance.
  for (const plan of ["enable_indexscan", "enable_bitmapscan"]) {
    await ledger.owner.query(`alter database lock_order set ${plan} = off`);
  }
});

afterAll(() => ledger.close());

/**
 * One deposit under each key. Calls for two users make lists with the same operation ids and different accounts.
 */
function depositsUnder(keys: string[], userId: string): Operation[] {
  return keys.map((key) => deposit(userId, "1.00", key));
}

describe("a fixed lock order, which excludes deadlocks:", () => {
  test("accounts are locked in the order of ids, not in the order of their rows", async () => {
    const [a, b, c] = ["a", "b", "c"].map((name) => uniqueUserId(name)) as [string, string, string];
    // The rows lie in the order a, c, b. Once `updating` commits, the new row of a lies at the end.
    for (const userId of [a, c, b]) await ledger.fund([userId], "10.00");
    const contenders = await openContenders(ledger, 2);
    await using updating = await hold(ledger, (client: PoolClient) =>
      client.query("update accounts set available_minor = available_minor where user_id = $1", [a]),
    );
    await using holdingC = await hold(ledger, lockAccounts([c]));

    const three = contenders.post("three", [deposit(a, "1.00"), deposit(b, "1.00"), deposit(c, "1.00")]);
    await contenders.awaitWaiting(1, updating);
    await updating.commit();
    await contenders.awaitWaiting(1, holdingC);
    const two = contenders.post("two", [deposit(a, "1.00"), deposit(b, "1.00")]);
    await contenders.awaitWaiting(2);
    await holdingC.rollback();

    const outcomes = (await Promise.all([three, two])).flatMap((posted) => posted.outcomes);
    expect(outcomes.map(wordOf)).toEqual(Array(5).fill("completed"));
    expect(await contenders.close()).toEqual({ rollbacks: 0, deadlocks: 0 });
  });

  test("accounts are created in the order of ids, not of the list", async () => {
    const [a, b, last] = ["a", "b", "c"].map((name) => uniqueUserId(name)) as [string, string, string];
    const lists = [
      [deposit(a, "1.00"), deposit(last, "1.00"), deposit(b, "1.00")],
      [deposit(b, "1.00"), deposit(last, "1.00"), deposit(a, "1.00")],
    ];
    const createLast = (client: PoolClient) => client.query("insert into accounts (user_id) values ($1)", [last]);
    const { outcomes, rollbacks, deadlocks } = await race(ledger, createLast, lists);
    expect(outcomes.flat().map(wordOf)).toEqual(Array(6).fill("completed"));
    expect({ rollbacks, deadlocks }).toEqual({ rollbacks: 0, deadlocks: 0 });
  });

  test("operations are stored in the order of ids, not of the list", async () => {
    const keys = Array.from({ length: 3 }, () => crypto.randomUUID());
    const byId = depositsUnder(keys, "unused").toSorted((one, other) => (one.operationId < other.operationId ? -1 : 1));
    const [x, y, last] = byId.map(({ idempotencyKey }) => idempotencyKey) as [string, string, string];
    const lists = [depositsUnder([x, last, y], uniqueUserId()), depositsUnder([y, last, x], uniqueUserId())];
    const { outcomes, deadlocks } = await race(ledger, storeDeclined(byId[2]!), lists);
    expect(tally(outcomes.flat().map(wordOf))).toEqual({ completed: 3, mismatched: 3 });
    expect(deadlocks).toBe(0);
  });
});
