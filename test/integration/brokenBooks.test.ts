import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { createPosting } from "../../src/activities/posting.ts";
import { deriveOwnOperationId } from "../../src/ledger/operationId.ts";
import type { ReservationFields } from "../../src/ledger/operations.ts";
import { NOTHING_FOLLOWS } from "../support/carried.ts";
import { tally, wordOf } from "../support/ledger.ts";
import { deposit, uniqueUserId } from "../support/operations.ts";
import { createReservationLedger, type ReservationLedger } from "../support/reservationLedger.ts";
import { recognition, reservation } from "../support/reservationOperations.ts";

// The books of one account are broken by hand, as nothing that Saldo does can break them.

let ledger: ReservationLedger;

beforeAll(async () => {
  ledger = await createReservationLedger("broken_books");
});

beforeEach(() => {
  ledger.refused.length = 0;
});

afterAll(() => ledger.close());

const carrier = () => `carrier-${crypto.randomUUID()}`;

/** Makes the account say that less is reserved than its open reservations hold. */
async function breakBooks({ userId }: ReservationFields): Promise<void> {
  await ledger.rows("update accounts set reserved_minor = 0 where user_id = $1", [userId]);
}

describe("an operation on an account that has less reserved than its reservation holds", () => {
  test("is declined as refused with an alert, and its neighbours complete", async () => {
    const order = await ledger.fundedOrder("10.00");
    const reservationId = await ledger.reserve(order, "4.00");
    await breakBooks(order);
    const list = Array.from({ length: 100 }, () => deposit(uniqueUserId(), "1.00"));
    const broken = recognition({ reservationId });
    list[41] = broken;
    const outcomes = await ledger.post(carrier(), list);
    expect(tally(outcomes.map(wordOf))).toEqual({ completed: 99, refused_by_ledger: 1 });
    expect(wordOf(outcomes[41]!)).toBe("refused_by_ledger");
    expect(ledger.refused).toEqual([broken]);
    expect(await ledger.partsOf(reservationId)).toEqual(["0.00", "0.00", "0.00", "4.00"]);
  });

  test("aborts its atomic list, which ends as declined", async () => {
    const order = await ledger.fundedOrder("10.00");
    const reservationId = await ledger.reserve(order, "4.00");
    await breakBooks(order);
    const broken = recognition({ reservationId });
    const outcomes = await ledger.post(carrier(), [deposit(uniqueUserId(), "1.00"), broken], true);
    expect(outcomes.map(wordOf)).toEqual(["batch_aborted", "refused_by_ledger"]);
    expect(ledger.refused).toEqual([broken]);
  });
});

describe("an expiry that the ledger refuses", () => {
  const expiryId = (reservationId: string) => deriveOwnOperationId("expiry", reservationId);

  /** A saga of seven, all due, of which the fourth cannot expire. */
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

  test("stops none of the others: they expire, and it stays open, alerted and without a stored word", async () => {
    const { saga, ids, broken } = await startDue();
    const { outcomes, reservations } = await ledger.expire(saga, ids);
    expect(outcomes.map(({ operationId }) => operationId)).toEqual(ids.filter((id) => id !== broken).map(expiryId));
    expect(new Set(outcomes.map(wordOf))).toEqual(new Set(["completed"]));
    expect(reservations.map(({ reservationId }) => reservationId).toSorted()).toEqual(ids.toSorted());
    expect(ledger.refused).toMatchObject([{ kind: "expiry", request: { reservationId: broken } }]);
    expect(await ledger.partsOf(broken)).toEqual(["0.00", "0.00", "0.00", "4.00"]);
    expect(await ledger.findOperations([expiryId(broken)])).toEqual([]);
  });

  test("is what its saga says, and waits long for; it comes once the books are mended", async () => {
    const { saga, ids, broken, order } = await startDue();
    const { expire } = createPosting(ledger, NOTHING_FOLLOWS);
    const { standing } = await expire(saga, ids, []);
    expect(standing).toMatchObject({ openReservationIds: [broken], refusedIds: [broken], expired: "24.00" });
    expect(standing.due!.inMs).toBe(600_000);

    const settled = ids.filter((id) => id !== broken);
    expect((await expire(saga, [broken], settled)).standing).toMatchObject({ ...standing, due: standing.due! });

    await ledger.rows("update accounts set reserved_minor = 400 where user_id = $1", [order.userId]);
    const mended = await expire(saga, [broken], settled);
    expect(mended.outcomes).toMatchObject([{ operationId: expiryId(broken), status: "completed" }]);
    expect(mended.standing).toMatchObject({ expired: "28.00", openReservationIds: [] });
    expect(mended.standing.refusedIds).toBeUndefined();
  });
});
