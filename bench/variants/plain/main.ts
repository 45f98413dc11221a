import { pino } from "pino";
import { createAuthentication } from "../../../src/api/auth/authentication.ts";
import { loadConfig } from "../../../src/config.ts";
import { createPlainServer } from "./server.ts";
import { createPool } from "./transaction.ts";

/** Enough to keep the cores busy: more connections would only wait for each other. */
const CONNECTIONS_MAX = 16;

/** The baseline of the benchmark: one transaction a request, without workflow, cache or events. */
const config = loadConfig(process.env);
const log = pino({ level: config.logLevel });
const pool = createPool(config.database.url.value, CONNECTIONS_MAX, process.env.PLAIN_TUNED === "on");
const server = createPlainServer(await createAuthentication(config, log), pool, config.reservationTtlSeconds);
server.listen({ hostname: config.host, port: config.port });

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, async () => {
    await server.stop();
    await pool.end();
    process.exit(0);
  });
}
