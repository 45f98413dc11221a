import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import type { OutboxRow } from "../../src/ledger/records.ts";
import { createDatabase } from "../../src/postgres/database.ts";
import { createPool } from "../../src/postgres/pool.ts";
import { deleteOutbox } from "../../src/postgres/posting/outbox.ts";
import { deposit, operation, uniqueUserId, withdrawal } from "../support/ledger/operations.ts";
import { createTestLedger, type TestLedger } from "../support/ledger/testLedger.ts";
import { at } from "../support/stack/settings.ts";

let ledger: TestLedger;

beforeAll(async () => {
  ledger = await createTestLedger("outbox");
});

beforeEach(async () => {
  await ledger.rows("delete from outbox");
});

afterAll(() => ledger.close());

const carrier = () => `carrier-${crypto.randomUUID()}`;
const idOf = ({ operationIds }: OutboxRow) => operationIds[0]!;

async function postDeposits(workflowId: string, count = 1): Promise<string[]> {
  const operations = Array.from({ length: count }, () => deposit(uniqueUserId(), "1.00"));
  await ledger.post(workflowId, operations);
  return operations.map(({ operationId }) => operationId);
}

async function postDeposit(workflowId: string): Promise<string> {
  return (await postDeposits(workflowId))[0]!;
}

async function age(workflowId: string, seconds: number): Promise<void> {
  await ledger.owner.query(
    "update outbox set created_at = clock_timestamp() - make_interval(secs => $2) where workflow_id = $1",
    [workflowId, seconds],
  );
}

type Piece = Partial<Parameters<TestLedger["drainOutbox"]>[0]>;

/** Drains one piece and publishes it at once. @returns its rows */
async function drain(piece: Piece = {}): Promise<OutboxRow[]> {
  const drained: OutboxRow[] = [];
  await ledger.drainOutbox({ ageSeconds: 0, operationsMax: 1_000, exceptIds: [], ...piece }, async (rows) => {
    drained.push(...rows);
  });
  return drained;
}

describe("a posting", () => {
  test("writes one outbox row in the transaction that makes its entries", async () => {
    const workflowId = carrier();
    const operationIds = await postDeposits(workflowId, 3);
    const together = await ledger.rows(
      `select distinct entries.xmin::text = outbox.xmin::text as together
       from entries, outbox where operation_id = any ($1) and workflow_id = $2`,
      [operationIds, workflowId],
    );
    expect(together).toEqual([{ together: true }]);
    expect(await ledger.outboxOf(workflowId)).toEqual([operationIds]);
  });

  test("of the same carrier writes a row of its own and changes no earlier one", async () => {
    const workflowId = carrier();
    const first = await postDeposits(workflowId, 2);
    const second = await postDeposits(workflowId, 2);
    expect(await ledger.outboxOf(workflowId)).toEqual([first, second]);
  });

  test("lists no declined or mismatched operation, and writes no row if no operation completes", async () => {
    const [workflowId, userId] = [carrier(), uniqueUserId()];
    const known = deposit(userId, "1.00");
    await ledger.post(carrier(), [known]);
    const other = operation({ kind: "deposit", request: { userId, amount: "2.00" } }, known.idempotencyKey!);
    const declined = withdrawal(userId, "9.00");
    expect((await ledger.post(workflowId, [declined, other])).outboxIds).toEqual([]);
    expect(await ledger.outboxOf(workflowId)).toEqual([]);

    const completed = deposit(userId, "1.00");
    await ledger.post(workflowId, [declined, completed, other]);
    expect(await ledger.outboxOf(workflowId)).toEqual([[completed.operationId]]);
  });

  test("that is repeated leaves the row of the first run, which lasts until its events are published", async () => {
    const [first, second] = [carrier(), carrier()];
    const repeated = deposit(uniqueUserId(), "1.00");
    await ledger.post(first, [repeated]);
    for (const workflowId of [first, second]) await ledger.post(workflowId, [repeated]);
    expect(await ledger.outboxOf(first)).toEqual([[repeated.operationId]]);
    expect(await ledger.outboxOf(second)).toEqual([]);
  });
});

describe("a deletion from the outbox", () => {
  test("removes the given rows, and no others of the same or another carrier", async () => {
    const [mine, theirs] = [carrier(), carrier()];
    const { outboxIds } = await ledger.post(mine, [deposit(uniqueUserId(), "1.00")]);
    const [left, other] = [await postDeposit(mine), await postDeposit(theirs)];
    await ledger.deleteOutbox(outboxIds);
    expect(await ledger.outboxOf(mine)).toEqual([[left]]);
    expect(await ledger.outboxOf(theirs)).toEqual([[other]]);
  });

  test("leaves its connection with synchronous_commit on", async () => {
    const { outboxIds } = await ledger.post(carrier(), [deposit(uniqueUserId(), "1.00")]);
    const pool = createPool(createDatabase(at(ledger.databaseUrl)), "outbox", 1);
    await deleteOutbox(pool, outboxIds);
    const { rows } = await pool.query("show synchronous_commit");
    await pool.end();
    expect(rows).toEqual([{ synchronous_commit: "on" }]);
  });
});

