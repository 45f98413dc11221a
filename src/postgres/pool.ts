import pg from "pg";
import { type OnStatement, observeQueries } from "./queryObserver.ts";

// A bigint column is money or a count of entries: read exactly, never as a number that rounds.
const types = new pg.TypeOverrides();
types.setTypeParser(pg.types.builtins.INT8, BigInt);

export const STATEMENT_TIMEOUT_MS = 3_000;

/**
 * Connections to the ledger's database, on each of which statements may be sent one behind the other without waiting for the answers
 * (`inOrder`). `name` shows in pg_stat_activity. Every wait is bounded, each below the 10 s that a
 * post has as an activity: a lock 2 s, a statement 3 s, a transaction that its client forgot 3 s. `query_timeout` is the client's own
 * clock, for a server that is frozen and can keep none of the others. Where sums over a month are drawn, a statement may take longer.
 * `onStatement`, where it is given, hears of each.
 */
export function createPool(
  databaseUrl: string,
  name: string,
  connectionsMax: number,
  statementTimeoutMs = STATEMENT_TIMEOUT_MS,
  onStatement?: OnStatement,
): pg.Pool {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    application_name: `saldo-${name}`,
    max: connectionsMax,
    types,
    connectionTimeoutMillis: 2_000,
    query_timeout: statementTimeoutMs + 1_000,
    statement_timeout: statementTimeoutMs,
    lock_timeout: 2_000,
    idle_in_transaction_session_timeout: 3_000,
    keepAlive: true,
    pipeline: true,
  });
  // An idle connection that the server closes reports here; the next query opens a new one and says what is wrong if that fails.
  pool.on("error", () => {});
  if (onStatement) pool.on("connect", (client) => observeQueries(client, onStatement));
  return pool;
}

/**
 * Runs `work` in one transaction and returns what it returns, once the server has said COMMIT. Each of its statements sees what is committed
 * when it begins; in a `repeatable read` all see one moment. After any error the connection is destroyed rather than reused: what state
 * a timeout left it in is not worth knowing.
 */
export async function inTransaction<Result>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<Result>,
  isolation: "read committed" | "repeatable read" = "read committed",
): Promise<Result> {
  const client = await pool.connect();
  // A connection that dies between two statements reports here, and again in the next statement, which is the report that counts.
  const ignore = () => {};
  client.on("error", ignore);
  let failed = true;
  try {
    const [, result] = await inOrder([client.query(`begin isolation level ${isolation}`), work(client)]);
    const { command } = await client.query("commit");
    // A transaction that an error has aborted answers a commit with ROLLBACK, and no error.
    if (command !== "COMMIT") throw new Error(`The transaction ended with ${command} instead of COMMIT`);
    failed = false;
    return result;
  } finally {
    client.off("error", ignore);
    client.release(failed);
  }
}

/**
 * The results of statements that were sent one behind the other, in one round trip. The server runs them in their order, each on the
 * snapshot of its own beginning, just as if each had waited for the one before. Of several errors the first statement's is thrown: the
 * others follow from it.
 */
export async function inOrder<const Statements extends readonly unknown[]>(
  statements: Statements,
): Promise<{ -readonly [Index in keyof Statements]: Awaited<Statements[Index]> }> {
  const results = await Promise.allSettled(statements);
  const failure = results.find((result) => result.status === "rejected");
  if (failure) throw failure.reason;
  return results.map((result) => result.status === "fulfilled" && result.value) as never;
}
