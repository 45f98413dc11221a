import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import type { Outcome, ReservationFields } from "../../src/ledger/operations.ts";
import { findBrokenPromises } from "../support/audit/promises.ts";
import { createReservationLedger, type ReservationLedger } from "../support/ledger/reservationLedger.ts";
import { recognition, release, reservation, uniqueOrder } from "../support/ledger/reservationOperations.ts";

let ledger: ReservationLedger;

beforeAll(async () => {
  ledger = await createReservationLedger("reservation_candidates");
});

afterEach(async () => {
  expect(await findBrokenPromises(ledger.owner)).toEqual([]);
});

afterAll(() => ledger.close());

const recognize = (order: ReservationFields, amount: string) => ledger.postOne(recognition({ ...order, amount }));
const free = (order: ReservationFields) => ledger.postOne(release(order));

/** The id of the one reservation that the operation has settled. */
async function settledBy({ operationId, status }: Outcome): Promise<string> {
  expect(status).toBe("completed");
  const [entry] = await ledger.readEntries([operationId]);
  return entry!.reservationId!;
}

/** The stored decline of the operation. */
async function declineOf({ operationId }: Outcome) {
  return (await ledger.findOperations([operationId]))[0]!.decline;
}

describe("recognition by the four fields", () => {
  test("takes the reservation with exactly the amount, though others are due earlier", async () => {
    const order = await ledger.fundedOrder("20.00");
    await ledger.reserve(order, "3.00", 60);
    const exact = await ledger.reserve(order, "2.00", 600);
    expect(await settledBy(await recognize(order, "2.00"))).toBe(exact);
    expect(await ledger.partsOf(exact)).toEqual(["2.00", "0.00", "0.00", "0.00"]);
  });

  test("compares the remaining amount, not the reserved one", async () => {
    const order = await ledger.fundedOrder("20.00");
    const partly = await ledger.reserve(order, "3.00");
    await ledger.postOne(release({ reservationId: partly, amount: "1.00" }));
    const declined = await recognize(order, "3.00");
    expect(await declineOf(declined)).toEqual({ code: "amount_mismatch", reservationIds: [partly] });
    expect(await settledBy(await recognize(order, "2.00"))).toBe(partly);
  });

  test("takes, of reservations with the amount, the one that is due first, though it is the youngest", async () => {
    const order = await ledger.fundedOrder("20.00");
    const [third, second, first] = [
      await ledger.reserve(order, "2.00", 900),
      await ledger.reserve(order, "2.00", 600),
      await ledger.reserve(order, "2.00", 300),
    ];
    const settled = [];
    for (let turn = 0; turn < 3; turn += 1) settled.push(await settledBy(await recognize(order, "2.00")));
    expect(settled).toEqual([first, second, third]);
  });

  test("takes the oldest reservation where deadlines are equal, also within one list", async () => {
    const order = await ledger.fundedOrder("20.00");
    const together = Array.from({ length: 6 }, () => reservation(order, "2.00", { ttlSeconds: 60 }));
    await ledger.postAll(...together);
    const settled = [];
    for (let turn = 0; turn < 6; turn += 1) settled.push(await settledBy(await recognize(order, "2.00")));
    expect(settled).toEqual(together.map(({ operationId }) => operationId));
  });

  test("never takes a reservation of another user, service or order", async () => {
    const order = await ledger.fundedOrder("20.00");
    const other = await ledger.fundedOrder("20.00");
    await ledger.reserve({ ...order, userId: other.userId }, "2.00");
    await ledger.reserve({ ...order, serviceId: other.serviceId }, "2.00");
    await ledger.reserve({ ...order, orderId: "another" }, "2.00");
    await ledger.reserve({ ...order, orderId: order.orderId.toUpperCase() }, "2.00");
    expect(await recognize(order, "2.00")).toMatchObject({ code: "reservation_not_found" });
    expect(await free(order)).toMatchObject({ code: "reservation_not_found" });
  });

  test("is declined as amount_mismatch with the open reservations, if none has exactly the amount", async () => {
    const order = await ledger.fundedOrder("20.00");
    const settled = await ledger.reserve(order, "5.00");
    await ledger.postOne(recognition({ reservationId: settled }));
    const [later, sooner] = [await ledger.reserve(order, "2.00", 600), await ledger.reserve(order, "3.00", 60)];
    const outcome = await recognize(order, "5.00");
    expect(outcome).toMatchObject({ status: "declined", code: "amount_mismatch" });
    expect(await declineOf(outcome)).toEqual({ code: "amount_mismatch", reservationIds: [sooner, later] });
  });
});

