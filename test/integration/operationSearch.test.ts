import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { KINDS, type Operation } from "../../src/ledger/operations.ts";
import type { OperationPosition, OperationQuery, StoredOperation } from "../../src/ledger/records.ts";
import { deposit, operation, transfer, uniqueUserId, withdrawal } from "../support/ledger/operations.ts";
import { createReservationLedger, type ReservationLedger } from "../support/ledger/reservationLedger.ts";
import { extension, recognition, refund, release, reservation } from "../support/ledger/reservationOperations.ts";

const ANY: OperationQuery = {
  ...{ operationId: undefined, reservationId: undefined, reference: undefined, orderId: undefined },
  ...{ workflowId: undefined, userId: undefined, serviceId: undefined },
  ...{ kinds: undefined, status: undefined, code: undefined, from: undefined, to: undefined },
};

let ledger: ReservationLedger;
let userId: string;
/** All operations of the ledger, the newest first. */
let all: StoredOperation[];

async function readAll(query: OperationQuery, limit: number, between = async () => {}): Promise<StoredOperation[]> {
  const read: StoredOperation[] = [];
  let after: OperationPosition | undefined;
  for (;;) {
    const { operations, next } = await ledger.searchOperations(query, after, limit);
    expect(operations.length).toBeLessThanOrEqual(limit);
    read.push(...operations);
    await between();
    if (!next) return read;
    after = next;
  }
}

function expected(operations: StoredOperation[], query: OperationQuery): StoredOperation[] {
  const equal = (name: keyof StoredOperation & keyof OperationQuery) => (one: StoredOperation) =>
    query[name] === undefined || one[name] === query[name];
  const { kinds, status, code, from, to, reference } = query;
  return operations
    .filter((one) =>
      (["operationId", "reservationId", "orderId", "workflowId", "serviceId"] as const).every((name) =>
        equal(name)(one),
      ),
    )
    .filter((one) => query.userId === undefined || [one.userId, one.counterpartyUserId].includes(query.userId))
    .filter(({ request }) => reference === undefined || ("reference" in request && request.reference === reference))
    .filter(({ kind }) => kinds === undefined || kinds.includes(kind))
    .filter(({ decline }) => status === undefined || (decline ? "declined" : "completed") === status)
    .filter(({ decline }) => code === undefined || decline?.code === code)
    .filter(({ completedAt }) => (from === undefined || completedAt >= from) && (to === undefined || completedAt < to));
}

function withReference<Of extends Operation>(one: Of, reference: string): Of {
  return { ...one, request: { ...one.request, reference } };
}

/** Posts operations of all kinds, completed and declined ones, in one workflow for each list. */
async function postMany(round: number): Promise<void> {
  const order = { userId, serviceId: `service-${round % 2}`, orderId: `order-${round % 3}` };
  const [first, second] = [reservation(order, "2.00"), reservation({ ...order, serviceId: "another" }, "3.00")];
  const byFields = recognition({ ...order, amount: "9.00" });
  const recognized = recognition({ reservationId: first.operationId, amount: "1.00" });
  const lists = [
    [
      withReference(deposit(userId, "10.00"), `R-${round % 2}`),
      first,
      second,
      byFields,
      extension(second.operationId, 90),
    ],
    [
      recognized,
      transfer(userId, "friend", "1.00"),
      transfer(userId, "friend", "900.00"),
      withdrawal("unknown", "1.00"),
    ],
    [refund(recognized.operationId), refund(crypto.randomUUID()), transfer("friend", userId, "0.50")],
    [release({ reservationId: first.operationId }), withReference(withdrawal(userId, "900.00"), "R-0")],
  ];
  for (const [index, list] of lists.entries()) await ledger.post(`carrier-${round}-${index}`, list);
  await ledger.passDeadline(second.operationId);
  await ledger.expireByIds("saga", second.operationId);
}

beforeAll(async () => {
  ledger = await createReservationLedger("operation_search");
  userId = uniqueUserId();
  await ledger.fund(["friend", uniqueUserId("aaa"), uniqueUserId("zzz")], "100.00");
  for (let round = 0; round < 3; round += 1) await postMany(round);
  const { rows } = await ledger.owner.query("select id from operations order by completed_at desc, ordinal desc");
  const ids = rows.map(({ id }) => id as string);
  const found = new Map((await ledger.findOperations(ids)).map((one) => [one.operationId, one]));
  all = ids.map((id) => found.get(id)!);
});

afterAll(() => ledger.close());

