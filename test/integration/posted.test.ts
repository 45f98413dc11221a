import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Operation } from "../../src/ledger/operations.ts";
import type { Posted } from "../../src/ledger/posted.ts";
import type { StoredEntry } from "../../src/ledger/records.ts";
import { toMessage } from "../support/kafka/message.ts";
import { deposit, operation, transfer, uniqueUserId, withdrawal } from "../support/ledger/operations.ts";
import { createReservationLedger, type ReservationLedger } from "../support/ledger/reservationLedger.ts";
import { extension, recognition, refund, release, reservation } from "../support/ledger/reservationOperations.ts";
import { wordOf } from "../support/ledger/testLedger.ts";

let ledger: ReservationLedger;

beforeAll(async () => {
  ledger = await createReservationLedger("posted");
});

afterAll(() => ledger.close());

const byId = (one: { operationId: string }, other: { operationId: string }) =>
  one.operationId < other.operationId ? -1 : 1;

function byUserAndVersion(one: StoredEntry, other: StoredEntry): number {
  if (one.userId !== other.userId) return one.userId < other.userId ? -1 : 1;
  return one.version - other.version;
}

const carrier = () => `carrier-${crypto.randomUUID()}`;

/** Compares the returned rows with stored ones, to the byte of each event. */
async function expectAsRead(posted: Posted, ids: string[]): Promise<void> {
  expect(posted.operations.toSorted(byId)).toEqual((await ledger.findOperations(ids)).toSorted(byId));
  const entries = await ledger.readEntries(ids);
  const returned = posted.entries.toSorted(byUserAndVersion);
  expect(returned).toEqual(entries);
  expect(returned.map(toMessage)).toEqual(entries.map(toMessage));
  const balances = (of: { userId: string; asOf: Date }[]) =>
    of.map(({ asOf: _, ...balance }) => balance).toSorted((a, b) => (a.userId < b.userId ? -1 : 1));
  expect(balances(posted.balances)).toEqual(balances(await ledger.readBalancesTouched(ids)));
  for (const { asOf } of posted.balances) expect(asOf).toEqual(posted.operations[0]!.completedAt);
  const outbox = await ledger.rows<{ operation_ids: string[] }>(
    "select operation_ids from outbox where id = any ($1) order by id",
    [posted.outboxIds],
  );
  expect(outbox).toHaveLength(posted.outboxIds.length);
  const named = outbox.flatMap((row) => row.operation_ids);
  expect(new Set(named)).toEqual(new Set(entries.map(({ operationId }) => operationId)));
}

const idsOf = (operations: Operation[]) => operations.map(({ operationId }) => operationId);

/** One operation of every kind, completed and declined, with and without optional fields. */
function everything(): Operation[] {
  const [alice, bob] = [uniqueUserId("alice"), uniqueUserId("Bob")];
  const fields = { userId: alice, serviceId: "promotion", orderId: "order" };
  const held = reservation(fields, "30.00", { ttlSeconds: 77 });
  const part = recognition({ reservationId: held.operationId, amount: "10.00", final: false });
  return [
    operation({ kind: "deposit", request: { userId: alice, amount: "100.00", comment: "Привет 😀", source: "visa" } }),
    deposit(bob, "1.00"),
    transfer(alice, bob, "5.00"),
    transfer(bob, alice, "900.00"),
    withdrawal(bob, "2.00"),
    held,
    reservation({ ...fields, orderId: "second" }, "7.00"),
    part,
    extension(held.operationId, 1_000_000),
    refund(part.operationId, "4.00"),
    recognition({ reservationId: held.operationId }),
    release({ ...fields, orderId: "second" }),
    release({ ...fields, orderId: "none" }),
  ];
}

test("a posting returns its rows as a later SELECT reads them, to the byte of each event", async () => {
  const operations = everything();
  const posted = await ledger.post(carrier(), operations);
  expect(posted.operations.filter(({ decline }) => decline)).toHaveLength(2);
  expect(posted.operations.map(({ operationId }) => operationId)).toEqual(idsOf(operations));
  expect(posted.stored).toEqual([]);
  expect(posted.outboxIds).toHaveLength(1);
  await expectAsRead(posted, idsOf(operations));
});

