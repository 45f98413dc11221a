import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { deriveOwnOperationId } from "../../src/ledger/operationId.ts";
import type { ReservationFields } from "../../src/ledger/operations.ts";
import { postingOn } from "../support/activities/barePosting.ts";
import { deposit, uniqueUserId } from "../support/ledger/operations.ts";
import { createReservationLedger, type ReservationLedger } from "../support/ledger/reservationLedger.ts";
import { recognition, reservation } from "../support/ledger/reservationOperations.ts";
import { tally, wordOf } from "../support/ledger/testLedger.ts";

// Breaks the books of one account by hand, as Saldo itself cannot.

let ledger: ReservationLedger;

beforeAll(async () => {
  ledger = await createReservationLedger("broken_books");
});

beforeEach(() => {
  ledger.refused.length = 0;
});

afterAll(() => ledger.close());

const carrier = () => `carrier-${crypto.randomUUID()}`;

/** Sets the reserved amount of the account below the sum of its open reservations. */
async function breakBooks({ userId }: ReservationFields): Promise<void> {
  await ledger.rows("update accounts set reserved_minor = 0 where user_id = $1", [userId]);
}

describe("an operation on an account that has less reserved than its reservation holds", () => {
  test("is declined as refused_by_ledger with an alert, and its neighbours complete", async () => {
    const order = await ledger.fundedOrder("10.00");
    const reservationId = await ledger.reserve(order, "4.00");
    await breakBooks(order);
    const list = Array.from({ length: 100 }, () => deposit(uniqueUserId(), "1.00"));
    const broken = recognition({ reservationId });
    list[41] = broken;
    const { outcomes } = await ledger.post(carrier(), list);
    expect(tally(outcomes.map(wordOf))).toEqual({ completed: 99, refused_by_ledger: 1 });
    expect(wordOf(outcomes[41]!)).toBe("refused_by_ledger");
    expect(ledger.refused).toEqual([broken]);
    expect(await ledger.partsOf(reservationId)).toEqual(["0.00", "0.00", "0.00", "4.00"]);
  });

  test("aborts its atomic list, all of which is declined", async () => {
    const order = await ledger.fundedOrder("10.00");
    const reservationId = await ledger.reserve(order, "4.00");
    await breakBooks(order);
    const broken = recognition({ reservationId });
    const { outcomes } = await ledger.post(carrier(), [deposit(uniqueUserId(), "1.00"), broken], true);
    expect(outcomes.map(wordOf)).toEqual(["batch_aborted", "refused_by_ledger"]);
    expect(ledger.refused).toEqual([broken]);
  });
});

describe("an expiry that the ledger refuses", () => {
  const expiryId = (reservationId: string) => deriveOwnOperationId("expiry", reservationId);

  /** A saga of seven due reservations, of which the fourth cannot expire. */
  async function startDue() {
    const orders = await Promise.all(Array.from({ length: 7 }, () => ledger.fundedOrder("10.00")));
    const saga = carrier();
    const list = orders.map((order) => reservation(order, "4.00"));
    await ledger.post(saga, list);
    const ids = list.map(({ operationId }) => operationId);
    await ledger.passDeadline(...ids);
    await breakBooks(orders[3]!);
    return { saga, ids, broken: ids[3]!, order: orders[3]! };
  }

  test("does not stop other expiries; its reservation stays open, with an alert and no stored operation", async () => {
    const { saga, ids, broken } = await startDue();
    const { posted, refusedIds } = await ledger.expireByIds(saga, ...ids);
    const others = ids.filter((id) => id !== broken);
    expect(posted.outcomes.map(({ operationId }) => operationId).toSorted()).toEqual(others.map(expiryId).toSorted());
    expect(new Set(posted.outcomes.map(wordOf))).toEqual(new Set(["completed"]));
    expect(posted.operations).toHaveLength(6);
    expect(refusedIds).toEqual([broken]);
    for (const id of others) expect(await ledger.partsOf(id)).toEqual(["0.00", "0.00", "4.00", "0.00"]);
    expect(ledger.refused).toMatchObject([{ kind: "expiry", request: { reservationId: broken } }]);
    expect(await ledger.partsOf(broken)).toEqual(["0.00", "0.00", "0.00", "4.00"]);
    expect(await ledger.findOperations([expiryId(broken)])).toEqual([]);
  });

  test("is in the summary of its saga, which retries in 10 min; it completes after a repair of the books", async () => {
    const { saga, broken, order } = await startDue();
    const { expire } = postingOn(ledger);
    const first = await expire(saga);
    const refused = { count: 1, reservationId: broken };
    expect(first.counts).toEqual([{ kind: "expiry", outcome: "completed", count: 6 }]);
    expect(first.saga).toMatchObject({ openCount: 1, onlyOpenId: broken, refused, expired: "24.00" });
    expect(first.saga!.due).toEqual({ inMs: 600_000 });

    const second = await expire(saga);
    expect(second).toMatchObject({ counts: [], saga: first.saga! });
    // Only the saga's own attempts alert. The search for overdue reservations of other sagas skips this one.
    expect(ledger.refused.filter((one) => one.kind === "expiry" && one.request.reservationId === broken)).toHaveLength(
      2,
    );

    await ledger.rows("update accounts set reserved_minor = 400 where user_id = $1", [order.userId]);
    const repaired = await expire(saga);
    expect(repaired.counts).toEqual([{ kind: "expiry", outcome: "completed", count: 1 }]);
    expect(await ledger.findOperations([expiryId(broken)])).toMatchObject([{ decline: null }]);
    expect(repaired.saga).toMatchObject({ expired: "28.00", openCount: 0 });
    expect(repaired.saga!.refused).toBeUndefined();
  });
});
