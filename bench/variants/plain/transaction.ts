import pg from "pg";

const types = new pg.TypeOverrides();
types.setTypeParser(pg.types.builtins.INT8, BigInt);

/**
 * Each statement waits for the answer to the one before. Tuned, statements that do not need each other's answers go to the server in one flush,
 * so that a transaction is two round trips; and each is planned once, not for every request, a quarter of the server's work, since all of them reach
 * their rows by a primary key.
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

/** Runs `work` on one connection; after an error the connection is destroyed, and with it whatever transaction was open. */
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
