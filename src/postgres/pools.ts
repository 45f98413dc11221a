import type { Pool } from "pg";
import { createPool, STATEMENT_TIMEOUT_MS } from "./pool.ts";
import type { OnStatement } from "./queryObserver.ts";

/** Enough for the few carriers that post at once. */
const POSTING_CONNECTIONS_MAX = 8;
const READING_CONNECTIONS_MAX = 12;
const REPORTING_CONNECTIONS_MAX = 4;
/** An audit runs one statement after the other; two run for a moment where one was taken for dead. */
const AUDITING_CONNECTIONS_MAX = 2;

/** For sums over a month's revenue, or over all that a merchant has reserved: perhaps millions of rows. */
const LONG_STATEMENT_TIMEOUT_MS = 60_000;

/** The connections of one process, by purpose. */
export type Pools = { posting: Pool; reading: Pool; reporting: Pool };

/** Separate pools, so that a posting never waits for a read, nor a read for a sum over a month. */
export function createPools(databaseUrl: string, onStatement?: OnStatement): Pools {
  const open = (name: string, connectionsMax: number, timeoutMs: number) =>
    createPool(databaseUrl, name, connectionsMax, timeoutMs, onStatement);
  return {
    posting: open("post", POSTING_CONNECTIONS_MAX, STATEMENT_TIMEOUT_MS),
    reading: open("read", READING_CONNECTIONS_MAX, STATEMENT_TIMEOUT_MS),
    reporting: open("report", REPORTING_CONNECTIONS_MAX, LONG_STATEMENT_TIMEOUT_MS),
  };
}

/** A pool of its own for audits, which take nothing from those that post and read. */
export function createAuditPool(databaseUrl: string): Pool {
  return createPool(databaseUrl, "audit", AUDITING_CONNECTIONS_MAX, LONG_STATEMENT_TIMEOUT_MS);
}

/** How the connections are used, pool by pool. */
export function poolUse(pools: Pools) {
  return Object.entries(pools).map(([pool, { totalCount, idleCount, waitingCount }]) => ({
    pool,
    total: totalCount,
    idle: idleCount,
    waiting: waitingCount,
  }));
}

export async function closePools(pools: Pools): Promise<void> {
  await Promise.all(Object.values(pools).map((pool) => pool.end()));
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
