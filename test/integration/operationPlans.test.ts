import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { PoolClient } from "pg";
import type { OperationPosition, OperationQuery } from "../../src/ledger/records.ts";
import { searchOperations } from "../../src/postgres/reading/operationSearch.ts";
import { fillOperations, timeOf } from "../support/ledger/largeOperations.ts";
import { explaining, type Plan } from "../support/ledger/queryPlans.ts";
import { createTestLedger, type TestLedger } from "../support/ledger/testLedger.ts";

/** `SEARCHED_OPERATIONS=1000000 ./dev test operationPlans` searches among more. */
const SIZE = Number(process.env.SEARCHED_OPERATIONS ?? 60_000);
const PAGE = 20;
/** Keys of a page from each of three indexes, as many operations, and their entries. */
const ROWS_MAX = 3 * 2 * (PAGE + 1) + 30;
/** Plan nodes that read all rows of a table or of a filter. */
const GROWING = /Seq Scan|Bitmap|Hash|Materialize/;

const ANY: OperationQuery = {
  ...{ operationId: undefined, reservationId: undefined, reference: undefined, orderId: undefined },
  ...{ workflowId: undefined, userId: undefined, serviceId: undefined },
  ...{ kinds: undefined, status: undefined, code: undefined, from: undefined, to: undefined },
};

let ledger: TestLedger;
let client: PoolClient;

beforeAll(async () => {
  ledger = await createTestLedger("operation_plans");
  await fillOperations(ledger, SIZE);
  client = await ledger.owner.connect();
}, 120_000);

afterAll(async () => {
  client.release();
  await ledger.close();
});

async function search(query: OperationQuery, after: OperationPosition | undefined, mode: "custom" | "generic") {
  const plans: Plan[] = [];
  const found = await searchOperations(explaining(client, mode, plans), query, after, PAGE);
  // The last statement reads the operations of the page by their ids.
  return { ...found, plans: plans.slice(0, -1) };
}

const leading: [name: string, query: Partial<OperationQuery>][] = [
  ["reservation", { reservationId: "00000000-0000-8000-8000-000000000000" }],
  ["reference", { reference: "reference" }],
  ["order", { orderId: "order" }],
  ["workflow", { workflowId: "workflow" }],
  ["user", { userId: "user" }],
  ["service", { serviceId: "service" }],
];
const period = { from: timeOf(SIZE / 4), to: timeOf((SIZE * 3) / 4) };

describe.each(["custom", "generic"] as const)("in a %s plan", (mode) => {
  test.each(
    leading.flatMap(
      ([name, query]) =>
        [
          [name, query],
          [`${name} in a period`, { ...query, ...period }],
        ] as [string, Partial<OperationQuery>][],
    ),
  )("each page of a search by %s is read from an index in its order", async (name, query) => {
    const middle = { completedAt: timeOf(SIZE / 2), ordinal: BigInt(SIZE / 2) };
    for (const after of [undefined, middle]) {
      const { operations, plans } = await search({ ...ANY, ...query }, after, mode);
      expect([name, operations.length]).toEqual([name, PAGE]);
      for (const { nodes, rowsRead } of plans) {
        // A user's three indexes are merged by sorting a page of each.
        const isSorted = /Sort/.test([...nodes].join()) && query.userId === undefined;
        expect([name, isSorted, [...nodes].filter((node) => GROWING.test(node))]).toEqual([name, false, []]);
        expect(rowsRead).toBeLessThanOrEqual(ROWS_MAX);
      }
    }
  });

  test("a rare match is searched in pieces of an index", async () => {
    const { operations, plans } = await search({ ...ANY, orderId: "order", kinds: ["transfer"] }, undefined, mode);
    expect(operations.length).toBeGreaterThan(10);
    for (const { nodes, rowsRead } of plans) {
      expect([...nodes].filter((node) => GROWING.test(node) || /Sort/.test(node))).toEqual([]);
      expect(rowsRead).toBeLessThanOrEqual(1_000);
    }
  });
});
