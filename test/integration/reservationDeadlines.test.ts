import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { deriveOwnOperationId } from "../../src/ledger/operationId.ts";
import { postingOn } from "../support/activities/barePosting.ts";
import { findBrokenPromises } from "../support/audit/promises.ts";
import { createReservationLedger, type ReservationLedger } from "../support/ledger/reservationLedger.ts";
import { extension, recognition, release, reservation } from "../support/ledger/reservationOperations.ts";
import { eventually } from "../support/waiting.ts";

let ledger: ReservationLedger;

beforeAll(async () => {
  ledger = await createReservationLedger("reservation_deadlines");
});

afterEach(async () => {
  expect(await findBrokenPromises(ledger.owner)).toEqual([]);
});

afterAll(() => ledger.close());

async function deadlineOf(reservationId: string): Promise<Date> {
  return (await ledger.findReservations([reservationId]))[0]!.expiresAt;
}

describe("expiry", () => {
  test("returns all that remains, under an operation id derived from the reservation's id", async () => {
    const order = await ledger.fundedOrder("10.00");
    const reservationId = await ledger.reserve(order, "4.00");
    await ledger.postOne(recognition({ reservationId, amount: "1.00", final: false }));
    await ledger.passDeadline(reservationId);
    const { posted } = await ledger.expireByIds("saga", reservationId);
    const operationId = deriveOwnOperationId("expiry", reservationId);
    expect(posted.outcomes).toEqual([{ operationId, status: "completed" }]);
    expect(posted.operations).toMatchObject([
      { operationId, amountMinor: 300n, balance: { availableMinor: 900n, reservedMinor: 0n, version: 4 } },
    ]);
    expect((await ledger.entriesOf(order.userId)).at(-1)).toEqual([
      "expiry",
      "3.00",
      ["3.00", "-3.00"],
      ["9.00", "0.00"],
    ]);
    expect(await ledger.partsOf(reservationId)).toEqual(["1.00", "0.00", "3.00", "0.00"]);
    expect(await ledger.revenueOf(order.serviceId)).toEqual(["1.00"]);
    expect(await ledger.findOperations([operationId])).toMatchObject([
      { kind: "expiry", reservationId, workflowId: "saga" },
    ]);
    expect((await ledger.outboxOf("saga")).flat()).toContain(operationId);
  });

  test("that is repeated finds nothing open, moves nothing, and leaves the outbox unchanged", async () => {
    const order = await ledger.fundedOrder("10.00");
    const reservationId = await ledger.reserve(order, "4.00");
    await ledger.passDeadline(reservationId);
    expect((await ledger.expireByIds("saga-of-one", reservationId)).posted.outcomes).toHaveLength(1);
    const outbox = await ledger.outboxOf("saga-of-one");

    const { posted, refusedIds } = await ledger.expireByIds("saga-of-one", reservationId);
    expect(posted).toMatchObject({ outcomes: [], operations: [], entries: [], outboxIds: [] });
    expect(refusedIds).toEqual([]);
    expect(await ledger.outboxOf("saga-of-one")).toEqual(outbox);
    expect(await ledger.entriesOf(order.userId)).toHaveLength(3);
  });

  test("of a reservation that is not due leaves no trace", async () => {
    const order = await ledger.fundedOrder("10.00");
    const [due, notDue] = [await ledger.reserve(order, "4.00"), await ledger.reserve(order, "1.00", 60)];
    await ledger.passDeadline(due);
    const unknown = { reservationId: crypto.randomUUID(), userId: order.userId, overdueMs: 1 };
    const list = [notDue, due].map((reservationId) => ({ ...unknown, reservationId }));
    const { posted } = await ledger.expire("saga", [...list, unknown], { by: "expiry" });
    expect(posted.outcomes).toEqual([{ operationId: deriveOwnOperationId("expiry", due), status: "completed" }]);
    expect(await ledger.findOperations([deriveOwnOperationId("expiry", notDue)])).toEqual([]);
    expect(await ledger.partsOf(notDue)).toEqual(["0.00", "0.00", "0.00", "1.00"]);
  });

  test("leaves a reservation that another saga opened under the same key to that saga", async () => {
    const order = await ledger.fundedOrder("10.00");
    const reserved = reservation(order, "4.00", { ttlSeconds: 60 });
    const { operationId } = reserved;
    for (const workflowId of ["saga-that-opened", "saga-that-came-later"]) await ledger.post(workflowId, [reserved]);
    const { expire } = postingOn(ledger);
    expect((await expire("saga-that-opened")).saga).toMatchObject({ openCount: 1, onlyOpenId: operationId });
    const { saga } = await expire("saga-that-came-later");
    expect(saga).toMatchObject({ reserved: "0.00", openCount: 0 });
    expect(saga!.due).toBeUndefined();
  });

  test("of many reservations of many users is one list", async () => {
    const orders = await Promise.all(Array.from({ length: 5 }, () => ledger.fundedOrder("10.00")));
    const reservationIds = await Promise.all(
      orders.flatMap((order) => [ledger.reserve(order, "4.00"), ledger.reserve(order, "1.00")]),
    );
    await ledger.passDeadline(...reservationIds);
    const { posted } = await ledger.expireByIds("sweep", ...reservationIds);
    expect(posted.outcomes).toHaveLength(10);
    expect(posted.outboxIds).toHaveLength(1);
    for (const { userId } of orders) {
      expect((await ledger.entriesOf(userId)).at(-1)).toMatchObject({ 3: ["10.00", "0.00"] });
    }
  });

  test("loses to every operation that is posted before it, though the deadline has passed", async () => {
    const order = await ledger.fundedOrder("10.00");
    const [recognized, released, extended] = [
      await ledger.reserve(order, "1.00"),
      await ledger.reserve(order, "2.00"),
      await ledger.reserve(order, "3.00"),
    ];
    await ledger.passDeadline(recognized, released, extended);
    await ledger.postAll(
      recognition({ ...order, amount: "1.00" }),
      release({ reservationId: released }),
      extension(extended, 60),
    );
    expect((await ledger.expireByIds("saga", recognized, released, extended)).posted.outcomes).toEqual([]);
    expect(await ledger.partsOf(extended)).toEqual(["0.00", "0.00", "0.00", "3.00"]);
  });

  test("completes at the deadline by the clock of PostgreSQL, in real time", async () => {
    const order = await ledger.fundedOrder("10.00");
    const reservationId = await ledger.reserve(order, "4.00", 1);
    const expiresAt = await deadlineOf(reservationId);
    const expired = await eventually(async () => {
      const [before] = await ledger.rows<{ clock: Date }>("select clock_timestamp() as clock");
      const { posted } = await ledger.expireByIds("saga", reservationId);
      if (posted.operations.length === 0) expect(before!.clock.getTime()).toBeLessThan(expiresAt.getTime());
      return posted.operations[0];
    });
    expect(expired.completedAt.getTime()).toBeGreaterThanOrEqual(expiresAt.getTime());
  });
});

