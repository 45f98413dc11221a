import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { PoolClient } from "pg";
import type { StatementPage, StoredEntry } from "../../src/ledger/records.ts";
import { readPastBalance } from "../../src/postgres/reading/pastBalance.ts";
import { readStatement } from "../../src/postgres/reading/statement.ts";
import { fillAccounts, timeOf } from "../support/ledger/largeStatement.ts";
import { explaining, type Plan } from "../support/ledger/queryPlans.ts";
import { createTestLedger, type TestLedger } from "../support/ledger/testLedger.ts";

/** `STATEMENT_ENTRIES=1000000 ./dev test statementPlans` takes longer, and prints the figures of a million. */
const SIZE = Number(process.env.STATEMENT_ENTRIES ?? 200_000);
const PAGE = 20;
/**
 * Upper bound of rows read. A page and one more entry, each with a key, an entry, an operation and a service; and one
 * key of each kind.
 */
const ROWS_MAX = 4 * (PAGE + 1) + 8;
/** Upper bound of buffers. Four blocks for each row found by a primary key, and for each end of a range. */
const BUFFERS_MAX = 3 * 4 * (PAGE + 1) + 8 * 4;
/** Two binary searches, each with one step for each bit of a million. */
const LOOKS_MAX = 2 * 21;

/** Plan nodes that read all entries of an account, or all rows of a table. */
const GROWING = /Sort|Seq Scan|Bitmap|Hash|Materialize/;

let ledger: TestLedger;
let client: PoolClient;

beforeAll(async () => {
  ledger = await createTestLedger("statement_plans");
  const many = Array.from({ length: 5_000 }, (_, index) => `small-${index}`);
  await fillAccounts(ledger, [
    { userIds: many, size: 2 },
    { userIds: ["thousand"], size: 1_000 },
    { userIds: ["large"], size: SIZE },
  ]);
  client = await ledger.owner.connect();
}, 120_000);

afterAll(async () => {
  client.release();
  await ledger.close();
});

type Query = Partial<StatementPage>;
type Read = { entries: StoredEntry[]; finding: Plan; reading: Plan };

async function read(userId: string, query: Query, mode: "custom" | "generic"): Promise<Read> {
  const page = { kinds: undefined, serviceId: undefined, orderId: undefined, from: undefined, to: undefined };
  const plans: Plan[] = [];
  const entries = await readStatement(explaining(client, mode, plans), userId, {
    ...page,
    sort: "date",
    order: "desc",
    after: undefined,
    limit: PAGE + 1,
    ...query,
  });
  return { entries: entries!, finding: plans[0]!, reading: plans[1]! };
}

/** Reads the first, a middle and the last page. */
async function readPages(userId: string, query: Query, mode: "custom" | "generic"): Promise<Read[]> {
  const middle = { amountMinor: 50_000n, version: (userId === "large" ? SIZE : 1_000) / 2 };
  const reversed = query.order === "asc" ? "desc" : "asc";
  const { entries: ending } = await read(userId, { ...query, order: reversed }, mode);
  return [
    await read(userId, query, mode),
    await read(userId, { ...query, after: middle }, mode),
    await read(userId, { ...query, after: ending.at(-1) }, mode),
  ];
}

const orders = (["date", "amount"] as const).flatMap((sort) =>
  (["asc", "desc"] as const).flatMap((order) =>
    (["custom", "generic"] as const).map((mode) => ({ sort, order, mode })),
  ),
);

describe.each(orders)("by $sort $order, in a $mode plan", ({ sort, order, mode }) => {
  const period = { from: timeOf(SIZE / 4), to: timeOf((SIZE * 3) / 4) };
  const filters: [name: string, query: Query][] = [
    ["all entries", {}],
    ["a common kind", { kinds: ["withdrawal"] }],
    ["a rare kind", { kinds: ["refund"] }],
    ["several kinds", { kinds: ["deposit", "withdrawal", "refund"] }],
    ["a common service", { serviceId: "service-1" }],
    ["a rare service", { serviceId: "rare" }],
    ...(sort === "date"
      ? ([
          ["an order", { orderId: `order-${SIZE / 40}` }],
          ["a period", period],
          ["a rare kind in a period", { ...period, kinds: ["refund"] }],
          ["several kinds in a period", { ...period, kinds: ["withdrawal", "refund"] }],
          ["a service in a period", { ...period, serviceId: "service-1" }],
        ] as [string, Query][])
      : []),
  ];

  test.each(filters)("each page of %s is read from an index in its order", async (_, query) => {
    const pages = await readPages("large", { ...query, sort, order }, mode);
    for (const [index, { finding, reading }] of pages.entries()) {
      expect([index, [...finding.nodes, ...reading.nodes].filter((node) => GROWING.test(node))]).toEqual([index, []]);
      expect(reading.rowsRead).toBeLessThanOrEqual(ROWS_MAX);
      expect(reading.buffers).toBeLessThanOrEqual(BUFFERS_MAX);
      expect(finding.buffers).toBeLessThanOrEqual(4 * (LOOKS_MAX + 1));
    }
    const [first, , last] = pages as [Read, Read, Read];
    expect(first.entries.length).toBeGreaterThan(query.orderId ? 7 : PAGE);
    if (!query.orderId) expect(last.entries).toHaveLength(PAGE);
  });
});

