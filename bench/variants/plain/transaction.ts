import pg from "pg";

const types = new pg.TypeOverrides();
types.setTypeParser(pg.types.builtins.INT8, BigInt);

/**
 * Without tuning, each statement waits for the result of the one before.
 * Tuned, independent statements are pipelined, so a transaction takes two round trips. Each statement is also planned
 * once instead of per request, because all of them find their rows by a primary key. Planning was a quarter of the
 * server's work.
 */
export function createPool(databaseUrl: string, connectionsMax: number, isTuned: boolean): pg.Pool {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    application_name: "plain",
    max: connectionsMax,
    types,
    ...(isTuned && { pipeline: true, options: "-c plan_cache_mode=force_generic_plan" }),
    idleTimeoutMillis: 0,
  });
  pool.on("error", () => {});
  return pool;
}

/** Runs `work` on one connection. After an error the connection is destroyed, which rolls back its transaction. */
export async function withConnection<Result>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  let failed = true;
  try {
    const result = await work(client);
    failed = false;
    return result;
  } finally {
    client.release(failed);
  }
}