describe("a search for operations", () => {
  test("in pages of any size, with any filters, finds each match once, the newest first", async () => {
    const ids = all.flatMap(({ reservationId }) => reservationId ?? []);
    const times = all.flatMap(({ completedAt }) => [-1, 0, 1].map((ms) => new Date(completedAt.getTime() + ms)));
    const leading = {
      operationId: fc.constantFrom(...all.map(({ operationId }) => operationId)),
      reservationId: fc.constantFrom(...ids),
      reference: fc.constantFrom("R-0", "R-1", "R-2"),
      orderId: fc.constantFrom("order-0", "order-1"),
      workflowId: fc.constantFrom("carrier-1-0", "carrier-2-1", "saga"),
      userId: fc.constantFrom(userId, "friend", "unknown", "nobody"),
      serviceId: fc.constantFrom("service-0", "another"),
    };
    const others = {
      kinds: fc.subarray([...KINDS], { minLength: 1 }),
      status: fc.constantFrom("completed" as const, "declined" as const),
      code: fc.constantFrom("insufficient_funds" as const, "amount_mismatch" as const),
      from: fc.constantFrom(...times),
      to: fc.constantFrom(...times),
    };
    const some = <Filters extends object>(filters: Filters, minLength: number, maxLength: number) =>
      fc
        .subarray(Object.entries(filters), { minLength, maxLength })
        .chain((chosen) => fc.record(Object.fromEntries(chosen) as Record<string, fc.Arbitrary<unknown>>));
    const queries = fc
      .tuple(some(leading, 1, 2), some(others, 0, 2))
      .map(([first, second]): OperationQuery => ({ ...ANY, ...first, ...second }));
    let matches = 0;
    await fc.assert(
      fc.asyncProperty(queries, fc.integer({ min: 3, max: 40 }), async (query, limit) => {
        const found = await readAll(query, limit);
        expect(found).toEqual(expected(all, query));
        matches += found.length;
      }),
      { numRuns: 300 },
    );
    expect(matches).toBeGreaterThan(300);
  });

  test.each(["orderId", "userId", "serviceId"] as const)("by %s ends while operations arrive", async (name) => {
    const query = { ...ANY, [name]: { orderId: "order-0", userId, serviceId: "another" }[name] };
    const before = await readAll(query, 1_000);
    let round = 3;
    const read = await readAll(query, 7, async () => {
      if (round < 6) await postMany(round++);
    });
    // Newer ones belong before the first page.
    expect(read.slice(-before.length)).toEqual(before);
    expect(new Set(read.map(({ operationId }) => operationId)).size).toBe(read.length);
  });

  test("with rare matches looks at a bounded number of operations a page, and continues", async () => {
    const busy = uniqueUserId("busy");
    const rare = operation({ kind: "deposit", request: { userId: busy, amount: "1.00", reference: "rare" } });
    await ledger.post("carrier", [rare]);
    for (let list = 0; list < 11; list += 1) {
      await ledger.post(
        "carrier",
        Array.from({ length: 1_000 }, () => deposit(busy, "0.01")),
      );
    }
    const query = { ...ANY, userId: busy, kinds: ["refund" as const] };
    const first = await ledger.searchOperations(query, undefined, 20);
    expect([first.operations, first.next === undefined]).toEqual([[], false]);
    expect(await ledger.searchOperations(query, first.next, 20)).toEqual({ operations: [], next: undefined });
    const found = await readAll({ ...ANY, userId: busy, workflowId: "carrier", reference: "rare" }, 20);
    expect(found.map(({ operationId }) => operationId)).toEqual([rare.operationId]);
  });
});

describe("the subject of an operation", () => {
  const of = ({ operationId }: Operation) => all.find((one) => one.operationId === operationId)!;

  test("is known for every operation on a reservation, declined ones and expiries too", () => {
    const onReservations = all.filter(({ kind }) =>
      ["reservation", "recognition", "release", "extension", "expiry"].includes(kind),
    );
    expect(onReservations.length).toBeGreaterThan(15);
    for (const { userId: owner, serviceId, orderId } of onReservations) {
      expect([owner, typeof serviceId, typeof orderId]).toEqual([userId, "string", "string"]);
    }
  });

  test("of a refused operation is unknown, since the database refuses its data", async () => {
    const poison = operation({ kind: "deposit", request: { userId: "no\u0000id", amount: "1.00" } });
    await ledger.post("carrier", [poison]);
    all = [...(await ledger.findOperations([poison.operationId])), ...all];
    expect(of(poison)).toMatchObject({ decline: { code: "refused_by_ledger" }, userId: null });
    all = all.slice(1);
  });
});
