import type { PoolClient } from "pg";
import type { Operation, Outcome } from "../../../src/ledger/operations.ts";
import type { Posted } from "../../../src/ledger/posted.ts";
import { createDatabase } from "../../../src/postgres/database.ts";
import { createPool } from "../../../src/postgres/pool.ts";
import { post } from "../../../src/postgres/posting/post.ts";
import { at } from "../stack/settings.ts";
import { eventually } from "../waiting.ts";
import type { TestLedger } from "./testLedger.ts";

const CONTENDER = "contender";

/** An open transaction that holds locks until it ends. With `await using` it ends with the block. */
export type Hold = AsyncDisposable & {
  /** The pid of its server process, for pg_blocking_pids(). */
  pid: number;
  commit(): Promise<void>;
  rollback(): Promise<void>;
};

/** Runs statements as the owner, in a transaction that stays open. */
export async function hold(ledger: TestLedger, work: (client: PoolClient) => Promise<unknown>): Promise<Hold> {
  const client = await ledger.owner.connect();
  await client.query("begin");
  await work(client);
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  let ended = false;
  const end = (statement: string) => async () => {
    if (ended) return;
    ended = true;
    await client.query(statement);
    client.release();
  };
  return {
    pid: rows[0]!.pid,
    commit: end("commit"),
    rollback: end("rollback"),
    [Symbol.asyncDispose]: end("rollback"),
  };
}

export function lockAccounts(userIds: string[]) {
  return (client: PoolClient) =>
    client.query("select from accounts where user_id = any ($1) order by user_id for update", [userIds]);
}

/** Stores an operation as declined, as another carrier might. */
export function storeDeclined({ operationId, caller, idempotencyKey, kind, request }: Operation) {
  return (client: PoolClient) =>
    client.query(
      `insert into operations
         (id, caller, idempotency_key, workflow_id, kind, request, status, decline_code, created_at, completed_at)
       values ($1, $2, $3, 'another', $4, $5, 'declined', 'insufficient_funds', now(), now())`,
      [operationId, caller, idempotencyKey, kind, JSON.stringify(request)],
    );
}

/** Opens one connection with the service's role for each contender. */
export async function openContenders(ledger: TestLedger, count: number) {
  const pool = createPool(createDatabase(at(ledger.databaseUrl)), CONTENDER, count);
  // Raises the timeouts. The tests are about order, and a busy machine could exceed the usual limits.
  const longMs = 30_000;
  const timeouts = { query_timeout: longMs, statement_timeout: longMs, lock_timeout: longMs };
  Object.assign(pool.options, { ...timeouts, connectionTimeoutMillis: longMs });
  for (const client of await Promise.all(Array.from({ length: count }, () => pool.connect()))) client.release();
  const deadlocksBefore = await countDeadlocks(ledger);
  let destroyed = 0;
  pool.on("remove", () => {
    destroyed += 1;
  });

  return {
    pool,
    post: (workflowId: string, operations: Operation[]): Promise<Posted> =>
      post(pool, workflowId, operations, ledger.options),

    /** Resolves as soon as this many connections wait for a lock (of this holder). */
    async awaitWaiting(waiting: number, holder?: Hold): Promise<void> {
      await eventually(async () => (await countWaiting(ledger, holder)) === waiting, 5_000);
    },

    /**
     * Closes the connections. `rollbacks` counts their transactions that were rolled back, `deadlocks` those that the
     * server broke.
     */
    async close(): Promise<{ rollbacks: number; deadlocks: number }> {
      const rollbacks = destroyed;
      await pool.end();
      // A server process reports its statistics when it ends.
      await eventually(async () => (await countContenders(ledger)) === 0);
      return { rollbacks, deadlocks: (await countDeadlocks(ledger)) - deadlocksBefore };
    },
  };
}

/**
 * Posts all lists concurrently, each on its own connection.
 *
 * A transaction holds the locks that all of them need, and releases them only when every list waits. Rejects where one
 * of them fails.
 */
export async function race(
  ledger: TestLedger,
  work: (client: PoolClient) => Promise<unknown>,
  lists: Operation[][],
  end: "commit" | "rollback" = "rollback",
): Promise<{ posted: Posted[]; outcomes: Outcome[][]; rollbacks: number; deadlocks: number }> {
  const contenders = await openContenders(ledger, lists.length);
  await using holder = await hold(ledger, work);
  const running = Promise.all(lists.map((list) => contenders.post(`carrier-${crypto.randomUUID()}`, list)));
  await Promise.race([contenders.awaitWaiting(lists.length), running]);
  await holder[end]();
  const posted = await running;
  return { posted, outcomes: posted.map(({ outcomes }) => outcomes), ...(await contenders.close()) };
}

async function countWaiting({ rows }: TestLedger, holder?: Hold): Promise<number> {
  const [row] = await rows<{ waiting: bigint }>(
    `select count(*) as waiting
     from pg_stat_activity
     where datname = current_database() and application_name = $1 and wait_event_type = 'Lock'
       and ($2::integer is null or $2 = any (pg_blocking_pids(pid)))`,
    [`saldo-${CONTENDER}`, holder?.pid],
  );
  return Number(row!.waiting);
}

async function countContenders({ rows }: TestLedger): Promise<number> {
  const [row] = await rows<{ alive: bigint }>(
    "select count(*) as alive from pg_stat_activity where datname = current_database() and application_name = $1",
    [`saldo-${CONTENDER}`],
  );
  return Number(row!.alive);
}

async function countDeadlocks({ rows }: TestLedger): Promise<number> {
  const [row] = await rows<{ deadlocks: bigint }>(
    "select deadlocks from pg_stat_database where datname = current_database()",
  );
  return Number(row!.deadlocks);
}
