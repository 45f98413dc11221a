import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { PoolClient } from "pg";
import type { ListedReservation, ReservationsOfAllPage } from "../../src/ledger/records.ts";
import { findReservationsOfAll, listReservations } from "../../src/postgres/reading/reservations.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { explaining, type Plan } from "../support/ledger/queryPlans.ts";
import { createReservationLedger, type ReservationLedger } from "../support/ledger/reservationLedger.ts";
import { recognition, refund, release, reservation } from "../support/ledger/reservationOperations.ts";

/** Reservations of the ledger that is only read. A tenth is open, and a tenth has expired. */
const SIZE = 50_000;
const PAGE = 20;

/** Plan nodes that read all rows of a table, or of a list. */
const GROWING = /Sort|Seq Scan|Bitmap|Hash|Materialize/;

let ledger: ReservationLedger;

beforeAll(async () => {
  ledger = await createReservationLedger("reservation_lists");
});

afterAll(() => ledger.close());

type Query = Pick<ReservationsOfAllPage, "state" | "orderId">;

const idsOf = (listed: readonly ListedReservation[]) => listed.map(({ reservationId }) => reservationId);

/** Sorted bytewise, as the ledger sorts ids. */
const inOrder = (ids: string[]) => ids.toSorted((one, other) => (one < other ? -1 : 1));

/** Reads all pages. `between` runs after each. */
async function readAll(query: Query, limit: number, between = async () => {}): Promise<ListedReservation[]> {
  const read: ListedReservation[] = [];
  for (;;) {
    const page = await ledger.findReservationsOfAll({ ...query, after: read.at(-1), limit });
    read.push(...page);
    await between();
    if (page.length < limit) return read;
  }
}

/** Reserves 1.00 for each of these orders. @returns the ids */
async function reserveFor(orders: { userId: string; serviceId: string; orderId: string }[], ttlSeconds = 3_600) {
  const operations = orders.map((order) => reservation(order, "1.00", { ttlSeconds }));
  await ledger.postAll(...operations);
  return operations.map(({ operationId }) => operationId);
}

async function fundedUser(): Promise<string> {
  const userId = uniqueUserId();
  await ledger.fund([userId], "1000.00");
  return userId;
}

test("the reservations of an order come by user, service and age, in pages of any size and of each state", async () => {
  const orderId = uniqueUserId("order");
  const users = inOrder([await fundedUser(), await fundedUser()]);
  const orders = ["b", "a", "b"].flatMap((serviceId) => users.map((userId) => ({ userId, serviceId, orderId })));
  const ids = await reserveFor(orders);
  await reserveFor([{ ...orders[0]!, orderId: `${orderId}x` }]);
  const [b0, b1, a0, a1, c0, c1] = ids as [string, string, string, string, string, string];
  const sorted = [a0, b0, c0, a1, b1, c1];
  for (const limit of [1, 2, 6, 7]) {
    expect(idsOf(await readAll({ state: undefined, orderId }, limit))).toEqual(sorted);
  }
  await ledger.postAll(release({ reservationId: b0 }));
  await ledger.passDeadline(a0, c0);
  await ledger.expireByIds("saga", c0);
  const states = { open: [a0, a1, b1, c1], settled: [b0, c0], overdue: [a0], expired: [c0] };
  for (const [state, expected] of Object.entries(states)) {
    for (const limit of [1, 2, 7]) {
      expect([state, idsOf(await readAll({ state: state as never, orderId }, limit))]).toEqual([state, expected]);
    }
  }
});

