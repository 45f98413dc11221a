import type { Logger } from "pino";
import { Registry } from "prom-client";
import manifest from "../../package.json" with { type: "json" };
import type { Config } from "../config.ts";
import { createKafkaCheck } from "../kafka/check.ts";
import { createMonthOf } from "../ledger/months.ts";
import { createConnectionLogs } from "../observability/connectionLog.ts";
import { createInstruments } from "../observability/metrics/instruments.ts";
import { createScrape, type Sources } from "../observability/metrics/scrape.ts";
import type { Tracing } from "../observability/tracing/tracing.ts";
import { createDatabase } from "../postgres/database.ts";
import { closePools, createPools, onPool, poolUse } from "../postgres/pools.ts";
import { nameService } from "../postgres/posting/services.ts";
import { createReadingStore } from "../postgres/reading/readingStore.ts";
import { createReportStore } from "../postgres/reading/reportStore.ts";
import { createBalanceCache } from "../redis/balances.ts";
import { createCaching } from "../redis/caching.ts";
import { createRedis } from "../redis/client.ts";
import { connectTemporal } from "../temporal/connection.ts";

export type ReadMetrics = Sources["readTemporal"];

export type Clients = Awaited<ReturnType<typeof openClients>>;

/** Opens the clients and stores that the API and the worker of a process share. */
export async function openClients(config: Config, log: Logger) {
  const about = { role: config.role, version: manifest.version };
  const registry = new Registry();
  const instruments = createInstruments(registry);
  instruments.info.set(about, 1);
  const onConnection = createConnectionLogs(config, log);
  const temporal = connectTemporal(config.temporal, onConnection.temporal);
  const tracing = await loadTracing(config.otlpEndpoint, about);
  const database = createDatabase(config.database, onConnection.postgres);
  const pools = createPools(database, tracing?.statement);
  const reading = createReadingStore(pools);
  const redis = createRedis(config.redis, undefined, onConnection.redis);

  return {
    instruments,
    temporal,
    onConnection,
    tracing,
    database,
    pools,
    reading,
    /** The only write of the API that is no posting. */
    services: onPool(pools.reading, { nameService }),
    reports: createReportStore(pools, createMonthOf(config.reportTimeZone)),
    redis,
    caching: createCaching({
      ledger: reading,
      cache: createBalanceCache(redis, config.balanceCacheTtlSeconds),
      ttlSeconds: config.balanceCacheTtlSeconds,
      onRead: (result, count) => instruments.cacheReads.inc({ result }, count),
      onWrite: (result) => instruments.cacheWrites.inc({ result }),
      log,
    }),
    healthChecks: {
      postgres: reading.check,
      redis: () => redis.ping(),
      temporal: async () => {
        const { connection } = temporal.current() ?? (await temporal.connected);
        // The SDK reconnects by itself, so only a check shows the return of the server.
        await connection.healthService.check({}).then(
          () => onConnection.temporal(),
          (error: unknown) => {
            onConnection.temporal(error);
            throw error;
          },
        );
      },
      // An API does not need Kafka.
      ...(config.role !== "api" && { kafka: createKafkaCheck(config.kafka, onConnection.kafka) }),
    },
    createScrape: (sources: Pick<Sources, "dispatchLoad" | "readTemporal">) =>
      createScrape(registry, instruments, {
        readBacklog: reading.readBacklog,
        poolUse: () => poolUse(pools),
        ...sources,
      }),

    /** Closes the clients in reverse order. */
    async close(): Promise<void> {
      redis.disconnect();
      await closePools(pools);
      await tracing?.close();
      await temporal.close();
    },
  };
}

/** Loads OpenTelemetry only where traces are exported. */
async function loadTracing(
  endpoint: string | undefined,
  about: { role: string; version: string },
): Promise<Tracing | undefined> {
  if (endpoint === undefined) return undefined;
  const { createTracing } = await import("../observability/tracing/tracing.ts");
  return createTracing(endpoint, about);
}
