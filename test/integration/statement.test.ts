import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ENTRY_KINDS } from "../../src/ledger/operations.ts";
import type { StatementPage, StoredEntry } from "../../src/ledger/records.ts";
import { deposit, transfer, uniqueUserId, withdrawal } from "../support/ledger/operations.ts";
import { createReservationLedger, type ReservationLedger } from "../support/ledger/reservationLedger.ts";
import { recognition, refund, release, reservation } from "../support/ledger/reservationOperations.ts";

type Query = Omit<StatementPage, "after" | "limit">;

const EVERYTHING: Query = {
  sort: "date",
  order: "asc",
  kinds: undefined,
  serviceId: undefined,
  orderId: undefined,
  from: undefined,
  to: undefined,
};

let ledger: ReservationLedger;
let userId: string;
let all: StoredEntry[];

/** Reads all pages of this size. `between` runs after each page. */
async function readAll(query: Query, limit: number, between = async () => {}): Promise<StoredEntry[]> {
  const read: StoredEntry[] = [];
  for (;;) {
    const page = await ledger.readStatement(userId, { ...query, after: read.at(-1), limit });
    read.push(...page!);
    await between();
    if (page!.length < limit) return read;
  }
}

/** The expected entries of all pages, filtered and sorted in memory. */
function expected(entries: StoredEntry[], { sort, order, kinds, serviceId, orderId, from, to }: Query) {
  const sign = order === "asc" ? 1 : -1;
  return entries
    .filter((entry) => kinds === undefined || kinds.includes(entry.kind))
    .filter((entry) => serviceId === undefined || entry.serviceId === serviceId)
    .filter((entry) => orderId === undefined || entry.orderId === orderId)
    .filter(({ createdAt }) => (from === undefined || createdAt >= from) && (to === undefined || createdAt < to))
    .toSorted((one, other) => {
      const byAmount = sort === "amount" ? Number(one.amountMinor - other.amountMinor) : 0;
      return sign * (byAmount || one.version - other.version);
    });
}

/** Posts entries of all kinds. Many of them share an amount or a time. */
async function postMany(round: number): Promise<void> {
  const order = { userId, serviceId: `service-${round % 3}`, orderId: `order-${round % 4}` };
  const other = { ...order, serviceId: "another", orderId: "order-0" };
  const [first, second, third] = [reservation(order, "2.00"), reservation(other, "3.00"), reservation(order, "2.00")];
  const recognized = recognition({ reservationId: first.operationId, amount: "1.00" });
  await ledger.postAll(deposit(userId, "10.00"), first, second, withdrawal(userId, "2.00"), third);
  await ledger.postAll(recognized, release({ reservationId: second.operationId }), transfer(userId, "friend", "1.00"));
  if (round % 2 === 0) await ledger.postAll(refund(recognized.operationId), transfer("friend", userId, "1.00"));
  await ledger.passDeadline(third.operationId);
  await ledger.expireByIds("saga", third.operationId);
}

beforeAll(async () => {
  ledger = await createReservationLedger("statement");
  userId = uniqueUserId();
  await ledger.fund(["friend", uniqueUserId("aaa"), uniqueUserId("zzz")], "100.00");
  for (let round = 0; round < 8; round += 1) await postMany(round);
  await ledger.nameService({ serviceId: "another", name: "Another service" });
  all = await readAll(EVERYTHING, 1_000);
});

afterAll(() => ledger.close());

