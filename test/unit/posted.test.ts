import { describe, expect, test } from "bun:test";
import { createOnPosted } from "../../src/dispatch/posted.ts";
import { joinPosted, type Posted } from "../../src/ledger/posted.ts";
import type { BalanceAsOf, StoredOperation } from "../../src/ledger/records.ts";
import { storedDeposit } from "../support/dispatch/storedDeposit.ts";
import { drainMicrotasks } from "../support/waiting.ts";

const balance: BalanceAsOf = { userId: "alice", availableMinor: 1n, reservedMinor: 0n, version: 1, asOf: new Date(0) };
const [decided, known] = [storedDeposit("decided", "carrier"), storedDeposit("known", "an earlier carrier")];
const posted = (given: Partial<Posted>): Posted => ({ ...joinPosted([]), ...given });

function setUp() {
  const written: BalanceAsOf[][] = [];
  const read: string[][] = [];
  const resolved: StoredOperation[][] = [];
  let cached: Promise<void> | undefined;
  const trial = Promise.withResolvers<void>();
  const onPosted = createOnPosted({
    resolve(operations, promise) {
      resolved.push([...operations]);
      cached = promise;
    },
    async refreshBalances(balances) {
      written.push(balances);
      await trial.promise;
    },
    async refreshTouched(operationIds) {
      read.push(operationIds);
      await trial.promise;
    },
  });
  return { onPosted, written, read, resolved, cached: () => cached, endTrial: trial.resolve };
}

describe("after a commit", () => {
  test("the rows of the posting go to the cache and to the waiting callers", async () => {
    const { onPosted, written, read, resolved, endTrial } = setUp();
    endTrial();
    await onPosted(posted({ operations: [decided], balances: [balance] }), true);
    expect([written, read, resolved]).toEqual([[[balance]], [], [[decided]]]);
  });

  test("callers are answered before the cache write ends, with the promise of that write", async () => {
    const { onPosted, resolved, cached, endTrial } = setUp();
    let [isCached, isOver] = [false, false];
    const done = onPosted(posted({ operations: [decided], balances: [balance] }), true).then(() => {
      isOver = true;
    });
    void cached()!.then(() => {
      isCached = true;
    });
    await drainMicrotasks();
    expect([resolved.length, isCached, isOver]).toEqual([1, false, false]);
    endTrial();
    await done;
    expect(isCached).toBe(true);
  });

  test("balances of operations that were stored before are read from the ledger", async () => {
    const { onPosted, written, read, resolved, endTrial } = setUp();
    endTrial();
    await onPosted(posted({ operations: [decided], stored: [known], balances: [balance] }), true);
    expect([written, read, resolved]).toEqual([[[balance]], [["known"]], [[decided, known]]]);
  });

  test("rows that may be out of date are not cached: all balances are read from the ledger", async () => {
    const { onPosted, written, read, resolved, endTrial } = setUp();
    endTrial();
    await onPosted(posted({ operations: [decided], stored: [known], balances: [balance] }), false);
    expect([written, read, resolved]).toEqual([[], [["known", "decided"]], [[decided, known]]]);
  });

  test("a decline alone does not use the cache", async () => {
    const { onPosted, written, read, resolved } = setUp();
    await onPosted(posted({ operations: [decided] }), true);
    expect([written, read, resolved]).toEqual([[], [], [[decided]]]);
  });
});