describe("release by the three fields", () => {
  test("takes the only open reservation, of any amount", async () => {
    const order = await ledger.fundedOrder("20.00");
    await ledger.postOne(release({ reservationId: await ledger.reserve(order, "3.00") }));
    const only = await ledger.reserve(order, "2.00");
    await ledger.postOne(recognition({ reservationId: only, amount: "0.50", final: false }));
    expect(await settledBy(await free(order))).toBe(only);
    expect(await ledger.partsOf(only)).toEqual(["0.50", "1.50", "0.00", "0.00"]);
  });

  test("takes the reservation that is due first, if all open ones have the same amount", async () => {
    const order = await ledger.fundedOrder("20.00");
    const [later, sooner] = [await ledger.reserve(order, "2.00", 600), await ledger.reserve(order, "3.00", 60)];
    await ledger.postOne(release({ reservationId: sooner, amount: "1.00" }));
    expect(await settledBy(await free(order))).toBe(sooner);
    expect(await settledBy(await free(order))).toBe(later);
  });

  test("is declined as reservation_ambiguous with all open reservations, if their amounts differ", async () => {
    const order = await ledger.fundedOrder("20.00");
    const [later, sooner] = [await ledger.reserve(order, "2.00", 600), await ledger.reserve(order, "3.00", 60)];
    const outcome = await free(order);
    expect(await declineOf(outcome)).toEqual({ code: "reservation_ambiguous", reservationIds: [sooner, later] });
    expect(await ledger.entriesOf(order.userId)).toHaveLength(3);
  });
});

describe("settling by fields without an open reservation", () => {
  test("is declined by the state of the latest, though the same list settles an earlier one by id", async () => {
    const order = await ledger.fundedOrder("20.00");
    const [before, latest] = [await ledger.reserve(order, "2.00"), await ledger.reserve(order, "2.00")];
    await ledger.passDeadline(before);
    await ledger.expireByIds("saga", before);
    const byId = [before, latest].map((reservationId) => release({ reservationId }));
    const outcomes = await ledger.postAll(...byId, recognition({ ...order, amount: "2.00" }), release(order));
    expect(outcomes).toMatchObject([
      { code: "reservation_expired" },
      { status: "completed" },
      { code: "reservation_settled" },
      { code: "reservation_settled" },
    ]);
  });
});

describe.each([
  ["recognition by the four fields", (order: ReservationFields) => recognize(order, "2.00")],
  ["release by the three fields", free],
])("%s without an open reservation", (_, settle) => {
  test("is declined as reservation_expired if the latest expired, though the one before was released", async () => {
    const order = await ledger.fundedOrder("20.00");
    await ledger.postOne(release({ reservationId: await ledger.reserve(order, "2.00") }));
    const latest = await ledger.reserve(order, "2.00");
    await ledger.passDeadline(latest);
    await ledger.expireByIds("saga", latest);
    expect(await settle(order)).toMatchObject({ status: "declined", code: "reservation_expired" });
  });

  test("is declined as reservation_settled if the latest was recognized, though an earlier one expired later", async () => {
    const order = await ledger.fundedOrder("20.00");
    const [before, latest] = [await ledger.reserve(order, "2.00"), await ledger.reserve(order, "2.00")];
    await ledger.postOne(recognition({ reservationId: latest }));
    await ledger.passDeadline(before);
    await ledger.expireByIds("saga", before);
    expect(await settle(order)).toMatchObject({ status: "declined", code: "reservation_settled" });
  });

  test("is declined by the state of the last one that a list reserved", async () => {
    const order = await ledger.fundedOrder("20.00");
    const together = Array.from({ length: 5 }, () => reservation(order, "2.00"));
    await ledger.postAll(...together);
    const [latest, ...before] = together.map(({ operationId }) => operationId).toReversed();
    await ledger.postAll(...before.map((reservationId) => release({ reservationId })));
    await ledger.passDeadline(latest!);
    await ledger.expireByIds("saga", latest!);
    expect(await settle(order)).toMatchObject({ status: "declined", code: "reservation_expired" });
  });

  test("is declined as reservation_not_found if there never was one, also without an account", async () => {
    const order = await ledger.fundedOrder("20.00");
    for (const unknown of [order, uniqueOrder()]) {
      expect(await settle(unknown)).toMatchObject({ status: "declined", code: "reservation_not_found" });
    }
  });
});
