import { afterAll, beforeAll, expect, test } from "bun:test";
import { deposit, uniqueUserId, withdrawal } from "../support/ledger/operations.ts";
import { createReservationLedger, type ReservationLedger } from "../support/ledger/reservationLedger.ts";

let ledger: ReservationLedger;

beforeAll(async () => {
  ledger = await createReservationLedger("backlog");
});

afterAll(() => ledger.close());

test("the backlog counts overdue reservations, and none that have expired", async () => {
  const order = await ledger.fundedOrder("10.00");
  const reservationId = await ledger.reserve(order, "4.00");
  expect(await ledger.readBacklog()).toMatchObject({ overdueReservations: 0, overdueAgeSeconds: 0 });
  await ledger.passDeadline(reservationId);
  const overdue = await ledger.readBacklog();
  expect(overdue.overdueReservations).toBe(1);
  expect(overdue.overdueAgeSeconds).toBeGreaterThan(0);

  await ledger.expireByIds("saga", reservationId);
  expect(await ledger.readBacklog()).toMatchObject({ overdueReservations: 0, overdueAgeSeconds: 0 });
  expect(ledger.decided.at(-1)).toMatchObject({ operation: { kind: "expiry" }, decline: null });
});

test("the backlog counts carriers with unpublished events and contains the age of the oldest", async () => {
  await ledger.owner.query("delete from outbox");
  expect(await ledger.readBacklog()).toMatchObject({ outboxCarriers: 0, outboxAgeSeconds: 0 });
  for (const carrier of ["carrier-1", "carrier-2"]) await ledger.post(carrier, [deposit(uniqueUserId(), "1.00")]);
  await ledger.owner.query("update outbox set created_at = created_at - interval '1 hour' where workflow_id = $1", [
    "carrier-2",
  ]);
  const { outboxCarriers, outboxAgeSeconds } = await ledger.readBacklog();
  expect(outboxCarriers).toBe(2);
  expect(outboxAgeSeconds).toBeWithin(3_600, 4_200);
});

test("the backlog contains the result of the last audit, and null before the first", async () => {
  expect((await ledger.readBacklog()).audit).toBeNull();
  const insert = `
    insert into audits (id, workflow_id, started_at, finished_at, verdict, checked, not_checked, findings, findings_total)
    values (gen_random_uuid(), 'audit', now(), now() - $1::interval, $2, '{}', '{}', '[]', $3)`;
  await ledger.owner.query(insert, ["1 hour", "clean", 0]);
  await ledger.owner.query(insert, ["1 minute", "broken", 3]);
  const { audit } = await ledger.readBacklog();
  expect(audit).toMatchObject({ verdict: "broken", findings: 3 });
  expect(audit!.ageSeconds).toBeWithin(60, 600);
});

test("each decision is reported once, declines too, however often it is posted", async () => {
  const userId = uniqueUserId();
  const operations = [deposit(userId, "1.00"), withdrawal(userId, "2.00")];
  const before = ledger.decided.length;
  for (const carrier of ["first", "second"]) await ledger.post(carrier, operations);
  expect(ledger.decided.slice(before).map(({ operation, decline }) => [operation.kind, decline?.code])).toEqual([
    ["deposit", undefined],
    ["withdrawal", "insufficient_funds"],
  ]);
});
