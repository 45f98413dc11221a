import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { findBrokenPromises } from "../support/audit/promises.ts";
import { uniqueUserId, withdrawal } from "../support/ledger/operations.ts";
import { createReservationLedger, type ReservationLedger } from "../support/ledger/reservationLedger.ts";
import { recognition, refund, release, reservation, uniqueOrder } from "../support/ledger/reservationOperations.ts";

let ledger: ReservationLedger;

beforeAll(async () => {
  ledger = await createReservationLedger("reservations");
});

afterEach(async () => {
  expect(await findBrokenPromises(ledger.owner)).toEqual([]);
});

afterAll(() => ledger.close());

describe("reserving", () => {
  test("moves money from available to reserved, for this user, service and order, until its deadline", async () => {
    const order = await ledger.fundedOrder("10.00");
    const asked = reservation(order, "4.00", { ttlSeconds: 60 });
    const { operationId } = asked;
    expect(await ledger.postAll(asked)).toEqual([
      {
        operationId,
        status: "completed",
        balance: { available: "6.00", reserved: "4.00", version: 2 },
        dueInMs: 60_000,
      },
    ]);
    const [row] = await ledger.rows(
      "select *, extract(epoch from expires_at - created_at)::int as ttl from reservations where id = $1",
      [operationId],
    );
    expect(row).toMatchObject({ user_id: order.userId, service_id: order.serviceId, order_id: "order", ttl: 60 });
    expect(await ledger.partsOf(operationId)).toEqual(["0.00", "0.00", "0.00", "4.00"]);
    expect((await ledger.entriesOf(order.userId)).at(-1)).toEqual([
      "reservation",
      "4.00",
      ["-4.00", "4.00"],
      ["6.00", "4.00"],
    ]);
    expect((await ledger.postOne(withdrawal(order.userId, "6.01"))).status).toBe("declined");
  });

  test("holds for the default time where it does not say, and keeps the carrier that watches over it", async () => {
    const order = await ledger.fundedOrder("1.00");
    const asked = reservation(order, "1.00");
    await ledger.post("the-saga", [asked]);
    const [row] = await ledger.rows(
      "select saga_workflow_id, extract(epoch from expires_at - created_at)::int as ttl from reservations where id = $1",
      [asked.operationId],
    );
    expect(row).toEqual({ saga_workflow_id: "the-saga", ttl: ledger.options.defaultTtlSeconds });
  });

  test.each([
    ["more than is available", "insufficient_funds", "10.01"],
    ["more than is available, though reserved would cover it", "insufficient_funds", "6.01"],
  ])("of %s is declined as %s, and nothing is reserved", async (_, code, amount) => {
    const order = await ledger.fundedOrder("10.00");
    await ledger.reserve(order, "4.00");
    const asked = reservation(order, amount);
    expect(await ledger.postOne(asked)).toEqual({ operationId: asked.operationId, status: "declined", code } as never);
    expect(await ledger.rows("select from reservations where id = $1", [asked.operationId])).toEqual([]);
    expect(await ledger.entriesOf(order.userId)).toHaveLength(2);
  });

  test("for a user without an account is declined as account_not_found", async () => {
    expect(await ledger.postOne(reservation(uniqueOrder(), "1.00"))).toMatchObject({ code: "account_not_found" });
  });
});

