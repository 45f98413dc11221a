import { expect, test } from "bun:test";
import { dueExpiries } from "../../src/ledger/expiries.ts";
import { deriveOwnOperationId } from "../../src/ledger/operationId.ts";
import type { Reservation } from "../../src/ledger/records.ts";

const clock = new Date("2026-11-23T12:00:00.000Z");

function reservation(reservationId: string, overdueMs: number, releasedMinor = 0n): Reservation {
  const order = { userId: "alice", serviceId: "promotion", orderId: "order" };
  const amounts = { amountMinor: 100n, recognizedMinor: 0n, releasedMinor, expiredMinor: 0n, refundedMinor: 0n };
  const expiresAt = new Date(clock.getTime() - overdueMs);
  return { ...order, ...amounts, reservationId, expiresAt, createdAt: new Date(0) };
}

test("a reservation expires from its deadline on, and not a millisecond earlier", () => {
  const reservations = [reservation("early", -1), reservation("due", 0), reservation("late", 1)];
  const ids = dueExpiries({ reservations, clock }, { by: "expiry" }).map(({ request }) => request.reservationId);
  expect(ids).toEqual(["due", "late"]);
});

test("a settled reservation does not expire, and a partly settled one does", () => {
  const reservations = [reservation("settled", 1, 100n), reservation("open", 1, 99n)];
  const ids = dueExpiries({ reservations, clock }, { by: "expiry" }).map(({ request }) => request.reservationId);
  expect(ids).toEqual(["open"]);
});

test("an expiry's id derives from its reservation, and its time is the clock of the books", () => {
  expect(dueExpiries({ reservations: [reservation("r", 0)], clock }, { by: "expiry" })).toEqual([
    {
      operationId: deriveOwnOperationId("expiry", "r"),
      caller: null,
      idempotencyKey: null,
      acceptedAt: clock.toISOString(),
      by: "expiry",
      kind: "expiry",
      request: { reservationId: "r" },
    },
  ]);
});