test("overdue and open ones come with the earliest deadline first, expired ones with the latest", async () => {
  await ledger.rows("truncate reservations cascade");
  const userId = await fundedUser();
  const order = { userId, serviceId: "ads", orderId: "order" };
  const [later, sooner] = [await reserveFor([order], 7_200), await reserveFor([order, order], 3_600)];
  const past = await reserveFor([order, order, order]);
  for (const one of past) {
    await ledger.passDeadline(one);
    await sleep(2);
  }
  const byDeadline = idsOf(await readAll({ state: "overdue", orderId: undefined }, 2));
  expect(byDeadline).toEqual(past);
  expect(idsOf(await readAll({ state: "open", orderId: undefined }, 1))).toEqual([
    ...past,
    ...inOrder(sooner),
    ...later,
  ]);
  await ledger.expireByIds("saga", ...past);
  expect(idsOf(await readAll({ state: "overdue", orderId: undefined }, 2))).toEqual([]);
  expect(idsOf(await readAll({ state: "expired", orderId: undefined }, 1))).toEqual(past.toReversed());
});

test.each(["open", "overdue", "expired"] as const)(
  "a list of %s ones that grows is read to its end, without a gap and without a repetition",
  async (state) => {
    await ledger.rows("truncate reservations cascade");
    const userId = await fundedUser();
    const order = { userId, serviceId: "ads", orderId: "order" };
    const add = async (count: number) => {
      const ids = await reserveFor(Array.from({ length: count }, () => order));
      if (state !== "open") await ledger.passDeadline(...ids);
      if (state === "expired") await ledger.expireByIds("saga", ...ids);
    };
    await add(15);
    const before = idsOf(await readAll({ state, orderId: undefined }, 100));
    expect(before).toHaveLength(15);
    let rounds = 12;
    const read = idsOf(
      await readAll({ state, orderId: undefined }, 3, async () => {
        if (rounds-- > 0) await add(2);
      }),
    );
    expect(new Set(read).size).toBe(read.length);
    expect(read.filter((id) => before.includes(id))).toEqual(before);
  },
);

test("an order that grows is read to its end, without a gap and without a repetition", async () => {
  const orderId = uniqueUserId("order");
  const users = inOrder([await fundedUser(), await fundedUser()]);
  const add = () => reserveFor(users.map((userId) => ({ userId, serviceId: "ads", orderId })));
  for (let count = 0; count < 5; count += 1) await add();
  const before = idsOf(await readAll({ state: undefined, orderId }, 100));
  let rounds = 12;
  const read = idsOf(
    await readAll({ state: undefined, orderId }, 3, async () => {
      if (rounds-- > 0) await add();
    }),
  );
  expect(new Set(read).size).toBe(read.length);
  expect(read.filter((id) => before.includes(id))).toEqual(before);
});

test("refunded is the sum of the refunds of all recognitions of the reservation, in every list", async () => {
  const userId = await fundedUser();
  const order = { userId, serviceId: "ads", orderId: uniqueUserId("order") };
  const [first, second] = await reserveFor([order, order]);
  const parts = ["0.20", "0.30"].map((amount) => recognition({ reservationId: first!, amount, final: false }));
  await ledger.postAll(...parts);
  await ledger.postAll(refund(parts[0]!.operationId, "0.05"), refund(parts[1]!.operationId));
  await ledger.postAll(refund(parts[0]!.operationId, "0.01"));
  const refundedOf = (listed: readonly ListedReservation[]) =>
    Object.fromEntries(listed.map(({ reservationId, refundedMinor }) => [reservationId, refundedMinor]));
  const expected = { [first!]: 36n, [second!]: 0n };
  expect(refundedOf(await readAll({ state: undefined, orderId: order.orderId }, 10))).toEqual(expected);
  const page = { state: undefined, after: undefined, limit: 10 };
  expect(refundedOf(await ledger.listReservations(userId, page))).toEqual(expected);
  expect((await ledger.readReservation(first!))!.reservation.refundedMinor).toBe(36n);
});

