import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { PoolClient } from "pg";
import type { StatementEntry, StatementPage } from "../../src/ledger/records.ts";
import { readStatement } from "../../src/postgres/reading/statement.ts";
import { fillAccounts, timeOf } from "../support/largeStatement.ts";
import { createTestLedger, type TestLedger } from "../support/ledger.ts";
import { explaining, type Plan } from "../support/plans.ts";

/** `STATEMENT_ENTRIES=1000000 ./dev test statementPlans` takes longer, and prints the figures of a million. */
const SIZE = Number(process.env.STATEMENT_ENTRIES ?? 200_000);
const PAGE = 20;
/** What the server asks for, one more than the page: its keys, and by each an entry, an operation and a service; and one key of each kind. */
const ROWS_MAX = 4 * (PAGE + 1) + 8;
/** Four blocks for each row that is found by a primary key, and as many for each end of a range. */
const BUFFERS_MAX = 3 * 4 * (PAGE + 1) + 8 * 4;
/** Two bisections, each of as many looks as a million has bits. */
const LOOKS_MAX = 2 * 21;

/** What is asked of an account's entries as a whole, or of a table's rows. */
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

type Asked = Partial<StatementPage>;
type Read = { entries: StatementEntry[]; finding: Plan; reading: Plan };

async function read(userId: string, asked: Asked, mode: "custom" | "generic"): Promise<Read> {
  const page = { kind: undefined, serviceId: undefined, orderId: undefined, from: undefined, to: undefined };
  const plans: Plan[] = [];
  const entries = await readStatement(explaining(client, mode, plans), userId, {
    ...page,
    sort: "date",
    order: "desc",
    after: undefined,
    limit: PAGE + 1,
    ...asked,
  });
  return { entries: entries!, finding: plans[0]!, reading: plans[1]! };
}

/** The first, a middle and the last page. */
async function readPages(userId: string, asked: Asked, mode: "custom" | "generic"): Promise<Read[]> {
  const middle = { amountMinor: 50_000n, version: (userId === "large" ? SIZE : 1_000) / 2 };
  const reversed = asked.order === "asc" ? "desc" : "asc";
  const { entries: ending } = await read(userId, { ...asked, order: reversed }, mode);
  return [
    await read(userId, asked, mode),
    await read(userId, { ...asked, after: middle }, mode),
    await read(userId, { ...asked, after: ending.at(-1) }, mode),
  ];
}

const orders = (["date", "amount"] as const).flatMap((sort) =>
  (["asc", "desc"] as const).flatMap((order) =>
    (["custom", "generic"] as const).map((mode) => ({ sort, order, mode })),
  ),
);

describe.each(orders)("by $sort $order, as the server plans it in a $mode plan", ({ sort, order, mode }) => {
  const period = { from: timeOf(SIZE / 4), to: timeOf((SIZE * 3) / 4) };
  const filters: [name: string, asked: Asked][] = [
    ["all entries", {}],
    ["a common kind", { kind: "withdrawal" }],
    ["a rare kind", { kind: "refund" }],
    ["a common service", { serviceId: "service-1" }],
    ["a rare service", { serviceId: "rare" }],
    ...(sort === "date"
      ? ([
          ["an order", { orderId: `order-${SIZE / 40}` }],
          ["a period", period],
          ["a rare kind in a period", { ...period, kind: "refund" }],
          ["a service in a period", { ...period, serviceId: "service-1" }],
        ] as [string, Asked][])
      : []),
  ];

  test.each(filters)("each page of %s is read from an index that has it in its order", async (_, asked) => {
    const pages = await readPages("large", { ...asked, sort, order }, mode);
    for (const [index, { finding, reading }] of pages.entries()) {
      expect([index, [...finding.nodes, ...reading.nodes].filter((node) => GROWING.test(node))]).toEqual([index, []]);
      expect(reading.rowsRead).toBeLessThanOrEqual(ROWS_MAX);
      expect(reading.buffers).toBeLessThanOrEqual(BUFFERS_MAX);
      expect(finding.buffers).toBeLessThanOrEqual(4 * (LOOKS_MAX + 1));
    }
    const [first, , last] = pages as [Read, Read, Read];
    expect(first.entries.length).toBeGreaterThan(asked.orderId ? 7 : PAGE);
    if (!asked.orderId) expect(last.entries).toHaveLength(PAGE);
  });
});

describe.each(orders.filter(({ sort }) => sort === "amount"))(
  "by amount $order, in a $mode plan",
  ({ order, mode }) => {
    const few: [name: string, asked: Asked, size: number][] = [
      ["an order", { orderId: `order-${SIZE / 40}` }, 8],
      ["a short period", { from: timeOf(SIZE / 2), to: timeOf(SIZE / 2 + 3_000) }, 3_000],
      ["a kind in a short period", { kind: "deposit", from: timeOf(SIZE / 2), to: timeOf(SIZE / 2 + 3_000) }, 3_000],
    ];

    test.each(few)("%s is read as a whole, and nothing else, and sorted", async (_, asked, size) => {
      for (const { reading } of await readPages("large", { ...asked, sort: "amount", order }, mode)) {
        expect([...reading.nodes].filter((node) => /Seq Scan|Hash/.test(node))).toEqual([]);
        // Each of the few is read once from the table, and once from what was read.
        expect(reading.rowsRead).toBeLessThanOrEqual(2 * size + ROWS_MAX);
      }
    });

    test("a long period is looked for in the index, which reads the entries of the page alone", async () => {
      const period = { from: timeOf(SIZE / 4), to: timeOf((SIZE * 3) / 4) };
      for (const { reading } of await readPages("large", { ...period, sort: "amount", order }, mode)) {
        expect([...reading.nodes].filter((node) => GROWING.test(node))).toEqual([]);
        // Amounts are spread evenly over time, so that every other one is in a period of one half.
        expect(reading.rowsRead).toBeLessThanOrEqual(2 * ROWS_MAX);
        expect(reading.buffers).toBeLessThanOrEqual(BUFFERS_MAX);
      }
    });
  },
);

test.each(orders.filter(({ mode }) => mode === "generic"))(
  "by $sort $order the last page of the largest account costs what the first one of a small account does",
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
    // An index of a million entries is one level higher, or two.
    expect(large[2]!.reading.buffers).toBeLessThanOrEqual(small[0]!.reading.buffers * 2);
    expect([...large[2]!.reading.nodes]).toEqual([...large[0]!.reading.nodes]);
  },
);
