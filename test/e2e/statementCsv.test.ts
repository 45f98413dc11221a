import { beforeAll, expect, test } from "bun:test";
import { mintToken } from "../../scripts/keys.ts";
import { post } from "../support/api/client.ts";
import { readCsv, requestCsv } from "../support/api/csv.ts";
import { userWith } from "../support/api/funds.ts";
import { completed, reserve, settle } from "../support/api/reservations.ts";
import { type Query, wholeStatement } from "../support/api/statements.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { connectOwner } from "../support/stack/owner.ts";
import { eventually } from "../support/waiting.ts";

const token = await mintToken();
const BATCHES = 11;
const BATCH = 1_000;
/** Long, so that a file of ten thousand entries exceeds the buffers of a connection. */
const LONG_COMMENT = "ж".repeat(255);

const pathOf = (userId: string, query: Query = {}) => `/v1/users/${userId}/transactions?${new URLSearchParams(query)}`;
const csvOf = async (userId: string, query: Query = {}) => (await requestCsv(pathOf(userId, query), token)).text();

async function depositMany(userId: string, count: number): Promise<void> {
  const operations = Array.from({ length: count }, (_, index) => ({
    kind: "deposit",
    idempotencyKey: crypto.randomUUID(),
    userId,
    amount: `${1 + (index % 7)}.00`,
    comment: LONG_COMMENT,
  }));
  const { status, body } = await post("/v1/batches", { operations }, { key: null, wait: 30 });
  if (status !== 200) throw new Error(`The batch was answered ${status}: ${JSON.stringify(body).slice(0, 500)}`);
}

const largeUserId = uniqueUserId("large");

beforeAll(async () => {
  for (let batch = 0; batch < BATCHES; batch += 1) await depositMany(largeUserId, BATCH);
}, 120_000);

async function userWithEveryText(): Promise<string> {
  const userId = await userWith("100.00");
  await completed("/v1/deposits", { userId, amount: "1.00", source: "=1+1", comment: 'a;b "c", d|e' });
  await completed("/v1/withdrawals", { userId, amount: "2.00", destination: "-card", comment: "@SUM(A1)" });
  const { reservationId } = await reserve(userId, "10.00", { serviceName: "Ad; promotion" });
  await settle(reservationId, "recognitions", { amount: "4.00" });
  return userId;
}

test("a CSV has a header and the fields of every item, in the order and with the filters of the list", async () => {
  const userId = await userWithEveryText();
  const queries: Query[] = [
    {},
    { order: "asc" },
    { sort: "amount" },
    { sort: "amount", order: "asc", kind: "deposit,recognition" },
    { from: "2026-01-01T00:00:00+03:00", kind: "withdrawal" },
    { orderId: "none" },
  ];
  for (const query of queries) {
    const items = await wholeStatement(userId, query);
    const csv = await csvOf(userId, query);
    const defused = (value: unknown) => `${/^[=+\-@]/.test(`${value}`) ? "'" : ""}${value ?? ""}`;
    const rows = items.map((item) =>
      Object.fromEntries(
        Object.entries(item).map(([name, value]) => [
          name,
          ["availableDelta", "reservedDelta"].includes(name) ? `${value}` : defused(value),
        ]),
      ),
    );
    expect([query, readCsv(csv)]).toEqual([query, rows]);
    expect(csv.split("\n", 1)[0]).toBe(Object.keys((await wholeStatement(userId))[0]).join(";"));
  }
  const csv = await csvOf(userId, { order: "asc" });
  expect(csv).toContain(';"a;b ""c"", d|e";');
  expect(csv).toContain(";'=1+1;");
  expect(csv).toContain(";2.00;-2.00;0.00;99.00;0.00;3;");
});

test("Accept decides between JSON, the default, and CSV", async () => {
  const userId = await userWith("1.00");
  const cases: [accept: string, type: string][] = [
    ["text/csv", "text/csv; charset=utf-8; header=present"],
    ["text/csv; charset=utf-8", "text/csv; charset=utf-8; header=present"],
    ["text/csv;charset=UTF-8;header=present", "text/csv; charset=utf-8; header=present"],
    ["text/csv; charset=koi8-r", "application/json;charset=utf-8"],
    ["application/json; charset=utf-8, text/csv;q=0.9", "application/json;charset=utf-8"],
    ["TEXT/CSV", "text/csv; charset=utf-8; header=present"],
    ["text/*", "text/csv; charset=utf-8; header=present"],
    ["application/json;q=0.5, text/csv", "text/csv; charset=utf-8; header=present"],
    ["text/csv;q=0.5, */*;q=0.1", "text/csv; charset=utf-8; header=present"],
    ["*/*", "application/json;charset=utf-8"],
    ["application/json", "application/json;charset=utf-8"],
    ["text/csv;q=0.4, application/json;q=0.5", "application/json;charset=utf-8"],
    ["text/csv;q=0, */*", "application/json;charset=utf-8"],
    ["text/html,application/xhtml+xml,*/*;q=0.8", "application/json;charset=utf-8"],
    ["image/png", "application/json;charset=utf-8"],
    ["nonsense", "application/json;charset=utf-8"],
  ];
  for (const [accept, type] of cases) {
    const response = await requestCsv(pathOf(userId), token, accept);
    expect([accept, response.status, response.headers.get("content-type")]).toEqual([accept, 200, type]);
    expect(response.headers.get("vary")).toBe("Accept");
    await response.text();
  }
});