describe.each(orders.filter(({ sort }) => sort === "amount"))(
  "by amount $order, in a $mode plan",
  ({ order, mode }) => {
    const few: [name: string, query: Query, size: number][] = [
      ["an order", { orderId: `order-${SIZE / 40}` }, 8],
      ["a short period", { from: timeOf(SIZE / 2), to: timeOf(SIZE / 2 + 3_000) }, 3_000],
      ["a kind in a short period", { kinds: ["deposit"], from: timeOf(SIZE / 2), to: timeOf(SIZE / 2 + 3_000) }, 3_000],
    ];

    test.each(few)("all entries of %s are read, and no others, and sorted", async (_, query, size) => {
      for (const { reading } of await readPages("large", { ...query, sort: "amount", order }, mode)) {
        expect([...reading.nodes].filter((node) => /Seq Scan|Hash/.test(node))).toEqual([]);
        // Each of them is read once from the table, and once from the intermediate result.
        expect(reading.rowsRead).toBeLessThanOrEqual(2 * size + ROWS_MAX);
      }
    });

    test("a long period is searched in the index, which reads only the entries of the page", async () => {
      const period = { from: timeOf(SIZE / 4), to: timeOf((SIZE * 3) / 4) };
      for (const { reading } of await readPages("large", { ...period, sort: "amount", order }, mode)) {
        expect([...reading.nodes].filter((node) => GROWING.test(node))).toEqual([]);
        // Amounts are spread evenly over time. A period of half the time holds every other one.
        expect(reading.rowsRead).toBeLessThanOrEqual(2 * ROWS_MAX);
        expect(reading.buffers).toBeLessThanOrEqual(BUFFERS_MAX);
      }
    });
  },
);

test.each(orders.filter(({ mode }) => mode === "generic"))(
  "by $sort $order the last page of the largest account costs as much as a small account's first page",
  async ({ sort, order, mode }) => {
    const small = await readPages("thousand", { sort, order }, mode);
    const large = await readPages("large", { sort, order }, mode);
    const cost = ({ reading }: Read) => `${reading.buffers} buffers, ${reading.milliseconds} ms`;
    if (process.env.STATEMENT_ENTRIES) {
      console.info(
        `${sort} ${order}, first, middle and last page`,
        [small, large].map((pages) => pages.map(cost)),
      );
    }
    // An index of a million entries is one or two levels higher.
    expect(large[2]!.reading.buffers).toBeLessThanOrEqual(small[0]!.reading.buffers * 2);
    expect([...large[2]!.reading.nodes]).toEqual([...large[0]!.reading.nodes]);
  },
);

test.each(["custom", "generic"] as const)(
  "a balance at any time of the largest account is found by lookups in primary keys, in a %s plan",
  async (mode) => {
    for (const version of [0, 1, 3, SIZE / 2, SIZE - 3, SIZE]) {
      const plans: Plan[] = [];
      const past = await readPastBalance(explaining(client, mode, plans), "large", timeOf(version));
      // Three entries share each second. The first of them has a multiple of three.
      expect(past!.balance.version).toBe(Math.max(version - (version % 3) - 1, 0));
      expect(plans.flatMap(({ nodes }) => [...nodes]).filter((node) => GROWING.test(node))).toEqual([]);
      expect(plans.flatMap(({ indexes }) => [...indexes])).toContain("entries_pkey");
      for (const { buffers } of plans) expect(buffers).toBeLessThanOrEqual(4 * (LOOKS_MAX / 2 + 2));
    }
  },
);
