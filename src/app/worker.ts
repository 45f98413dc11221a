import type { Logger } from "pino";
import { createAuditing } from "../activities/audit/auditing.ts";
import { temporalProgress } from "../activities/audit/progress.ts";
import type { Activities } from "../activities/index.ts";
import { createPosting } from "../activities/posting.ts";
import { createPublishing } from "../activities/publishing.ts";
import { createReporting } from "../activities/reporting.ts";
import type { Config } from "../config.ts";
import { createOnPosted } from "../dispatch/posted.ts";
import { findDifferences, readClaim } from "../kafka/comparison.ts";
import { toEventMessage } from "../kafka/events.ts";
import { createPublisherThread } from "../kafka/publisherThread.ts";
import { createEventReader } from "../kafka/reader.ts";
import { createMonthOf } from "../ledger/months.ts";
import type { StoredEntry } from "../ledger/records.ts";
import { createCircuitBreaker } from "../lib/circuitBreaker.ts";
import { alertRefused } from "../observability/log.ts";
import { countDecided, measuredPost, measuredPublish } from "../observability/metrics/measured.ts";
import { createAuditStore } from "../postgres/audit/auditStore.ts";
import { createAuditPool } from "../postgres/pools.ts";
import { createOutboxStore, createPostingStore } from "../postgres/posting/postingStore.ts";
import { readCachedBalances } from "../redis/cachedBalances.ts";
import { createRedis } from "../redis/client.ts";
import { startWorkers } from "../temporal/worker.ts";
import type { Clients } from "./clients.ts";
import type { Dispatch } from "./dispatch.ts";

const EVENTS_TIMEOUT_MS = 500;

/** The operations of a lone caller then share a publication by sixes, which takes a sixth of Kafka's and of the broker client's work. */
const EVENTS_LINGER_MS = 25;

/** An audit reads many balances at once, and no caller waits for it. */
const AUDIT_CACHE_TIMEOUT_MS = 5_000;

/** Runs all workflows and activities, as soon as Temporal is connected. Where this process has an API, its carriers pull from it. */
export function startWorker(config: Config, log: Logger, clients: Clients, dispatch: Dispatch | undefined) {
  const { temporal, tracing } = clients;
  const publisher = createPublisherThread(config.kafkaBrokers);
  const publish = (entries: StoredEntry[], headers?: Record<string, string>) =>
    publisher.publish(entries.map(toEventMessage), headers);
  const audit = openAudit(config, publish, log);
  const activities = { ...createActivities(config, log, clients, dispatch, publish), ...audit.activities };
  const started = temporal.connected.then(({ client, connection }) =>
    startWorkers(client, connection, tracing?.activities(activities) ?? activities),
  );

  return {
    started,
    /** Resolves once the workers have shut down; rejects where one failed for good. */
    done: async () => (await started).done,
    async stop(): Promise<void> {
      // Temporal may have been reached a moment ago, with the workers still to come.
      if (temporal.current()) {
        const workers = await started;
        workers.shutdown();
        await workers.done;
      }
      await publisher.close();
      await audit.close();
    },
  };
}

type Publish = (entries: StoredEntry[], headers?: Record<string, string>) => Promise<void>;

/** All activities but the audit's. */
function createActivities(
  config: Config,
  log: Logger,
  { instruments, tracing, pools, caching, reports }: Clients,
  dispatch: Dispatch | undefined,
  publish: Publish,
): Omit<Activities, keyof ReturnType<typeof createAuditing>> {
  const posting = createPostingStore(pools, {
    defaultTtlSeconds: config.reservationTtlSeconds,
    monthOf: createMonthOf(config.reportTimeZone),
    alertRefused: (operation, reason) => alertRefused(log, operation, reason),
    onDecided: (decided) => countDecided(instruments, decided),
  });
  const { refreshBalances, refreshTouched } = caching;
  const { publishPosted, readPublication, ...publishing } = createPublishing({
    outbox: createOutboxStore(pools),
    publish: measuredPublish(instruments, tracing?.publish(publish) ?? publish),
    breaker: createCircuitBreaker("Kafka", EVENTS_TIMEOUT_MS),
    lingerMs: EVENTS_LINGER_MS,
    refreshTouched,
  });
  return {
    ...createPosting(
      { ...posting, post: measuredPost(instruments, posting.post) },
      {
        onPosted: createOnPosted({ resolve: dispatch?.outcomes.resolve, refreshBalances, refreshTouched }),
        publishPosted,
        readPublication,
        pull: dispatch?.dispatcher.pull ?? (async () => {}),
        onCarried: (operations) => instruments.carrierOperations.observe(operations),
        onError: (error) => log.warn({ err: error }, "The sagas to signal could not be read"),
      },
    ),
    ...publishing,
    ...createReporting(reports),
  };
}

/** The audit's activities, on connections of their own: one that reads for long holds up nothing else. */
function openAudit(config: Config, publish: Publish, log: Logger) {
  const pool = createAuditPool(config.databaseUrl);
  const redis = createRedis(config.redisUrl, AUDIT_CACHE_TIMEOUT_MS);
  return {
    activities: createAuditing(
      createAuditStore(pool, config.balanceCacheTtlSeconds),
      { readPage: (from) => readCachedBalances(redis, from) },
      { ...createEventReader(config.kafkaBrokers), publish, readClaim, findDifferences },
      temporalProgress,
      log,
    ),
    async close(): Promise<void> {
      redis.disconnect();
      await pool.end();
    },
  };
}
