import type { Pool } from "pg";
import { succeeds, withTimeout } from "../lib/timeout.ts";
import type { Database } from "./database.ts";
import { createPool, STATEMENT_TIMEOUT_MS } from "./pool.ts";
import type { OnStatement } from "./queryObserver.ts";

/** Enough for the few carriers that post at the same time. */
const POSTING_CONNECTIONS_MAX = 8;
const READING_CONNECTIONS_MAX = 12;
const REPORTING_CONNECTIONS_MAX = 4;
/** An audit runs one statement at a time. Two audits overlap briefly when a timed-out attempt still runs. */
const AUDITING_CONNECTIONS_MAX = 2;

/** Sums over a month's revenue or a merchant's reservations may read millions of rows. */
const LONG_STATEMENT_TIMEOUT_MS = 60_000;

/** The connection pools of one process, by purpose. */
export type Pools = { posting: Pool; reading: Pool; reporting: Pool };

/** Separate pools keep postings from queueing behind reads, and reads behind sums over a month. */
export function createPools(database: Database, onStatement?: OnStatement): Pools {
  const open = (name: string, connectionsMax: number, timeoutMs: number) =>
    createPool(database, name, connectionsMax, timeoutMs, onStatement);
  return {
    posting: open("post", POSTING_CONNECTIONS_MAX, STATEMENT_TIMEOUT_MS),
    reading: open("read", READING_CONNECTIONS_MAX, STATEMENT_TIMEOUT_MS),
    reporting: open("report", REPORTING_CONNECTIONS_MAX, LONG_STATEMENT_TIMEOUT_MS),
  };
}

/** A separate pool for audits, so that they take no connection from postings and reads. */
export function createAuditPool(database: Database): Pool {
  return createPool(database, "audit", AUDITING_CONNECTIONS_MAX, LONG_STATEMENT_TIMEOUT_MS);
}

/** Returns the connection counts of each pool. */
export function poolUse(pools: Pools) {
  return Object.entries(pools).map(([pool, { totalCount, idleCount, waitingCount }]) => ({
    pool,
    total: totalCount,
    idle: idleCount,
    waiting: waitingCount,
  }));
}

/** Time for the statements under way when a pool is closed. A stop has 15 s for everything. */
const CLOSE_TIMEOUT_MS = 2_000;

export async function closePools(pools: Pools): Promise<void> {
  await Promise.all(Object.values(pools).map(closePool));
}

/**
 * Closes a pool within 2 s, and cuts connections that are still in use.
 * A COMMIT may wait up to an hour for the standby. Its outcome is unknown to the caller already, which repeats it.
 */
export async function closePool(pool: Pool): Promise<void> {
  if (await succeeds(withTimeout("The end of the pool", CLOSE_TIMEOUT_MS, pool.end()))) return;
  // The pool's types leave out its clients.
  const { _clients: clients } = pool as unknown as { _clients: InstanceType<Database["Client"]>[] };
  for (const client of [...clients]) client.cut();
}

type Bound<Statement> = Statement extends (pool: Pool, ...values: infer Values) => infer Result
  ? (...values: Values) => Result
  : never;

/** The statements, each on this pool. */
export function onPool<Statements extends Record<string, (pool: Pool, ...values: never[]) => unknown>>(
  pool: Pool,
  statements: Statements,
): { [Name in keyof Statements]: Bound<Statements[Name]> } {
  return Object.fromEntries(
    Object.entries(statements).map(([name, statement]) => [name, statement.bind(undefined, pool)]),
  ) as never;
}