describe("extending", () => {
  test("sets the deadline from now on, makes no entry, and returns the deadline", async () => {
    const order = await ledger.fundedOrder("10.00");
    const reservationId = await ledger.reserve(order, "4.00", 60);
    const extended = extension(reservationId, 900);
    expect(await ledger.postOne(extended)).toEqual({
      operationId: extended.operationId,
      status: "completed",
      dueInMs: 900_000,
    });
    const [stored] = await ledger.findOperations([extended.operationId]);
    expect(stored).toMatchObject({ kind: "extension", reservationId, balance: null, amountMinor: null });
    expect(stored!.expiresAt!.getTime()).toBe(stored!.completedAt.getTime() + 900_000);
    expect(await deadlineOf(reservationId)).toEqual(stored!.expiresAt!);
    expect(await ledger.entriesOf(order.userId)).toHaveLength(2);
    expect(await ledger.outboxOf(stored!.workflowId)).toEqual([]);
  });

  test("never shortens: the later deadline stays and is returned", async () => {
    const order = await ledger.fundedOrder("10.00");
    const reservationId = await ledger.reserve(order, "4.00", 900);
    const before = await deadlineOf(reservationId);
    const extended = extension(reservationId, 899);
    expect(await ledger.postOne(extended)).toMatchObject({ status: "completed" });
    expect(await deadlineOf(reservationId)).toEqual(before);
    expect((await ledger.findOperations([extended.operationId]))[0]!.expiresAt).toEqual(before);
  });

  test("moves a deadline that has passed, so that the reservation does not expire", async () => {
    const order = await ledger.fundedOrder("10.00");
    const reservationId = await ledger.reserve(order, "4.00");
    await ledger.passDeadline(reservationId);
    await ledger.postOne(extension(reservationId, 60));
    expect((await ledger.expireByIds("saga", reservationId)).posted.outcomes).toEqual([]);
    expect(await ledger.partsOf(reservationId)).toEqual(["0.00", "0.00", "0.00", "4.00"]);
  });

  test("changes the order of recognition by fields", async () => {
    const order = await ledger.fundedOrder("10.00");
    const reserved = [reservation(order, "1.00", { ttlSeconds: 60 }), reservation(order, "1.00", { ttlSeconds: 90 })];
    const [first, second] = reserved.map(({ operationId }) => operationId);
    await ledger.postAll(...reserved, extension(first!, 120), recognition({ ...order, amount: "1.00" }));
    expect(await ledger.partsOf(second!)).toEqual(["1.00", "0.00", "0.00", "0.00"]);
  });

  test("is declined once the reservation is settled or expired, and if it does not exist", async () => {
    const order = await ledger.fundedOrder("10.00");
    const [settled, expired] = [await ledger.reserve(order, "1.00"), await ledger.reserve(order, "1.00")];
    await ledger.passDeadline(expired);
    await ledger.expireByIds("saga", expired);
    expect(
      await ledger.postAll(
        release({ reservationId: settled }),
        ...[settled, expired, crypto.randomUUID()].map((reservationId) => extension(reservationId, 60)),
      ),
    ).toMatchObject([
      { status: "completed" },
      { code: "reservation_settled" },
      { code: "reservation_expired" },
      { code: "reservation_not_found" },
    ]);
  });
});
