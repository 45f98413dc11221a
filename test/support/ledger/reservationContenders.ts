import type { Operation, Outcome } from "../../../src/ledger/operations.ts";
import { createPool } from "../../../src/postgres/pool.ts";
import { type Expired, expire } from "../../../src/postgres/posting/expire.ts";
import { post } from "../../../src/postgres/posting/post.ts";
import { eventually } from "../waiting.ts";
import { type PostedOutcome, type ReservationLedger, withRows } from "./reservationLedger.ts";
import { tally as tallyWords, wordOf } from "./testLedger.ts";

const NAME = "contender";

export type Contenders = Awaited<ReturnType<typeof openContenders>>;

/** Opens connections with the service's role that will contend for locks. */
export async function openContenders(ledger: ReservationLedger, count: number) {
  const pool = createPool(ledger.databaseUrl, NAME, count);
  // Raises the timeouts. The tests are about order, and a busy machine could exceed the usual limits.
  const longMs = 30_000;
  const timeouts = { query_timeout: longMs, statement_timeout: longMs, lock_timeout: longMs };
  Object.assign(pool.options, { ...timeouts, connectionTimeoutMillis: longMs });
  for (const client of await Promise.all(Array.from({ length: count }, () => pool.connect()))) client.release();
  const deadlocksBefore = await countDeadlocks(ledger);

  return {
    /** Posts each list as its own carrier. */
    post: async (...operations: Operation[]): Promise<PostedOutcome[]> =>
      withRows(operations, await post(pool, `carrier-${crypto.randomUUID()}`, operations, ledger.options)),
    expire: (userId: string, reservationIds: string[]): Promise<Expired> =>
      expire(
        pool,
        `saga-${crypto.randomUUID()}`,
        reservationIds.map((reservationId) => ({ reservationId, userId, overdueMs: 0 })),
        ledger.options,
      ),

    /** Runs the contenders while a transaction holds these accounts. It releases them once all contenders wait. */
    async holdBack<Result>(userIds: string[], contend: () => Promise<Result>[]): Promise<Result[]> {
      await using holder = await holdAccounts(ledger, userIds);
      const contending = contend();
      const running = Promise.all(contending);
      await Promise.race([awaitWaiting(ledger, contending.length), running]);
      await holder.release();
      return await running;
    },

    /**
     * As `holdBack`, but the lock is granted in the order of the list.
     *
     * Each contender starts only when the one before it waits.
     */
    async lineUp<Result>(userIds: string[], contend: (() => Promise<Result>)[]): Promise<Result[]> {
      await using holder = await holdAccounts(ledger, userIds);
      const contending: Promise<Result>[] = [];
      for (const start of contend) {
        contending.push(start());
        await awaitWaiting(ledger, contending.length);
      }
      await holder.release();
      return await Promise.all(contending);
    },

    /** Holds the locks on these accounts until `release`. */
    hold: (userIds: string[]) => holdAccounts(ledger, userIds),
    /** Resolves as soon as this many connections wait for a lock. */
    awaitWaiting: (waiting: number) => awaitWaiting(ledger, waiting),

    /** Closes all connections. @returns the number of deadlocks that the server broke */
    async close(): Promise<number> {
      await pool.end();
      // A server process reports its statistics when it ends.
      await eventually(async () => (await countContenders(ledger, "true")) === 0);
      return (await countDeadlocks(ledger)) - deadlocksBefore;
    },
  };
}

async function holdAccounts({ owner }: ReservationLedger, userIds: string[]) {
  const client = await owner.connect();
  await client.query("begin");
  await client.query("select from accounts where user_id = any ($1) order by user_id for update", [userIds]);
  let isHeld = true;
  async function release(): Promise<void> {
    if (!isHeld) return;
    isHeld = false;
    await client.query("rollback");
    client.release();
  }
  return { release, [Symbol.asyncDispose]: release };
}

async function awaitWaiting(ledger: ReservationLedger, waiting: number): Promise<void> {
  await eventually(async () => (await countContenders(ledger, "wait_event_type = 'Lock'")) === waiting, 5_000);
}

async function countContenders({ rows }: ReservationLedger, condition: string): Promise<number> {
  const [row] = await rows<{ count: bigint }>(
    `select count(*) from pg_stat_activity
     where datname = current_database() and application_name = $1 and ${condition}`,
    [`saldo-${NAME}`],
  );
  return Number(row!.count);
}

async function countDeadlocks({ rows }: ReservationLedger): Promise<number> {
  const [row] = await rows<{ deadlocks: bigint }>(
    "select deadlocks from pg_stat_database where datname = current_database()",
  );
  return Number(row!.deadlocks);
}

/** Counts outcomes by "completed", "mismatched" or decline code. */
export function tally(outcomes: Outcome[]): Record<string, number> {
  return tallyWords(outcomes.map(wordOf));
}
