import { beforeEach, describe, expect, test } from "bun:test";
import { createTally, type Tally } from "../../src/activities/tally.ts";
import { SEARCH_VALUES_MAX } from "../../src/ledger/carriers.ts";
import type { Operation, Outcome } from "../../src/ledger/operations.ts";
import { joinPosted, type Posted } from "../../src/ledger/posted.ts";
import type { StoredOperation } from "../../src/ledger/records.ts";
import { NOTHING_SETTLED } from "../support/ledger/absentFields.ts";
import { deposit, transfer, withdrawal } from "../support/ledger/operations.ts";
import { expiry, refund, release, reservation } from "../support/ledger/reservationOperations.ts";

let tally: Tally;
beforeEach(() => {
  tally = createTally();
});

const completed: Pick<Outcome, "status"> = { status: "completed" };
const short = { status: "declined", code: "insufficient_funds" } as const;
const settled = { status: "declined", code: "reservation_settled" } as const;
const mismatched = { status: "mismatched" } as const;

function posted(operations: readonly Operation[], results: object[], rest: Partial<Posted> = {}): Posted {
  const outcomes = operations.map(({ operationId }, index) => ({ operationId, ...results[index] }) as Outcome);
  return { ...joinPosted([]), outcomes, ...rest };
}

function add(operations: readonly Operation[], rest: Partial<Posted> = {}): void {
  const results = operations.map(() => completed);
  tally.add(operations, posted(operations, results, rest));
}

/** The row of an operation, with these fields of its subject. */
function row(fields: Partial<StoredOperation>): StoredOperation {
  return { ...NOTHING_SETTLED, ...fields } as StoredOperation;
}

describe("counts", () => {
  test("are by kind and outcome, in order of first occurrence, over all postings", () => {
    const first = [deposit("a", "1.00"), withdrawal("a", "1.00"), deposit("b", "1.00"), deposit("c", "1.00")];
    tally.add(first, posted(first, [completed, short, completed, mismatched]));
    const second = [withdrawal("a", "1.00"), withdrawal("b", "1.00"), release({ reservationId: "r" })];
    tally.add(second, posted(second, [short, completed, settled]));
    expect(tally.counts()).toEqual([
      { kind: "deposit", outcome: "completed", count: 2 },
      { kind: "withdrawal", outcome: "insufficient_funds", count: 2 },
      { kind: "deposit", outcome: "mismatched", count: 1 },
      { kind: "withdrawal", outcome: "completed", count: 1 },
      { kind: "release", outcome: "reservation_settled", count: 1 },
    ]);
  });

  test("are small for a thousand operations with the longest fields", () => {
    const operations = Array.from({ length: 1_000 }, (_, index) => transfer(`${index}`.padStart(64, "u"), "b", "1.00"));
    add(operations);
    expect(JSON.stringify([tally.counts(), tally.found()]).length).toBeLessThan(8 * 1024);
  });

  test("of no operations are empty", () => {
    expect(tally.counts()).toEqual([]);
    expect(tally.found()).toEqual({ kinds: [], userIds: [], orderIds: [], reservationIds: [] });
  });
});

describe("the search attributes of a carrier", () => {
  test("are the kinds, users and orders of its operations, including declined ones", () => {
    const order = { userId: "alice", serviceId: "promotion", orderId: "order-1" };
    const operations = [transfer("a", "b", "1.00"), reservation(order, "1.00"), refund("c")];
    tally.add(operations, posted(operations, [short, short, settled]));
    expect(tally.found()).toEqual({
      kinds: ["transfer", "reservation", "refund"],
      userIds: ["a", "b", "alice"],
      orderIds: ["order-1"],
      reservationIds: [],
    });
  });

  test("include user, order and reservation of a settlement that names only an id", () => {
    add([release({ reservationId: "r" })], {
      operations: [row({ kind: "release", userId: "alice", orderId: "order-1", reservationId: "r" })],
    });
    expect(tally.found()).toEqual({
      kinds: ["release"],
      userIds: ["alice"],
      orderIds: ["order-1"],
      reservationIds: ["r"],
    });
  });

  test("include the counterparty of a transfer, and no order where there is none", () => {
    add([transfer("a", "b", "1.00")], {
      operations: [row({ kind: "transfer", userId: "a", counterpartyUserId: "b" })],
    });
    expect(tally.found()).toMatchObject({ userIds: ["a", "b"], orderIds: [], reservationIds: [] });
  });

  test("include Saldo's own operations", () => {
    add([expiry("r")], { operations: [row({ kind: "expiry", reservationId: "r" })] });
    expect(tally.found()).toMatchObject({ kinds: ["expiry"], reservationIds: ["r"] });
  });

  test("include each value once, over all postings", () => {
    add([deposit("a", "1.00"), deposit("a", "2.00")]);
    add([deposit("a", "3.00"), deposit("b", "1.00")]);
    expect(tally.found()).toMatchObject({ kinds: ["deposit"], userIds: ["a", "b"] });
  });

  test("include at most 21 values of a list, one above the limit, which shows that it is incomplete", () => {
    const many = Array.from({ length: 50 }, (_, index) => `${index}`);
    for (const value of many) {
      const order = { userId: `user-${value}`, serviceId: "promotion", orderId: `order-${value}` };
      add([reservation(order, "1.00")], {
        operations: [{ kind: "reservation", reservationId: value } as StoredOperation],
      });
    }
    const { userIds, orderIds, reservationIds } = tally.found();
    expect([userIds.length, orderIds.length, reservationIds.length]).toEqual(Array(3).fill(SEARCH_VALUES_MAX + 1));
    expect(reservationIds).toEqual(many.slice(0, SEARCH_VALUES_MAX + 1));
  });
});
