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
import { threadLogging } from "../observability/processOutput.ts";
import { createAuditStore } from "../postgres/audit/auditStore.ts";
import { closePool, createAuditPool } from "../postgres/pools.ts";
import { createOutboxStore, createPostingStore } from "../postgres/posting/postingStore.ts";
import { readCachedBalances } from "../redis/cachedBalances.ts";
import { createRedis } from "../redis/client.ts";
import { startWorkers } from "../temporal/worker.ts";
import type { Clients } from "./clients.ts";
import type { Dispatch } from "./dispatch.ts";

/** Timeout of the one attempt at Kafka inside `post`. Later attempts are activities of their own. */
const EVENTS_TIMEOUT_MS = 500;

/**
 * Time for which events are gathered before they are sent. Under a single caller about six operations then share one
 * send, which is a sixth of the work for Kafka and its client.
 */
const EVENTS_LINGER_MS = 25;

/** Redis timeout of an audit. It reads many balances at once, and no request waits for it. */
const AUDIT_CACHE_TIMEOUT_MS = 5_000;

/** Runs the workflows and activities once Temporal is connected. Carriers pull from the API of the same process. */
export function startWorker(config: Config, log: Logger, clients: Clients, dispatch: Dispatch | undefined) {
  const { temporal, tracing } = clients;
  const publisher = createPublisherThread(config.kafka, clients.onConnection.kafka, threadLogging(config));
  const publish = (entries: StoredEntry[], headers?: Record<string, string>) =>
    publisher.publish(
      entries.map((entry) => toEventMessage(entry, config.currency)),
      headers,
    );
  const audit = openAudit(config, clients, publish, log);
  const activities = { ...createActivities(config, log, clients, dispatch, publish), ...audit.activities };
  const started = temporal.connected.then(({ client, connection }) =>
    startWorkers(client, connection, tracing?.activities(activities) ?? activities, threadLogging(config)),
  );

  temporal.onReplaced(async (connection) => (await started).use(connection));

  return {
    started,
    /** Resolves once the workers have shut down. Rejects where a worker stopped with an error. */
    done: async () => (await started).done,
    async stop(): Promise<void> {
      // Temporal may be connected while the workers are still starting.
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

/** Creates all activities except those of the audit. */
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
    kafkaName: `Kafka ${config.kafka.brokers.join(", ")}`,
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
    ...createReporting(reports, temporalProgress),
  };
}

/** Creates the audit's activities. Their connections are separate, so that a long read delays no other activity. */
function openAudit(config: Config, { database }: Clients, publish: Publish, log: Logger) {
  const pool = createAuditPool(database);
  const redis = createRedis(config.redis, AUDIT_CACHE_TIMEOUT_MS);
  return {
    activities: createAuditing(
      createAuditStore(pool, config.balanceCacheTtlSeconds),
      { readPage: (from) => readCachedBalances(redis, from) },
      {
        ...createEventReader(config.kafka),
        publish,
        readClaim,
        findDifferences: (message, entry) => findDifferences(message, entry, config.currency),
      },
      temporalProgress,
      log,
    ),
    async close(): Promise<void> {
      redis.disconnect();
      await closePool(pool);
    },
  };
}