describe("a statement", () => {
  test("contains each entry as the ledger stores it, with data of its request and its service", async () => {
    const { rows } = await ledger.owner.query("select * from entries where user_id = $1 order by version", [userId]);
    expect(all.map(({ version }) => version)).toEqual(Array.from(rows.keys(), (index) => index + 1));
    expect(all.map((entry) => entry.operationId)).toEqual(rows.map((row) => row.operation_id));
    const events = await ledger.readEntries(all.map(({ operationId }) => operationId));
    const own = events.filter((event) => event.userId === userId);
    // The service got its name after these entries, so that their events have none.
    expect(all.map((entry): StoredEntry => ({ ...entry, serviceName: null }))).toEqual(own);
    for (const { serviceId, serviceName } of all) {
      expect(serviceName).toBe(serviceId === "another" ? "Another service" : null);
    }
  });

  test("does not exist for a user without a credit, and is empty if no entry matches", async () => {
    expect(await ledger.readStatement("nobody", { ...EVERYTHING, after: undefined, limit: 10 })).toBeUndefined();
    expect(await readAll({ ...EVERYTHING, orderId: "no-such-order" }, 10)).toEqual([]);
  });

  test("in pages of any size, with any filters in any order, neither skips nor repeats", async () => {
    const times = all.flatMap(({ createdAt }) =>
      [-1, 0, 1].map((distanceMs) => new Date(createdAt.getTime() + distanceMs)),
    );
    const orNot = <Value>(...values: Value[]) => fc.option(fc.constantFrom(...values), { nil: undefined, freq: 2 });
    const queries = fc.record({
      sort: fc.constantFrom("date" as const, "amount" as const),
      order: fc.constantFrom("asc" as const, "desc" as const),
      kinds: fc.option(fc.subarray([...ENTRY_KINDS], { minLength: 1 }), { nil: undefined, freq: 2 }),
      serviceId: orNot("service-0", "service-1", "another"),
      orderId: orNot("order-0", "order-1"),
      from: orNot(...times),
      to: orNot(...times),
    });
    await fc.assert(
      fc.asyncProperty(queries, fc.integer({ min: 1, max: 101 }), async (query, limit) => {
        expect(await readAll(query, limit)).toEqual(expected(all, query));
      }),
      { numRuns: 150 },
    );
  });

  test("of a period begins and ends at the exact millisecond, at any time of the account", async () => {
    const times = [...new Set(all.map(({ createdAt }) => createdAt.getTime()))];
    for (const time of [0, ...times, ...times.map((one) => one + 1), 4e12]) {
      const at = new Date(time);
      const before = await readAll({ ...EVERYTHING, to: at }, 1_000);
      const since = await readAll({ ...EVERYTHING, from: at }, 1_000);
      expect([...before, ...since].map(({ version }) => version)).toEqual(all.map(({ version }) => version));
      expect(before.every(({ createdAt }) => createdAt < at)).toBe(true);
      expect(since.every(({ createdAt }) => createdAt >= at)).toBe(true);
    }
    expect(await readAll({ ...EVERYTHING, from: all[5]!.createdAt, to: all[5]!.createdAt }, 1_000)).toEqual([]);
  });

  test.each(
    (["date", "amount"] as const).flatMap((sort) => (["asc", "desc"] as const).map((order) => ({ sort, order }))),
  )("by $sort $order, up to a last version, ends there while entries arrive", async ({ sort, order }) => {
    const before = await readAll(EVERYTHING, 1_000);
    const last = before.length;
    for (const more of [{}, { kinds: ["deposit" as const] }, { to: new Date(4e12) }]) {
      const query: Query = { ...EVERYTHING, sort, order, ...more };
      let arriving = 10;
      const read = await readAll({ ...query, last }, 3, async () => {
        if (arriving-- > 0) await ledger.postAll(deposit(userId, `${1 + (arriving % 5)}.00`));
      });
      expect(read).toEqual(expected(before, query));
    }
  });

  test.each(
    (["date", "amount"] as const).flatMap((sort) =>
      (["asc", "desc"] as const).flatMap((order) => [1, 3, 20].map((limit) => ({ sort, order, limit }))),
    ),
  )(
    "by $sort $order, $limit a page, neither skips nor repeats while entries arrive",
    async ({ sort, order, limit }) => {
      const query: Query = { ...EVERYTHING, sort, order };
      const before = expected(await readAll(EVERYTHING, 1_000), query);
      let round = 0;
      const read = await readAll(query, limit, async () => {
        if (round > 20) return;
        round += 1;
        await ledger.postAll(deposit(userId, `${1 + (round % 5)}.00`), withdrawal(userId, "0.50"));
      });
      const versions = read.map(({ version }) => version);
      expect(new Set(versions).size).toBe(versions.length);
      const known = new Set(before.map(({ version }) => version));
      expect(versions.filter((version) => known.has(version))).toEqual(before.map(({ version }) => version));
      expect(expected(read, query)).toEqual(read);
    },
  );
});
