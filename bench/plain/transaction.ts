import pg from "pg";

const types = new pg.TypeOverrides();
types.setTypeParser(pg.types.builtins.INT8, BigInt);

/**
 * Each statement is planned once, not for every request: that is a quarter of the server's work here, since all of them reach their rows by
 * a primary key. Statements that do not wait for each other's answers go to the server in one flush (`pipeline`). */
export function createPool(databaseUrl: string, connectionsMax: number): pg.Pool {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    application_name: "plain",
    options: "-c plan_cache_mode=force_generic_plan",
    max: connectionsMax,
    types,
    pipeline: true,
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
