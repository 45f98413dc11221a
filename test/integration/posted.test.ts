import { afterAll, beforeAll, expect, test } from "bun:test";
import { toEventMessage } from "../../src/kafka/events.ts";
import type { Operation } from "../../src/ledger/operations.ts";
import type { StoredEntry } from "../../src/ledger/records.ts";
import { createTestLedger, type TestLedger } from "../support/ledger.ts";
import { deposit, operation, transfer, uniqueUserId, withdrawal } from "../support/operations.ts";
import { extension, recognition, refund, release, reservation } from "../support/reservationOperations.ts";

let ledger: TestLedger;

beforeAll(async () => {
  ledger = await createTestLedger("posted");
});

afterAll(() => ledger.close());

const byId = (one: { operationId: string }, other: { operationId: string }) =>
  one.operationId < other.operationId ? -1 : 1;

function byUserAndVersion(one: StoredEntry, other: StoredEntry): number {
  if (one.userId !== other.userId) return one.userId < other.userId ? -1 : 1;
  return one.version - other.version;
}

async function post(operations: Operation[]): Promise<string> {
  const workflowId = `carrier-${crypto.randomUUID()}`;
  await ledger.post(workflowId, operations);
  return workflowId;
}

/** One of every kind, completed and declined, with and without what may be absent. */
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

test("what a posting says that it has written is what whoever reads the ledger finds, to the byte of each event", async () => {
  const operations = everything();
  const workflowId = await post(operations);
  const posted = ledger.posted.get(workflowId)!;
  const ids = operations.map(({ operationId }) => operationId);

  const stored = await ledger.findOperations(ids);
  expect(stored.map(({ decline }) => decline).filter(Boolean)).toHaveLength(2);
  expect(posted.operations.toSorted(byId)).toEqual(stored.toSorted(byId));

  const entries = await ledger.readEntries(ids);
  const written = posted.entries.toSorted(byUserAndVersion);
  expect(written).toEqual(entries);
  expect(written.map(toEventMessage)).toEqual(entries.map(toEventMessage));

  const balances = (of: { userId: string; asOf: Date }[]) =>
    of.map(({ asOf: _, ...balance }) => balance).toSorted((a, b) => (a.userId < b.userId ? -1 : 1));
  expect(balances(posted.balances)).toEqual(balances(await ledger.readBalancesTouched(ids)));
});

test("it says nothing of a list of which something was stored before, or was refused", async () => {
  const [first, second] = [deposit(uniqueUserId(), "1.00"), deposit(uniqueUserId(), "1.00")];
  expect(ledger.posted.has(await post([first]))).toBe(true);
  expect(ledger.posted.has(await post([first, second]))).toBe(false);
  expect(ledger.posted.has(await post([deposit("user\u0000", "1.00")]))).toBe(false);
});