describe("on many reservations", () => {
  let large: ReservationLedger;
  let client: PoolClient;

  beforeAll(async () => {
    large = await createReservationLedger("reservation_plans");
    await fill(large);
    client = await large.owner.connect();
  }, 120_000);

  afterAll(async () => {
    client.release();
    await large.close();
  });

  const modes = ["custom", "generic"] as const;
  const lists: [name: string, query: Query][] = [
    ["open ones", { state: "open", orderId: undefined }],
    ["overdue ones", { state: "overdue", orderId: undefined }],
    ["expired ones", { state: "expired", orderId: undefined }],
    ["an order", { state: undefined, orderId: "large" }],
    ["the open ones of an order", { state: "open", orderId: "large" }],
    ["the expired ones of an order", { state: "expired", orderId: "large" }],
  ];
  const cases = lists.flatMap(([name, query]) => modes.map((mode) => ({ name, query, mode })));

  test.each(cases)(
    "each page of $name is read from an index in its order, in a $mode plan",
    async ({ query, mode }) => {
      let after: ListedReservation | undefined;
      for (let page = 0; page < 3; page += 1) {
        const plans: Plan[] = [];
        const listed = await findReservationsOfAll(explaining(client, mode, plans), { ...query, after, limit: PAGE });
        expect(listed).toHaveLength(PAGE);
        const [plan] = plans as [Plan];
        expect([...plan.nodes].filter((node) => GROWING.test(node))).toEqual([]);
        // Of an order every tenth one has the state.
        expect(plan.rowsRead).toBeLessThanOrEqual((query.state && query.orderId ? 12 : 1) * PAGE + 10);
        after = listed.at(-1);
      }
    },
  );

  test.each(modes)("a user's list reads no recognitions, in a %s plan", async (mode) => {
    const plans: Plan[] = [];
    const page = { state: undefined, after: undefined, limit: PAGE };
    const listed = await listReservations(explaining(client, mode, plans), "large", page);
    expect(listed).toHaveLength(PAGE);
    expect([...plans[0]!.nodes].filter((node) => GROWING.test(node))).toEqual([]);
    expect(plans[0]!.rowsRead).toBeLessThanOrEqual(2 * PAGE);
  });
});

/** Fills the ledger faster than posting could. Foreign keys are dropped. */
async function fill({ rows }: ReservationLedger): Promise<void> {
  await rows("insert into accounts (user_id) select 'user-' || number from generate_series(0, 499) as number");
  await rows("insert into accounts (user_id) values ('large')");
  await rows("alter table reservations drop constraint reservations_id_fkey");
  await rows("alter table recognitions drop constraint recognitions_id_fkey");
  const numbered = "from generate_series(1, $1::int) as number";
  const id = (prefix: string) => `('${prefix}' || lpad(to_hex(number), 30, '0'))::uuid`;
  await rows(
    `insert into reservations (id, user_id, service_id, order_id, saga_workflow_id, amount_minor, recognized_minor,
       released_minor, expired_minor, expires_at, created_at)
     select ${id("aa")}, case when number % 3 = 0 then 'large' else 'user-' || number % 500 end, 'service-' || number % 7,
       case when number % 7 = 0 then 'large' else 'order-' || number / 3 end, 'saga-' || number, 10,
       case when number % 10 in (0, 5) then 0 else 10 end,
       0, case when number % 20 in (0, 5) then 10 else 0 end,
       now() + (number - $1 / 2) * interval '1 second', now() - ($1 - number) * interval '1 second'
     ${numbered}`,
    [SIZE],
  );
  await rows(
    `insert into operations (id, by, workflow_id, kind, request, status, created_at, completed_at, reservation_id, user_id, version)
     select ${id("bb")}, 'operator', 'carrier', 'recognition', '{}', 'completed', now(), now(), ${id("aa")}, 'large', number ${numbered}`,
    [SIZE],
  );
  await rows(
    `insert into recognitions (id, reservation_id, user_id, service_id, order_id, amount_minor, refunded_minor)
     select ${id("bb")}, ${id("aa")}, 'large', 'service', 'order', 10, 1 ${numbered}`,
    [SIZE],
  );
  await rows("vacuum analyze reservations, operations, recognitions");
}
