import { expect, test } from "bun:test";
import { createCursors } from "../../src/api/paging/cursors.ts";
import { get, stack } from "../support/api/client.ts";
import { userWith } from "../support/api/funds.ts";
import { expectProblem } from "../support/api/problem.ts";
import { completed, reserve } from "../support/api/reservations.ts";
import { type Query, statement } from "../support/api/statements.ts";

async function userWithEntries(): Promise<string> {
  const userId = await userWith("10.00");
  await reserve(userId, "1.00", { serviceId: "promotion", orderId: "order-1" });
  await reserve(userId, "1.00", { serviceId: "promotion", orderId: "order-1" });
  await completed("/v1/withdrawals", { userId, amount: "1.00" });
  return userId;
}

const [userId, another] = [await userWithEntries(), await userWithEntries()];
const query: Query = { sort: "amount", order: "asc", kind: "reservation", from: "2026-01-01T00:00:00Z", limit: "1" };
const cursor: string = (await statement(userId, query)).body.nextCursor;

async function expectInvalid(user: string, parameters: Query): Promise<void> {
  const answer = await statement(user, parameters);
  expect([parameters, answer.status]).toEqual([parameters, 400]);
  expectProblem(answer, "invalid_cursor", `/v1/users/${user}/transactions`, {
    errors: [{ field: "cursor", message: expect.any(String) }],
  });
}

test("a cursor continues its own list, with any limit, and with the same time in another notation", async () => {
  for (const changed of [
    {},
    { limit: "100" },
    { from: "2026-01-01T00:00:00.000Z" },
    { from: "2026-01-01T03:00:00+03:00" },
  ]) {
    const { status, body } = await statement(userId, { ...query, cursor, ...changed });
    expect([status, body.items.map(({ version }: { version: number }) => version)]).toEqual([200, [3]]);
  }
});

test("several kinds, and a cursor with the same kinds in another order", async () => {
  const versionsOf = (body: { items: { version: number }[] }) => body.items.map(({ version }) => version);
  const first = await statement(userId, { order: "asc", kind: "withdrawal,deposit", limit: "1" });
  expect([first.status, versionsOf(first.body)]).toEqual([200, [1]]);
  const next = { order: "asc", cursor: first.body.nextCursor };
  const second = await statement(userId, { ...next, kind: "deposit,withdrawal,deposit" });
  expect([second.status, versionsOf(second.body), second.body.nextCursor]).toEqual([200, [4], null]);
  await expectInvalid(userId, { ...next, kind: "deposit" });
  const all = await statement(userId, {
    kind: "deposit,withdrawal,transfer,reservation,recognition,release,expiry,refund",
  });
  expect(versionsOf(all.body)).toEqual([4, 3, 2, 1]);
});

test("a period has the same entries in every time zone, also with a plus that is not encoded", async () => {
  const { items } = (await statement(userId)).body;
  const [from, to] = [items[2].createdAt, items[0].createdAt] as [string, string];
  const at = (time: string, hours: number, offset: string) =>
    new Date(Date.parse(time) + hours * 3_600_000).toISOString().replace("Z", offset);
  const utc = (await statement(userId, { from, to })).body;
  expect(utc.items.length).toBeGreaterThan(0);
  for (const [hours, offset] of [
    [3, "+03:00"],
    [-8, "-08:00"],
    [5.75, "+05:45"],
  ] as const) {
    expect((await statement(userId, { from: at(from, hours, offset), to: at(to, hours, offset) })).body).toEqual(utc);
  }
  const unencoded = `from=${at(from, 3, "+03:00")}&to=${at(to, 3, "+03:00")}`;
  expect((await get(`/v1/users/${userId}/transactions?${unencoded}`)).body).toEqual(utc);
});

