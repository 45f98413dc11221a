import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import type { ReservationFields } from "../../src/ledger/operations.ts";
import { tally, wordOf } from "../support/ledger.ts";
import { deposit, uniqueUserId } from "../support/operations.ts";
import { createReservationLedger, type ReservationLedger } from "../support/reservationLedger.ts";
import { recognition } from "../support/reservationOperations.ts";

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
