import { expect, test } from "bun:test";
import { mintToken } from "../../scripts/keys.ts";
import { type Answer, get } from "../support/api/client.ts";
import { userWith } from "../support/api/funds.ts";
import { expectProblem } from "../support/api/problem.ts";
import {
  awaitSettled,
  completed,
  readReservation,
  reserve,
  settle,
  uniqueOrderId,
} from "../support/api/reservations.ts";

type Query = Record<string, string>;
type Item = Answer["body"];

const PATH = "/v1/reservations";
const find = (query: Query): Promise<Answer> => get(`${PATH}?${new URLSearchParams(query)}`);
const idsOf = (items: Item[]): string[] => items.map(({ reservationId }) => reservationId);

/** The items of all pages. `between` runs after each page. */
async function findAll(query: Query, between = async () => {}): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | null = null;
  do {
    const { status, body } = await find({ ...query, ...(cursor && { cursor }) });
    expect(status).toBe(200);
    items.push(...body.items);
    cursor = body.nextCursor;
    await between();
  } while (cursor);
  return items;
}

const [anna, boris] = [await userWith("100.00", "anna"), await userWith("100.00", "boris")];

test("the reservations of an order are found across users, each as it reads alone, optionally by state", async () => {
  const orderId = uniqueOrderId();
  const first = await reserve(anna, "2.00", { orderId });
  const second = await reserve(anna, "3.00", { orderId });
  const third = await reserve(boris, "4.00", { orderId });
  await reserve(anna, "1.00");
  await settle(second.reservationId, "releases");
  const all = await find({ orderId });
  const { operations: _, ...alone } = await readReservation(first.reservationId);
  expect([all.status, all.body.items[0], all.body.nextCursor]).toEqual([200, alone, null]);
  const ids = [first, second, third].map(({ reservationId }) => reservationId);
  expect(idsOf(all.body.items)).toEqual(ids);
  expect(idsOf(await findAll({ orderId, limit: "1" }))).toEqual(ids);
  expect(idsOf(await findAll({ orderId, state: "open" }))).toEqual([ids[0]!, ids[2]!]);
  expect(idsOf(await findAll({ orderId, state: "settled" }))).toEqual([ids[1]!]);
  expect(idsOf(await findAll({ orderId, state: "expired" }))).toEqual([]);
  expect(idsOf(await findAll({ orderId: uniqueOrderId() }))).toEqual([]);
});

test("expired reservations are found with the latest deadline first, also after a recognition in part", async () => {
  const orderId = uniqueOrderId();
  const whole = await reserve(anna, "1.00", { orderId, ttlSeconds: 1 });
  const part = await reserve(boris, "2.00", { orderId, ttlSeconds: 1 });
  await settle(part.reservationId, "recognitions", { amount: "0.50", final: false }).catch(() => {});
  for (const { reservationId } of [whole, part]) await awaitSettled(reservationId);
  const found = await findAll({ state: "expired", limit: "100" });
  const deadlines = found.map(({ expiresAt }) => Date.parse(expiresAt));
  expect(deadlines).toEqual(deadlines.toSorted((one, other) => other - one));
  expect(idsOf(found)).toEqual(expect.arrayContaining([whole.reservationId, part.reservationId]));
  expect(found.every(({ state, expired }) => state === "settled" && expired !== "0.00")).toBe(true);
  expect(idsOf(await findAll({ state: "expired", orderId }))).toEqual([whole.reservationId, part.reservationId]);
});

test("open ones of all users come with the earliest deadline first, and a growing list is read to its end", async () => {
  const made = new Set<string>();
  for (const userId of [anna, boris, anna, boris, anna]) made.add((await reserve(userId, "0.10")).reservationId);
  let more = 6;
  const found = await findAll({ state: "open", limit: "2" }, async () => {
    if (more-- > 0) await reserve(more % 2 ? anna : boris, "0.10");
  });
  const ids = idsOf(found);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of made) expect(ids).toContain(id);
  const deadlines = found.map(({ expiresAt }) => Date.parse(expiresAt));
  expect(deadlines).toEqual(deadlines.toSorted((one, other) => one - other));
  expect(found.every(({ state }) => state === "open")).toBe(true);
  const overdue = await findAll({ state: "overdue" });
  expect(overdue.every(({ expiresAt }) => Date.parse(expiresAt) <= Date.now())).toBe(true);
});

test("refunded is the sum of the refunds of its recognitions, alone and in lists", async () => {
  const { reservationId, orderId } = await reserve(anna, "3.00");
  const recognition = await settle(reservationId, "recognitions", { amount: "2.00" });
  await completed("/v1/refunds", { recognitionId: recognition.operationId, amount: "0.30" });
  await completed("/v1/refunds", { recognitionId: recognition.operationId, amount: "0.20" });
  const totals = { recognized: "2.00", released: "1.00", refunded: "0.50", remaining: "0.00" };
  expect(await readReservation(reservationId)).toMatchObject(totals);
  expect((await find({ orderId })).body.items).toMatchObject([totals]);
  const own = await get(`/v1/users/${anna}/reservations?limit=100`);
  expect(own.body.items.find((one: Item) => one.reservationId === reservationId)).toMatchObject(totals);
});

test("it needs operations:read, which the list of one user does not", async () => {
  const [reader, finder] = [await mintToken({ scope: "balance:read" }), await mintToken({ scope: "operations:read" })];
  const refused = await get(`${PATH}?state=open`, { token: reader });
  expect([refused.status, refused.body.code]).toEqual([403, "insufficient_scope"]);
  expect(refused.headers.get("www-authenticate")).toContain('scope="operations:read"');
  expect((await get(`${PATH}?state=open`, { token: finder })).status).toBe(200);
  expect((await get(`/v1/users/${anna}/reservations`, { token: reader })).status).toBe(200);
  expect((await get(`/v1/users/${anna}/reservations`, { token: finder })).status).toBe(403);
});

test("a request without a state and an order, or with a bad parameter, is refused by name", async () => {
  const bad: [field: string, query: Query][] = [
    ["orderId", {}],
    ["orderId", { limit: "10" }],
    ["orderId", { state: "settled" }],
    ...["", "Open", "all", "open,expired"].map((state): [string, Query] => ["state", { state }]),
    ["orderId", { orderId: "" }],
    ["orderId", { orderId: "a b" }],
    ["limit", { state: "open", limit: "101" }],
    ["userId", { state: "open", userId: anna }],
  ];
  for (const [field, query] of bad) {
    const answer = await find(query);
    const [error] = answer.body.errors ?? [];
    expect([query, answer.status, error?.field]).toEqual([query, 400, field]);
    expectProblem(answer, "invalid_request", PATH, { errors: [{ field, message: error.message }] });
  }
});

test("a cursor belongs to its filters", async () => {
  const orderId = uniqueOrderId();
  for (const userId of [anna, boris, anna]) await reserve(userId, "0.10", { orderId });
  const cursor: string = (await find({ orderId, limit: "1" })).body.nextCursor;
  expect((await find({ orderId, cursor })).body.items).toHaveLength(2);
  const others: Query[] = [{ state: "open" }, { orderId, state: "open" }, { orderId: `${orderId}x` }];
  for (const query of others) {
    expectProblem(await find({ ...query, cursor }), "invalid_cursor", PATH, {
      errors: [{ field: "cursor", message: expect.any(String) }],
    });
  }
  const ofUser = await get(`/v1/users/${anna}/reservations?limit=1&cursor=${encodeURIComponent(cursor)}`);
  expect(ofUser.body.code).toBe("invalid_cursor");
});