describe("recognizing by id", () => {
  test("takes all that remains by default: it leaves the account and is revenue of the service", async () => {
    const order = await ledger.fundedOrder("10.00");
    const reservationId = await ledger.reserve(order, "4.00");
    const asked = recognition({ reservationId });
    expect(await ledger.postOne(asked)).toEqual({
      operationId: asked.operationId,
      status: "completed",
      balance: { available: "6.00", reserved: "0.00", version: 3 },
    });
    expect((await ledger.entriesOf(order.userId)).at(-1)).toEqual([
      "recognition",
      "4.00",
      ["0.00", "-4.00"],
      ["6.00", "0.00"],
    ]);
    expect(await ledger.partsOf(reservationId)).toEqual(["4.00", "0.00", "0.00", "0.00"]);
    expect(await ledger.revenueOf(order.serviceId)).toEqual(["4.00"]);
    const [entry] = await ledger.readEntries([asked.operationId]);
    expect(entry).toMatchObject({ ...order, reservationId, kind: "recognition", counterpartyUserId: null });
  });

  test("of a part releases the rest in the same operation", async () => {
    const order = await ledger.fundedOrder("10.00");
    const reservationId = await ledger.reserve(order, "4.00");
    await ledger.postOne(recognition({ reservationId, amount: "1.50" }));
    expect((await ledger.entriesOf(order.userId)).at(-1)).toEqual([
      "recognition",
      "1.50",
      ["2.50", "-4.00"],
      ["8.50", "0.00"],
    ]);
    expect(await ledger.partsOf(reservationId)).toEqual(["1.50", "2.50", "0.00", "0.00"]);
    expect(await ledger.revenueOf(order.serviceId)).toEqual(["1.50"]);
  });

  test("of a part that is not final keeps the rest reserved, to be recognized and released in parts", async () => {
    const order = await ledger.fundedOrder("10.00");
    const reservationId = await ledger.reserve(order, "4.00");
    await ledger.postOne(recognition({ reservationId, amount: "1.00", final: false }));
    expect(await ledger.partsOf(reservationId)).toEqual(["1.00", "0.00", "0.00", "3.00"]);
    await ledger.postOne(release({ reservationId, amount: "0.50" }));
    await ledger.postOne(recognition({ reservationId, amount: "2.00", final: false }));
    expect(await ledger.partsOf(reservationId)).toEqual(["3.00", "0.50", "0.00", "0.50"]);
    await ledger.postOne(recognition({ reservationId, final: false }));
    expect(await ledger.partsOf(reservationId)).toEqual(["3.50", "0.50", "0.00", "0.00"]);
    expect((await ledger.revenueOf(order.serviceId)).toSorted()).toEqual(["0.50", "1.00", "2.00"]);
    expect((await ledger.entriesOf(order.userId)).slice(2)).toEqual([
      ["recognition", "1.00", ["0.00", "-1.00"], ["6.00", "3.00"]],
      ["release", "0.50", ["0.50", "-0.50"], ["6.50", "2.50"]],
      ["recognition", "2.00", ["0.00", "-2.00"], ["6.50", "0.50"]],
      ["recognition", "0.50", ["0.00", "-0.50"], ["6.50", "0.00"]],
    ]);
  });
});

describe("releasing by id", () => {
  test("gives back all that remains by default, and earns nothing", async () => {
    const order = await ledger.fundedOrder("10.00");
    const reservationId = await ledger.reserve(order, "4.00");
    const asked = release({ reservationId });
    expect(await ledger.postOne(asked)).toMatchObject({
      balance: { available: "10.00", reserved: "0.00", version: 3 },
    });
    expect((await ledger.entriesOf(order.userId)).at(-1)).toEqual([
      "release",
      "4.00",
      ["4.00", "-4.00"],
      ["10.00", "0.00"],
    ]);
    expect(await ledger.partsOf(reservationId)).toEqual(["0.00", "4.00", "0.00", "0.00"]);
    expect(await ledger.revenueOf(order.serviceId)).toEqual([]);
    expect(await ledger.readEntries([asked.operationId])).toMatchObject([{ ...order, reservationId }]);
  });

  test("gives back a part and leaves the rest open", async () => {
    const order = await ledger.fundedOrder("10.00");
    const reservationId = await ledger.reserve(order, "4.00");
    await ledger.postOne(release({ reservationId, amount: "3.99" }));
    expect(await ledger.partsOf(reservationId)).toEqual(["0.00", "3.99", "0.00", "0.01"]);
  });
});

