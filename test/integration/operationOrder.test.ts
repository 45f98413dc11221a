import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Operation, ReservationFields } from "../../src/ledger/operations.ts";
import { createReservationLedger, type ReservationLedger } from "../support/ledger/reservationLedger.ts";
import { extension, recognition, release, reservation } from "../support/ledger/reservationOperations.ts";

let ledger: ReservationLedger;

beforeAll(async () => {
  ledger = await createReservationLedger("operation_order");
});

afterAll(() => ledger.close());

/** A reservation that is extended before, between and after its settlements. */
function story(order: ReservationFields): Operation[] {
  const reserved = reservation(order, "9.00", { ttlSeconds: 60 });
  const reservationId = reserved.operationId;
  const turns = Array.from({ length: 6 }, (_, index) => [
    extension(reservationId, 100 + index),
    index % 2 === 0
      ? recognition({ reservationId, amount: "1.00", final: false })
      : release({ reservationId, amount: "1.00" }),
  ]).flat();
  return [reserved, ...turns, extension(reservationId, 200)];
}

async function readOrder([reserved]: Operation[]): Promise<string[]> {
  const { operations } = (await ledger.readReservation(reserved!.operationId))!;
  return operations.map(({ operationId }) => operationId);
}

const idsOf = (list: Operation[]) => list.map(({ operationId }) => operationId);

test("operations of one list on a reservation are read in list order, also those without an entry", async () => {
  const list = story(await ledger.fundedOrder("10.00"));
  await ledger.postAll(...list);
  expect(await readOrder(list)).toEqual(idsOf(list));
});

test("operations of several lists with equal times are read in the order of their postings", async () => {
  const order = await ledger.fundedOrder("10.00");
  await ledger.rows(
    "update accounts set last_entry_at = date_trunc('milliseconds', now()) + interval '1 h' where user_id = $1",
    [order.userId],
  );
  const list = story(order);
  for (const one of list) await ledger.postOne(one);
  const stored = await ledger.findOperations(idsOf(list));
  expect(new Set(stored.map(({ completedAt }) => completedAt.getTime())).size).toBe(1);
  expect(await readOrder(list)).toEqual(idsOf(list));
});
