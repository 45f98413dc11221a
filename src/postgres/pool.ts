import pg from "pg";
import { withTimeout } from "../lib/timeout.ts";
import type { Database } from "./database.ts";
import { type OnStatement, observeQueries } from "./queryObserver.ts";

// bigint columns hold money and entry counts: parsed as BigInt, since a number would round.
const types = new pg.TypeOverrides();
types.setTypeParser(pg.types.builtins.INT8, BigInt);

export const STATEMENT_TIMEOUT_MS = 3_000;

/** After this timeout the caller treats the outcome of a commit as unknown. */
const COMMIT_TIMEOUT_MS = 4_000;

/**
 * A sent COMMIT waits while the synchronous standby is away. No timeout of the server ends that.
 * Its connection stays in the pool for up to an hour. Without that, each retry would open another one, until the
 * server's `max_connections` are used up and reads fail too. Keep-alive probes detect a server that is gone.
 */
const COMMIT = { text: "commit", query_timeout: 3_600_000 };

/**
 * Creates a pool whose connections pipeline statements (see `inOrder`).
 * `name` shows in pg_stat_activity. Every wait is bounded, each below the 10 s timeout of a posting activity. A lock
 * waits 2 s, a statement runs 3 s, an abandoned transaction stays open 3 s. `query_timeout` is measured by the client,
 * because a frozen server enforces none of the others. Pools that sum over a month pass a longer `statementTimeoutMs`.
 * `onStatement` is called for each statement.
 */
export function createPool(
  database: Database,
  name: string,
  connectionsMax: number,
  statementTimeoutMs = STATEMENT_TIMEOUT_MS,
  onStatement?: OnStatement,
): pg.Pool {
  const pool = new pg.Pool({
    Client: database.Client,
    application_name: `saldo-${name}`,
    max: connectionsMax,
    types,
    connectionTimeoutMillis: 2_000,
    query_timeout: statementTimeoutMs + 1_000,
    statement_timeout: statementTimeoutMs,
    lock_timeout: 2_000,
    idle_in_transaction_session_timeout: 3_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    pipeline: true,
  });
  // An idle connection that the server closes emits this. The next query reconnects, and throws if that fails.
  pool.on("error", () => {});
  pool.on("release", (error) => {
    if (error) database.recheck();
  });
  if (onStatement) pool.on("connect", (client) => observeQueries(client, onStatement));
  return pool;
}

/**
 * Runs `work` in one transaction and returns its result once the COMMIT is confirmed.
 * In `read committed` each statement sees the rows that are committed when it begins; in `repeatable read` all see one
 * snapshot. After any error the connection is destroyed, not reused, because a timeout leaves it in an unknown state. A
 * commit that times out is still running, and keeps its connection.
 */
export async function inTransaction<Result>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<Result>,
  isolation: "read committed" | "repeatable read" = "read committed",
): Promise<Result> {
  const client = await pool.connect();
  // A connection that dies between two statements emits an error. The next statement throws it again, and only that one
  // is handled.
  const ignore = () => {};
  client.on("error", ignore);
  const release = (failed: boolean) => {
    client.off("error", ignore);
    client.release(failed);
  };
  let result: Result;
  try {
    [, result] = await inOrder([client.query(`begin isolation level ${isolation}`), work(client)]);
  } catch (error) {
    release(true);
    throw error;
  }
  const committed = commit(client);
  committed.then(
    () => release(false),
    () => release(true),
  );
  await withTimeout("The commit", COMMIT_TIMEOUT_MS, committed);
  return result;
}

/**
 * Resolves once the server confirms the commit.
 * A COMMIT with a warning does not count. Where an operator cancels its wait for the synchronous standby, PostgreSQL
 * commits on the primary alone and warns. A promotion of the standby would lose it, so its outcome is unknown.
 */
async function commit(client: pg.PoolClient): Promise<void> {
  const warnings: string[] = [];
  const warn = ({ message = "" }: { message?: string | undefined }) => void warnings.push(message);
  client.on("notice", warn);
  try {
    const { command } = await client.query(COMMIT);
    // PostgreSQL answers the COMMIT of an aborted transaction with ROLLBACK, without an error.
    if (command !== "COMMIT") throw new Error(`The transaction ended with ${command} instead of COMMIT`);
    if (warnings.length > 0) throw new Error(`The commit is not confirmed: ${warnings.join("; ")}`);
  } finally {
    client.off("notice", warn);
  }
}

/**
 * Awaits pipelined statements, which were sent back to back in one round trip.
 * The server runs them in order, each on the snapshot of its own beginning, exactly as if each had been awaited. Of
 * several errors the first statement's is thrown, since the others follow from it.
 */
export async function inOrder<const Statements extends readonly unknown[]>(
  statements: Statements,
): Promise<{ -readonly [Index in keyof Statements]: Awaited<Statements[Index]> }> {
  const results = await Promise.allSettled(statements);
  const failure = results.find((result) => result.status === "rejected");
  if (failure) throw failure.reason;
  return results.map((result) => result.status === "fulfilled" && result.value) as never;
}

/** Reads the database's clock. */
export async function readClock(database: pg.Pool | pg.PoolClient): Promise<Date> {
  const { rows } = await database.query<{ clock: Date }>({ name: "clock", text: "select clock_timestamp() as clock" });
  return rows[0]!.clock;
}
