import { afterAll, afterEach, expect, test } from "bun:test";
import { createDatabase } from "../../src/postgres/database.ts";
import { createPool, inTransaction } from "../../src/postgres/pool.ts";
import { get, post, stack } from "../support/api/client.ts";
import { readLedger } from "../support/audit/stackAudit.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { at } from "../support/stack/settings.ts";
import { eventually } from "../support/waiting.ts";

const CONNECTIONS_MAX = 2;
const POOL = "standby-test";

const pool = createPool(createDatabase(at(stack.environment.DATABASE_URL!)), POOL, CONNECTIONS_MAX);

afterEach(thawStandby);
afterAll(() => pool.end());

async function thawStandby(): Promise<void> {
  stack.thaw(stack.standby());
  await stack.start(stack.standby());
}

/** A transaction that writes to the log, so that its commit waits for the standby. */
function write(): Promise<unknown> {
  return inTransaction(pool, (client) => client.query("select pg_logical_emit_message(true, 'test', '')"));
}

/** Counts the backends of the pool whose commits wait for the standby. Calls `on` for each. */
function countWaiting(on = "pid"): Promise<number> {
  return readLedger(async (owner) => {
    const { rowCount } = await owner.query(
      `select ${on} from pg_stat_activity where application_name = $1 and wait_event = 'SyncRep'`,
      [`saldo-${POOL}`],
    );
    return rowCount ?? 0;
  });
}

test("an operation is not answered before the standby has it, and completes once after its return", async () => {
  const userId = uniqueUserId("standby");
  await post("/v1/deposits", { userId, amount: "10.00" }, { wait: 10 });
  await stack.freeze(stack.standby());
  const key = crypto.randomUUID();
  const withdrawal = { userId, amount: "4.00" };
  const waiting = await post("/v1/withdrawals", withdrawal, { key, wait: 2 });
  expect(waiting.status).toBe(202);
  const read = await get(`/v1/users/${userId}/balance?consistency=strong`);
  expect(read.body).toMatchObject({ available: "10.00", version: 1 });

  await thawStandby();
  const done = await eventually(async () => {
    const answer = await post("/v1/withdrawals", withdrawal, { key, wait: 10 });
    return answer.status === 200 && answer;
  }, 60_000);
  expect(done.body).toMatchObject({ operationId: waiting.body.operationId, status: "completed" });
  const after = await get(`/v1/users/${userId}/balance?consistency=strong`);
  expect(after.body).toMatchObject({ available: "6.00", version: 2 });
});

test("a commit whose wait for the standby is cancelled is not confirmed", async () => {
  await stack.freeze(stack.standby());
  const writing = write();
  writing.catch(() => {});
  await eventually(async () => (await countWaiting()) === 1);
  await countWaiting("pg_cancel_backend(pid)");
  await expect(writing).rejects.toThrow("The commit is not confirmed: canceling wait for synchronous replication");
});

test("commits that wait for the standby keep their connections, and retries open no others", async () => {
  await stack.freeze(stack.standby());
  const first = await Promise.allSettled(Array.from({ length: CONNECTIONS_MAX }, write));
  expect(first.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  const retried = await Promise.allSettled(Array.from({ length: CONNECTIONS_MAX }, write));
  expect(retried.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(await countWaiting()).toBe(CONNECTIONS_MAX);

  await thawStandby();
  await write();
  expect(await countWaiting()).toBe(0);
});