test("it is a file with a name, is not cached, and has the headers of every answer", async () => {
  const userId = await userWith("1.00", "of:two");
  const { headers } = await requestCsv(pathOf(userId), token);
  expect(headers.get("content-disposition")).toBe(
    `attachment; filename="statement-${userId.replaceAll(":", "_")}.csv"`,
  );
  expect(headers.get("cache-control")).toBe("no-store");
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("x-request-id")).toBeTruthy();
});

test("limit, cursor and bad parameters are refused by name, an unknown user and a missing scope as in JSON", async () => {
  const userId = await userWith("1.00");
  const refused: [field: string, query: Query][] = [
    ["limit", { limit: "100" }],
    ["cursor", { cursor: "x" }],
    ["sort", { sort: "version" }],
    ["kind", { kind: "extension" }],
    ["to", { from: "2026-01-02T00:00:00Z", to: "2026-01-01T00:00:00Z" }],
  ];
  for (const [field, query] of refused) {
    const response = await requestCsv(pathOf(userId, query), token);
    const body = (await response.json()) as { errors: { field: string }[] };
    expect([field, response.status, body.errors.map((error) => error.field)]).toEqual([field, 400, [field]]);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
  }
  const unknown = await requestCsv(pathOf(uniqueUserId("unknown")), token);
  expect([unknown.status, ((await unknown.json()) as { code: string }).code]).toEqual([404, "account_unknown"]);
  const forbidden = await requestCsv(pathOf(userId), await mintToken({ scope: "operations:read" }));
  expect(forbidden.status).toBe(403);
});

test.each([{ order: "asc" }, { order: "desc" }, { sort: "amount", order: "asc" }] as Query[])(
  "over ten thousand entries are read to the end while new ones arrive, by %p",
  async (query) => {
    const before = await versionOf(largeUserId);
    const done = new AbortController();
    const arriving = (async () => {
      let arrived = 0;
      for (; !done.signal.aborted || arrived === 0; arrived += 50) await depositMany(largeUserId, 50);
      return arrived;
    })();
    const rows = readCsv(await csvOf(largeUserId, query));
    done.abort();
    expect(await arriving).toBeGreaterThan(0);
    const versions = rows.map(({ version }) => Number(version));
    // Those that arrived before the reading began belong to it. They are the next ones, without a gap.
    expect(versions.length).toBeGreaterThanOrEqual(before);
    expect(versions.length).toBeLessThan(await versionOf(largeUserId));
    expect(versions.toSorted((one, other) => one - other)).toEqual(Array.from(versions, (_, index) => index + 1));
    const keys = rows.map(({ amount, version }) => [Number(query.sort ? amount : 0), Number(version)] as const);
    const sign = query.order === "asc" ? 1 : -1;
    const sorted = keys.toSorted((one, other) => sign * (one[0] - other[0] || one[1] - other[1]));
    expect(keys).toEqual(sorted);
    expect(rows[0]!.comment).toBe(LONG_COMMENT);
  },
  120_000,
);

async function versionOf(userId: string): Promise<number> {
  await using owner = await connectOwner();
  const { rows } = await owner.query("select version::int from accounts where user_id = $1", [userId]);
  return rows[0].version;
}

test("an error in the middle breaks the connection: a part never looks like the whole", async () => {
  const { body } = await requestCsv(pathOf(largeUserId), token);
  const reader = body!.getReader();
  expect((await reader.read()).done).toBe(false);
  await using owner = await connectOwner();
  await owner.query("begin");
  await owner.query("lock table entries in access exclusive mode");
  const readToEnd = async () => {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read());
  };
  // The reading waits for the lock until its timeout.
  expect(await readToEnd().catch(() => "broken off")).toBe("broken off");
  await owner.query("rollback");
  expect(readCsv(await csvOf(largeUserId)).length).toBe(await versionOf(largeUserId));
}, 60_000);

test("a slow reader holds no connection to the ledger, and gets the rest as it reads", async () => {
  const { body } = await requestCsv(pathOf(largeUserId), token);
  const reader = body!.getReader();
  const decoder = new TextDecoder();
  let csv = decoder.decode((await reader.read()).value, { stream: true });
  await using owner = await connectOwner();
  await eventually(async () => {
    const { rows } = await owner.query(
      `select count(*)::int as busy from pg_stat_activity
       where datname = current_database() and application_name = 'saldo-read' and state <> 'idle'`,
    );
    return rows[0].busy === 0;
  });
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    csv += decoder.decode(piece.value, { stream: true });
  }
  expect(readCsv(csv).length).toBe(await versionOf(largeUserId));
}, 60_000);

test("a reader that leaves in the middle leaves nothing running", async () => {
  const leaving = new AbortController();
  const { body } = await requestCsv(pathOf(largeUserId), token, "text/csv", leaving.signal);
  await body!.getReader().read();
  leaving.abort();
  expect(readCsv(await csvOf(largeUserId, { kind: "withdrawal" }))).toEqual([]);
});
