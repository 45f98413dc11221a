import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import type { ReservationFields } from "../../src/ledger/operations.ts";
import { findBrokenPromises } from "../support/audit/promises.ts";
import { deposit, withdrawal } from "../support/ledger/operations.ts";
import { createReservationLedger, type ReservationLedger } from "../support/ledger/reservationLedger.ts";
import { recognition, refund } from "../support/ledger/reservationOperations.ts";

let ledger: ReservationLedger;

beforeAll(async () => {
  ledger = await createReservationLedger("reservation_refunds");
});

afterEach(async () => {
  expect(await findBrokenPromises(ledger.owner)).toEqual([]);
});

afterAll(() => ledger.close());

/** A recognition of this much. @returns its id. */
async function recognize(order: ReservationFields, amount: string): Promise<string> {
  const asked = recognition({ reservationId: await ledger.reserve(order, amount) });
  await ledger.postOne(asked);
  return asked.operationId;
}

describe("refunding", () => {
  test("gives back all that was recognized by default: it leaves the service's revenue and is available again", async () => {
    const order = await ledger.fundedOrder("10.00");
    const reservationId = await ledger.reserve(order, "4.00");
    const recognized = recognition({ reservationId, amount: "3.00" });
    await ledger.postOne(recognized);
    const asked = refund(recognized.operationId);
    expect(await ledger.postOne(asked)).toMatchObject({
      balance: { available: "10.00", reserved: "0.00", version: 4 },
    });
    expect((await ledger.entriesOf(order.userId)).at(-1)).toEqual([
      "refund",
      "3.00",
      ["3.00", "0.00"],
      ["10.00", "0.00"],
    ]);
    expect(await ledger.readEntries([asked.operationId])).toMatchObject([{ ...order, reservationId }]);
    expect(await ledger.revenueOf(order.serviceId)).toEqual(["3.00", "-3.00"]);
    expect(await ledger.partsOf(reservationId)).toEqual(["3.00", "1.00", "0.00", "0.00"]);
  });

  test("is repeatable in parts, up to what was recognized and not a kopeck more", async () => {
    const order = await ledger.fundedOrder("10.00");
    const recognitionId = await recognize(order, "3.00");
    const outcomes = await ledger.postAll(
      refund(recognitionId, "1.00"),
      refund(recognitionId, "2.01"),
      refund(recognitionId, "1.50"),
      refund(recognitionId, "0.51"),
      refund(recognitionId),
    );
    expect(outcomes).toMatchObject([
      { balance: { available: "8.00" } },
      { code: "exceeds_recognized" },
      { balance: { available: "9.50" } },
      { code: "exceeds_recognized" },
      { balance: { available: "10.00" } },
    ]);
    expect(await ledger.postAll(refund(recognitionId), refund(recognitionId, "0.01"))).toMatchObject([
      { code: "exceeds_recognized" },
      { code: "exceeds_recognized" },
    ]);
    expect(await ledger.rows("select refunded_minor from recognitions where id = $1", [recognitionId])).toEqual([
      { refunded_minor: 300n },
    ]);
    expect((await ledger.revenueOf(order.serviceId)).toSorted()).toEqual(["-0.50", "-1.00", "-1.50", "3.00"]);
  });

  test("is bounded by its own recognition, not by the service's or the user's others", async () => {
    const order = await ledger.fundedOrder("10.00");
    const [one] = [await recognize(order, "1.00"), await recognize(order, "5.00")];
    expect(await ledger.postOne(refund(one, "1.01"))).toMatchObject({ code: "exceeds_recognized" });
  });

  test("is declined as recognition_not_found for what is no completed recognition", async () => {
    const order = await ledger.fundedOrder("10.00");
    const reservationId = await ledger.reserve(order, "1.00");
    const declined = recognition({ reservationId, amount: "2.00" });
    await ledger.postOne(declined);
    for (const id of [crypto.randomUUID(), reservationId, declined.operationId]) {
      expect(await ledger.postOne(refund(id))).toMatchObject({ status: "declined", code: "recognition_not_found" });
    }
  });

  test("beyond what an account may hold is declined, and can be done once there is room", async () => {
    const order = await ledger.fundedOrder("1.00");
    const recognitionId = await recognize(order, "1.00");
    await ledger.postOne(deposit(order.userId, "90000000000000000.00"));
    expect(await ledger.postOne(refund(recognitionId))).toMatchObject({ code: "balance_limit_exceeded" });
    expect(await ledger.revenueOf(order.serviceId)).toEqual(["1.00"]);
    await ledger.postOne(withdrawal(order.userId, "1.00"));
    expect(await ledger.postOne(refund(recognitionId))).toMatchObject({ status: "completed" });
  });
});
