import type { Operation, Outcome } from "../../../src/ledger/operations.ts";
import { createPool } from "../../../src/postgres/pool.ts";
import { type Expired, expire } from "../../../src/postgres/posting/expire.ts";
import { post } from "../../../src/postgres/posting/post.ts";
import { eventually } from "../waiting.ts";
import { type ReservationLedger, type PostedOutcome, withRows } from "./reservationLedger.ts";
import { tally as tallyWords, wordOf } from "./testLedger.ts";

const NAME = "contender";

export type Contenders = Awaited<ReturnType<typeof openContenders>>;

/** Connections of the service's kind, all open, that are to come upon one another. */
export async function openContenders(ledger: ReservationLedger, count: number) {
  const pool = createPool(ledger.databaseUrl, NAME, count);
  // What is tried with them is the order of things, not the limits of waiting, which a busy machine might come upon.
  Object.assign(pool.options, { query_timeout: 30_000, statement_timeout: 30_000, lock_timeout: 30_000 });
  for (const client of await Promise.all(Array.from({ length: count }, () => pool.connect()))) client.release();
  const deadlocksBefore = await countDeadlocks(ledger);

  return {
    /** Each list is a carrier of its own. */
    post: async (...operations: Operation[]): Promise<PostedOutcome[]> =>
      withRows(operations, await post(pool, `carrier-${crypto.randomUUID()}`, operations, ledger.options)),
    expire: (userId: string, reservationIds: string[]): Promise<Expired> =>
      expire(
        pool,
        `saga-${crypto.randomUUID()}`,
        reservationIds.map((reservationId) => ({ reservationId, userId, overdueMs: 0 })),
        ledger.options,
      ),

    /** Runs what contends behind a transaction that holds these accounts, which lets go only when all of it waits. */
    async holdBack<Result>(userIds: string[], contend: () => Promise<Result>[]): Promise<Result[]> {
      await using holder = await holdAccounts(ledger, userIds);
      const contending = contend();
      const running = Promise.all(contending);
      await Promise.race([awaitWaiting(ledger, contending.length), running]);
      await holder.release();
      return await running;
    },

    /** As `holdBack`, but each begins only when the one before it waits: the lock goes to them in this order. */
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

    /** Holds these accounts until `release`. */
    hold: (userIds: string[]) => holdAccounts(ledger, userIds),
    /** Resolves as soon as so many wait for a lock. */
    awaitWaiting: (waiting: number) => awaitWaiting(ledger, waiting),

    /** Closes them all. @returns how often the server broke a deadlock among them. */
    async close(): Promise<number> {
      await pool.end();
      // A server process reports what it counted at its end.
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

/** How often each word stands there: "completed", "mismatched", or the code of a decline. */
export function tally(outcomes: Outcome[]): Record<string, number> {
  return tallyWords(outcomes.map(wordOf));
}