test("a cursor of another user, sort, order or filter is invalid", async () => {
  await expectInvalid(another, { ...query, cursor });
  const changes: Query[] = [
    { sort: "date" },
    { order: "desc" },
    { kind: "withdrawal" },
    { from: "2026-01-01T00:00:00.001Z" },
    { to: "2030-01-01T00:00:00Z" },
    { serviceId: "promotion" },
    { orderId: "order-1" },
  ];
  for (const change of changes) await expectInvalid(userId, { ...query, ...change, cursor });
  for (const left of ["sort", "order", "kind", "from"]) {
    const { [left]: _, ...rest } = query;
    await expectInvalid(userId, { ...rest, cursor });
  }
});

test("a cursor with any byte changed is invalid", async () => {
  const wrong = (character: string) => (character === "A" ? "B" : "A");
  for (const [index, character] of Array.from(cursor).entries()) {
    await expectInvalid(userId, {
      ...query,
      cursor: cursor.slice(0, index) + wrong(character) + cursor.slice(index + 1),
    });
  }
  for (const text of ["", ".", "x", `${cursor}=`, cursor.slice(1)]) {
    await expectInvalid(userId, { ...query, cursor: text });
  }
});

test("a cursor sealed with another SIGNING_KEY is invalid", async () => {
  const from = "2026-01-01T00:00:00.000Z";
  const parameters = {
    sort: "amount",
    order: "asc",
    kind: "reservation",
    serviceId: null,
    orderId: null,
    from,
    to: null,
  };
  const list = JSON.stringify(["transactions", userId, Object.entries(parameters)]);
  const own = createCursors(stack.environment.SIGNING_KEY!);
  const others = createCursors(`${stack.environment.SIGNING_KEY}x`);
  const position = own.decode(list, cursor);
  expect(own.encode(list, position)).toBe(cursor);
  await expectInvalid(userId, { ...query, cursor: others.encode(list, position) });
});

const bad: [field: string, values: string[]][] = [
  ["sort", ["", "Date", "version", "date,amount", "date "]],
  ["order", ["", "ASC", "up", "descending"]],
  [
    "kind",
    [
      "",
      "extension",
      "Deposit",
      "gift",
      "deposit,",
      ",deposit",
      "deposit,gift",
      "deposit, transfer",
      "deposit;transfer",
    ],
  ],
  ["from", ["", "2026", "2026-11-23", "yesterday", "2026-02-30T00:00:00Z", "2026-11-23T12:00:00+3", "0"]],
  ["to", ["", "2026-11-23T12:00:00", "2026-11-23T25:00:00Z", "infinity"]],
  ["serviceId", ["", ".ads", "a b", "a".repeat(65), "%"]],
  ["orderId", ["", "-1", "order/1", "ордер"]],
  ["limit", ["", "0", "101", "-1", "1.5", "01", "1e1", "x", " 1", "1000"]],
  ["cursor", ["x".repeat(513)]],
  ["offset", ["1"]],
  ["page", ["2"]],
];

test.each(bad)("a bad or unknown %s is refused by name", async (field, values) => {
  for (const value of values) {
    const answer = await statement("alice", { [field]: value });
    const [error] = answer.body.errors ?? [];
    expect([field, value, answer.status, error?.field]).toEqual([field, value, 400, field]);
    expectProblem(answer, "invalid_request", "/v1/users/alice/transactions", {
      errors: [{ field, message: expect.stringMatching(/^(must|is) /) }],
    });
  }
});

test("all faults are listed at once, and a period that ends before it begins is a fault of its end", async () => {
  const all = await statement("alice", { sort: "x", order: "x", kind: "x", from: "x", to: "x", limit: "0", x: "x" });
  const fields = all.body.errors.map(({ field }: { field: string }) => field);
  expect(new Set(fields)).toEqual(new Set(["sort", "order", "kind", "from", "to", "limit", "x"]));
  const period = { from: "2026-11-23T00:00:00.001Z", to: "2026-11-23T00:00:00Z" };
  expectProblem(await statement(userId, period), "invalid_request", `/v1/users/${userId}/transactions`, {
    errors: [{ field: "to", message: "must not be before from" }],
  });
});
