import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Pool, PoolClient } from "pg";
import { createDatabase } from "../../src/postgres/database.ts";
import { createPool, inTransaction } from "../../src/postgres/pool.ts";
import { post } from "../../src/postgres/posting/post.ts";
import { hold, lockAccounts } from "../support/ledger/barrier.ts";
import { deposit, uniqueUserId } from "../support/ledger/operations.ts";
import { createTestLedger, type TestLedger, wordOf } from "../support/ledger/testLedger.ts";
import { at } from "../support/stack/settings.ts";
import { eventually } from "../support/waiting.ts";

let ledger: TestLedger;
let pool: Pool;

beforeAll(async () => {
  ledger = await createTestLedger("transactions");
  pool = createPool(createDatabase(at(ledger.databaseUrl)), "transactions", 8);
});

afterAll(async () => {
  await pool.end();
  await ledger.close();
});

const note = (workflowId: string) => ({
  text: "insert into outbox (workflow_id, operation_ids) values ($1, '{}')",
  values: [workflowId],
});

async function readPid(database: Pool | PoolClient): Promise<number> {
  const { rows } = await database.query<{ pid: number }>("select pg_backend_pid() as pid");
  return rows[0]!.pid;
}

async function isNoted(workflowId: string): Promise<boolean> {
  return (await ledger.rows("select from outbox where workflow_id = $1", [workflowId])).length > 0;
}

describe("a transaction", () => {
  test("returns the result of its work once COMMIT is confirmed and its writes are stored", async () => {
    const workflowId = crypto.randomUUID();
    const result = await inTransaction(pool, async (client) => (await client.query(note(workflowId))).rowCount);
    expect(result).toBe(1);
    expect(await isNoted(workflowId)).toBe(true);
  });

  test("that an error has aborted is not reported as committed, though the error was caught", async () => {
    const workflowId = crypto.randomUUID();
    const work = inTransaction(pool, async (client) => {
      await client.query(note(workflowId));
      await client.query("select 1/0").catch(() => {});
      return "done";
    });
    await expect(work).rejects.toThrow("ROLLBACK instead of COMMIT");
    expect(await isNoted(workflowId)).toBe(false);
  });

  test("whose work throws leaves nothing behind, and its connection is not used again", async () => {
    const workflowId = crypto.randomUUID();
    const pids: number[] = [];
    const work = inTransaction(pool, async (client) => {
      pids.push(await readPid(client));
      await client.query(note(workflowId));
      throw new Error("error of the work");
    });
    await expect(work).rejects.toThrow("error of the work");
    expect(await isNoted(workflowId)).toBe(false);
    expect(pids).not.toContain(await readPid(pool));
  });

  test("reads commits of others while it runs: READ COMMITTED", async () => {
    const level = await inTransaction(pool, async (client) => (await client.query("show transaction_isolation")).rows);
    expect(level).toEqual([{ transaction_isolation: "read committed" }]);
  });

  test("reads a bigint exactly, never as a rounded number", async () => {
    const { rows } = await pool.query("select 9007199254740993::bigint as amount, array[1]::bigint[] as amounts");
    expect(rows[0].amount).toBe(9_007_199_254_740_993n);
  });
});

describe("timeouts of PostgreSQL", () => {
  test("fail a post after 2 s at a lock, leave no trace of it, and let a later attempt complete", async () => {
    const userId = uniqueUserId();
    await ledger.fund([userId], "1.00");
    const lists = Array.from({ length: 8 }, () => [deposit(userId, "1.00"), deposit(uniqueUserId(), "1.00")]);
    await using holder = await hold(ledger, lockAccounts([userId]));
    const postAll = () =>
      Promise.allSettled(lists.map((list, index) => post(pool, `held-${index}`, list, ledger.options)));

    const failures = await postAll();
    // A post behind another waiting one may wait 2 s twice. Then the statement timeout of 3 s ends it.
    for (const failure of failures) {
      expect(failure).toMatchObject({ status: "rejected", reason: { code: expect.stringMatching(/^(55P03|57014)$/) } });
    }
    const operations = lists.flat();
    expect(await ledger.findOperations(operations.map(({ operationId }) => operationId))).toEqual([]);
    expect(
      await ledger.rows("select from entries where operation_id = any ($1)", [
        operations.map((one) => one.operationId),
      ]),
    ).toEqual([]);
    expect(await ledger.rows("select from outbox where workflow_id like 'held-%'")).toEqual([]);
    const newcomers = operations
      .map(({ request }) => ("userId" in request ? request.userId : ""))
      .filter((id) => id !== userId);
    expect(await ledger.rows("select from accounts where user_id = any ($1)", [newcomers])).toEqual([]);

    await holder.rollback();
    const results = await postAll();
    const codes = results.flatMap((result) =>
      result.status === "fulfilled" ? result.value.outcomes.map(wordOf) : [`${result.reason}`],
    );
    expect(codes).toEqual(Array(16).fill("completed"));
    expect(await ledger.availableMinor(userId)).toBe(900n);
  });

  test("end a statement of more than 3 s and a transaction idle for 3 s, and others continue", async () => {
    const slow = inTransaction(pool, (client) => client.query("select pg_sleep(30)"));
    const idle = inTransaction(pool, async (client) => {
      await client.query("select pg_advisory_xact_lock(1)");
      const broken = Promise.withResolvers<void>();
      client.once("error", () => broken.resolve());
      await broken.promise;
      await client.query("select");
    });
    const [statement, transaction] = await Promise.allSettled([slow, idle]);
    expect(statement).toMatchObject({ status: "rejected", reason: { code: "57014" } });
    expect(transaction.status).toBe("rejected");
    // The server may end the transaction a moment after its client has got the error.
    await eventually(() =>
      inTransaction(pool, async (client) => {
        const { rows } = await client.query<{ free: boolean }>("select pg_try_advisory_xact_lock(1) as free");
        return rows[0]!.free;
      }),
    );
  });
});