describe("settling by id is declined, and changes nothing,", () => {
  const settlements = [
    ["recognition", recognition],
    ["release", release],
  ] as const;

  test.each(settlements)("where a %s asks for more than remains: exceeds_remaining", async (_, settle) => {
    const order = await ledger.fundedOrder("10.00");
    const reservationId = await ledger.reserve(order, "4.00");
    await ledger.postOne(release({ reservationId, amount: "1.00" }));
    expect(await ledger.postOne(settle({ reservationId, amount: "3.01" }))).toMatchObject({
      code: "exceeds_remaining",
    });
    expect(await ledger.partsOf(reservationId)).toEqual(["0.00", "1.00", "0.00", "3.00"]);
    expect(await ledger.postOne(settle({ reservationId, amount: "3.00" }))).toMatchObject({ status: "completed" });
  });

  test.each(settlements)("where a %s names no reservation: reservation_not_found", async (_, settle) => {
    const order = await ledger.fundedOrder("10.00");
    const noReservation = withdrawal(order.userId, "1.00");
    await ledger.postOne(noReservation);
    for (const reservationId of [crypto.randomUUID(), noReservation.operationId]) {
      expect(await ledger.postOne(settle({ reservationId }))).toMatchObject({ code: "reservation_not_found" });
    }
  });

  test.each(settlements)(
    "where a %s comes after all is settled: reservation_settled, or _expired where time did it",
    async (_, settle) => {
      const order = await ledger.fundedOrder("10.00");
      const [recognized, released, expired] = [
        await ledger.reserve(order, "1.00"),
        await ledger.reserve(order, "1.00"),
        await ledger.reserve(order, "1.00"),
      ];
      await ledger.postAll(recognition({ reservationId: recognized }), release({ reservationId: released }));
      await ledger.postOne(recognition({ reservationId: expired, amount: "0.40", final: false }));
      await ledger.passDeadline(expired);
      await ledger.expireByIds("saga", expired);
      const outcomes = await ledger.postAll(
        ...[recognized, released, expired].flatMap((reservationId) => [
          settle({ reservationId }),
          settle({ reservationId, amount: "0.01" }),
        ]),
      );
      const [settled, late] = [{ code: "reservation_settled" }, { code: "reservation_expired" }];
      expect(outcomes).toMatchObject([settled, settled, settled, settled, late, late]);
    },
  );
});

describe("one list", () => {
  test("reserves, recognizes, refunds and recognizes again the same money", async () => {
    const order = await ledger.fundedOrder("10.00");
    const reserved = reservation(order, "4.00");
    const reservationId = reserved.operationId;
    const part = recognition({ reservationId, amount: "1.00", final: false });
    const outcomes = await ledger.postAll(
      recognition({ reservationId }),
      reserved,
      refund(part.operationId),
      part,
      refund(part.operationId, "0.40"),
      recognition({ ...order, amount: "3.00" }),
      release({ reservationId }),
      refund(part.operationId),
    );
    expect(outcomes.map((one) => (one.status === "declined" ? one.code : one.status))).toEqual([
      "reservation_not_found",
      "completed",
      "recognition_not_found",
      "completed",
      "completed",
      "completed",
      "reservation_settled",
      "completed",
    ]);
    expect(await ledger.partsOf(reservationId)).toEqual(["4.00", "0.00", "0.00", "0.00"]);
    expect((await ledger.entriesOf(order.userId)).at(-1)).toEqual([
      "refund",
      "0.60",
      ["0.60", "0.00"],
      ["7.00", "0.00"],
    ]);
    expect((await ledger.revenueOf(order.serviceId)).toSorted()).toEqual(["-0.40", "-0.60", "1.00", "3.00"]);
  });

  test("in which a key stands for another user's reservation, settles that one by its id all the same", async () => {
    const order = await ledger.fundedOrder("10.00");
    const key = crypto.randomUUID();
    const reserved = reservation(order, "4.00", {}, key);
    const reservationId = reserved.operationId;
    await ledger.postOne(reserved);
    const stranger = reservation(uniqueOrder(uniqueUserId("stranger")), "4.00", {}, key);
    expect(await ledger.postAll(stranger, recognition({ reservationId }))).toMatchObject([
      { status: "mismatched", differingFields: ["userId", "serviceId"] },
      { status: "completed" },
    ]);
    expect(await ledger.partsOf(reservationId)).toEqual(["4.00", "0.00", "0.00", "0.00"]);
  });
});