describe("a drain of the outbox", () => {
  test("takes the oldest rows first, none below the minimum age, up to the maximum of operations", async () => {
    const names = ["young", "old", "older", "oldest"].map((name) => `${name}-${crypto.randomUUID()}`);
    const [young, old, older, oldest] = names as [string, string, string, string];
    const ids = new Map<string, string[]>();
    for (const workflowId of names) ids.set(workflowId, await postDeposits(workflowId, 2));
    await age(old, 1_031);
    await age(older, 1_060);
    await age(oldest, 1_090);
    const rows = (...of: string[]) =>
      of.map((workflowId) => ({ id: expect.any(String), workflowId, operationIds: ids.get(workflowId)! }));
    expect(await drain({ ageSeconds: 1_100 })).toEqual([]);
    expect(await drain({ ageSeconds: 1_030, operationsMax: 5 })).toEqual(rows(oldest, older));
    expect(await drain({ ageSeconds: 1_030 })).toEqual(rows(old));
    expect(await drain()).toEqual(rows(young));
    expect(await drain()).toEqual([]);
  });

  test("takes a row with more operations than the maximum alone", async () => {
    const [large, small] = [await postDeposits(carrier(), 3), await postDeposits(carrier(), 1)];
    expect((await drain({ operationsMax: 2 })).map(({ operationIds }) => operationIds)).toEqual([large]);
    expect((await drain({ operationsMax: 2 })).map(({ operationIds }) => operationIds)).toEqual([small]);
  });

  test("of one carrier leaves the rows of all others", async () => {
    const [mine, theirs] = [carrier(), carrier()];
    const other = await postDeposit(theirs);
    const own = [await postDeposit(mine), await postDeposit(mine)];
    expect((await drain({ workflowId: mine })).map(idOf)).toEqual(own);
    expect(await ledger.outboxOf(theirs)).toEqual([[other]]);
  });

  test("skips the rows that it excepts", async () => {
    const { outboxIds } = await ledger.post(carrier(), [deposit(uniqueUserId(), "1.00")]);
    const later = await postDeposit(carrier());
    expect((await drain({ exceptIds: outboxIds })).map(idOf)).toEqual([later]);
    expect((await drain()).map(({ id }) => id)).toEqual(outboxIds);
  });

  test("deletes its rows only once their publication has resolved", async () => {
    const workflowId = carrier();
    const operationId = await postDeposit(workflowId);
    const all = { ageSeconds: 0, operationsMax: 1_000, exceptIds: [] };
    const failing = ledger.drainOutbox(all, () => Promise.reject(new Error("Kafka is away")));
    await expect(failing).rejects.toThrow("Kafka is away");
    expect(await ledger.outboxOf(workflowId)).toEqual([[operationId]]);

    await ledger.drainOutbox(all, async () => {
      expect(await ledger.outboxOf(workflowId)).toEqual([[operationId]]);
    });
    expect(await ledger.outboxOf(workflowId)).toEqual([]);
  });

  test("that fails to publish ends its transaction, so that the next piece finds the rows", async () => {
    await postDeposit(carrier());
    const statesOf = async (where: string) => {
      const rows = await ledger.rows(
        `select pid, state from pg_stat_activity where datname = current_database() and ${where}`,
      );
      return rows as { pid: number; state: string }[];
    };
    let pid = 0;
    const failing = ledger.drainOutbox({ ageSeconds: 0, operationsMax: 1_000, exceptIds: [] }, async () => {
      const [drain, ...others] = await statesOf("state = 'idle in transaction'");
      expect(others).toEqual([]);
      pid = drain!.pid;
      throw new Error("Kafka is away");
    });
    await expect(failing).rejects.toThrow("Kafka is away");
    expect(await statesOf(`pid = ${pid}`)).toEqual([{ pid, state: "idle" }]);
  });

  test("concurrently with another drain skips the rows of the other, and no row is drained twice", async () => {
    await ledger.rows(
      `insert into outbox (workflow_id, operation_ids, created_at)
       select 'many', array[gen_random_uuid()], now() - make_interval(secs => 1000 - place)
       from generate_series(1, 700) as place`,
    );
    const ids = (await ledger.outboxOf("many")).flat();
    const [held, mayEnd] = [Promise.withResolvers<OutboxRow[]>(), Promise.withResolvers<void>()];
    const first = ledger.drainOutbox({ ageSeconds: 0, operationsMax: 1_000, exceptIds: [] }, async (rows) => {
      held.resolve(rows);
      await mayEnd.promise;
    });
    expect((await held.promise).map(idOf)).toEqual(ids.slice(0, 500));
    const second = await drain();
    mayEnd.resolve();
    expect(await first).toBe(500);
    expect(second.map(idOf)).toEqual(ids.slice(500));
    expect(await ledger.outboxOf("many")).toEqual([]);
  });
});

test("the count returns whether a carrier has rows left, and the number of such carriers up to a limit", async () => {
  const [mine, empty] = [carrier(), carrier()];
  for (const workflowId of [mine, mine, carrier(), carrier()]) await postDeposit(workflowId);
  expect(await ledger.countOutbox(mine, 10)).toEqual({ isWaiting: true, events: 2, carriers: 3 });
  expect(await ledger.countOutbox(empty, 2)).toEqual({ isWaiting: false, events: 0, carriers: 2 });
});