test("an aborted atomic posting returns its declined rows, and no entry, balance or outbox row", async () => {
  const alice = uniqueUserId();
  const operations = [deposit(alice, "1.00"), withdrawal(alice, "2.00")];
  const posted = await ledger.post(carrier(), operations, true);
  expect(posted.outcomes.map(wordOf)).toEqual(["batch_aborted", "insufficient_funds"]);
  expect(posted).toMatchObject({ entries: [], balances: [], outboxIds: [], sagaWorkflowIds: [] });
  await expectAsRead(posted, idsOf(operations));
});

test("a posting returns operations that were stored before separately from those that it wrote", async () => {
  const alice = uniqueUserId();
  const [completed, declined, fresh] = [deposit(alice, "5.00"), withdrawal(alice, "9.00"), withdrawal(alice, "1.00")];
  const first = await ledger.post("the-first", [completed, declined]);
  const posted = await ledger.post(carrier(), [declined, fresh, completed]);
  expect(posted.outcomes.map(wordOf)).toEqual(["insufficient_funds", "completed", "completed"]);
  expect(posted.stored.toSorted(byId)).toEqual(first.operations.toSorted(byId));
  expect(posted.stored.map(({ workflowId }) => workflowId)).toEqual(["the-first", "the-first"]);
  await expectAsRead(posted, [fresh.operationId]);
});

test("a posting with an operation that PostgreSQL refuses returns the rows of all its parts", async () => {
  const [alice, bob] = [uniqueUserId(), uniqueUserId()];
  const poison = deposit("user\u0000", "1.00");
  const operations = [deposit(alice, "5.00"), poison, transfer(alice, bob, "2.00"), deposit(uniqueUserId(), "1.00")];
  const posted = await ledger.post(carrier(), operations);
  expect(posted.outcomes.map(wordOf)).toEqual(["completed", "refused_by_ledger", "completed", "completed"]);
  expect(posted.operations.map(({ operationId }) => operationId)).toEqual(idsOf(operations));
  const last = new Map(posted.balances.map((balance) => [balance.userId, balance.availableMinor]));
  expect([last.get(alice), last.get(bob)]).toEqual([300n, 200n]);
  expect(posted.entries.toSorted(byUserAndVersion)).toEqual(await ledger.readEntries(idsOf(operations)));
  const written = new Set(posted.entries.map(({ operationId }) => operationId));
  const outbox = await ledger.rows("select unnest(operation_ids) as id from outbox where id = any ($1)", [
    posted.outboxIds,
  ]);
  expect(new Set(outbox.map(({ id }) => id))).toEqual(written);
});

test("an expiry returns its rows as a later SELECT reads them", async () => {
  const order = await ledger.fundedOrder("10.00");
  const reservationIds = [await ledger.reserve(order, "4.00"), await ledger.reserve(order, "1.00")];
  await ledger.passDeadline(...reservationIds);
  const { posted } = await ledger.expireByIds("sweep", ...reservationIds);
  expect(posted.operations).toHaveLength(2);
  await expectAsRead(
    posted,
    posted.operations.map(({ operationId }) => operationId),
  );
});

test("a posting returns each saga whose reservations it changed, once, except its own workflow", async () => {
  const order = await ledger.fundedOrder("10.00");
  const [first, second, other] = [reservation(order, "1.00"), reservation(order, "1.00"), reservation(order, "3.00")];
  expect((await ledger.post("saga-of-two", [first, second])).sagaWorkflowIds).toEqual([]);
  await ledger.post("saga-of-one", [other]);
  const settle = [first, second].map(({ operationId }) => release({ reservationId: operationId, amount: "0.10" }));
  const mine = extension(other.operationId, 9_000);
  const declined = recognition({ reservationId: other.operationId, amount: "9.00" });
  expect((await ledger.post("saga-of-one", [...settle, mine])).sagaWorkflowIds).toEqual(["saga-of-two"]);
  expect((await ledger.post(carrier(), settle)).sagaWorkflowIds).toEqual([]);
  expect((await ledger.post(carrier(), [declined])).sagaWorkflowIds).toEqual([]);
  await ledger.passDeadline(first.operationId);
  expect((await ledger.expireByIds("sweep", first.operationId)).posted.sagaWorkflowIds).toEqual(["saga-of-two"]);
});
