import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { Registry } from "prom-client";
import manifest from "../../package.json" with { type: "json" };
import { CACHE_TIMEOUT_MS } from "../activities/cacheWrites.ts";
import { createCaching } from "../activities/caching.ts";
import { createPosting } from "../activities/posting.ts";
import { createPublishing } from "../activities/publishing.ts";
import { createReporting } from "../activities/reporting.ts";
import { createAudits } from "../api/audits/service.ts";
import { createAuthentication } from "../api/auth/authentication.ts";
import { createRateLimit } from "../api/auth/rateLimit.ts";
import { createBalances } from "../api/balances/service.ts";
import { createBatches } from "../api/batches/service.ts";
import { createHealthServer } from "../api/health/server.ts";
import { lastResort } from "../api/http/bunErrorHandler.ts";
import { closeServer } from "../api/http/gracefulShutdown.ts";
import { createOperations } from "../api/operations/service.ts";
import { createOperationView, type OperationView } from "../api/operations/view.ts";
import { createCursors } from "../api/paging/cursors.ts";
import { createReportLinks } from "../api/reports/links.ts";
import { createReports } from "../api/reports/service.ts";
import { createReservations } from "../api/reservations/service.ts";
import { createServer } from "../api/server.ts";
import { createServices } from "../api/services/service.ts";
import { createTransactions } from "../api/transactions/service.ts";
import type { Config } from "../config.ts";
import { startAudit } from "../dispatch/audits.ts";
import { createCarriers } from "../dispatch/carriers.ts";
import { createDispatcher, type DispatcherLimits } from "../dispatch/dispatcher.ts";
import { createOutcomes } from "../dispatch/outcomes.ts";
import { createOnPosted } from "../dispatch/posted.ts";
import { startReport } from "../dispatch/reports.ts";
import { createStoredOperations } from "../dispatch/storedOperations.ts";
import { toEventMessage } from "../kafka/events.ts";
import { createPublisherThread } from "../kafka/publisherThread.ts";
import { createMonthOf } from "../ledger/months.ts";
import type { StoredEntry } from "../ledger/records.ts";
import { createCircuitBreaker } from "../lib/circuitBreaker.ts";
import { withTimeLimit } from "../lib/timeout.ts";
import { alertRefused } from "../observability/log.ts";
import { createInstruments } from "../observability/metrics/instruments.ts";
import { countDecided, createOnAnswered, measuredPost, measuredPublish } from "../observability/metrics/measured.ts";
import { createScrape } from "../observability/metrics/scrape.ts";
import type { Tracing } from "../observability/tracing/tracing.ts";
import { createLedger } from "../postgres/ledger.ts";
import { createBalanceCache } from "../redis/balances.ts";
import { createCallerRates } from "../redis/callerRates.ts";
import { createRedis } from "../redis/client.ts";
import { linkTemporal } from "../temporal/connection.ts";
import { startWorkers, type Workers } from "../temporal/worker.ts";
import { composeAuditing } from "./auditing.ts";

const EVENTS_CHANCE_MS = 500;

/** The operations of a lone caller then share a publication by sixes, which takes a sixth of Kafka's and of the broker client's work. */
const EVENTS_LINGER_MS = 25;

/** How long a start waits for Temporal. */
const TEMPORAL_PATIENCE_MS = 5_000;

/** Whoever stops us kills us some time after; what is under way then is taken up by another process, or after the next start. */
const STOP_LIMIT_MS = 15_000;

/** Without a worker's hints the ledger is asked often; with them, only in case one is missed. */
const POLL_EVERY_MS = { api: 20, all: 100 };

/** A process at work. */
export type Saldo = {
  /** Resolves once its workers have shut down; rejects where one failed for good. */
  done: Promise<void>;
  /** Says first that it does, so that a balancer finds out, then ends what was accepted, then itself. */
  stop(): Promise<void>;
};

/** Makes every client once, in order, and returns what closes them in reverse. `limits` are for the benchmark. */
export async function startSaldo(
  config: Config,
  log: Logger,
  readTemporalMetrics: () => Promise<string>,
  limits: Partial<DispatcherLimits> = {},
): Promise<Saldo> {
  const { role } = config;
  const registry = new Registry();
  const instruments = createInstruments(registry);
  instruments.info.set({ role, version: manifest.version }, 1);
  const stopping = new AbortController();
  const temporal = linkTemporal(config.temporalAddress, config.temporalNamespace, log);
  // Loaded only where it is wanted.
  const tracing: Tracing | undefined =
    config.otlpEndpoint === undefined
      ? undefined
      : (await import("../observability/tracing/tracing.ts")).createTracing(config.otlpEndpoint, {
          role,
          version: manifest.version,
        });
  const ledger = createLedger(config.databaseUrl, {
    defaultTtlSeconds: config.reservationTtlSeconds,
    monthOf: createMonthOf(config.reportTimeZone),
    alertRefused: (operation, reason) => alertRefused(log, operation, reason),
    onDecided: (decided) => countDecided(instruments, decided),
    onStatement: tracing?.statement,
  });
  const redis = createRedis(config.redisUrl);
  const publisher = createPublisherThread(config.kafkaBrokers);
  const { rememberShown, refreshBalances, refreshTouched, ...caching } = createCaching({
    ledger,
    cache: createBalanceCache(redis, config.balanceCacheTtlSeconds),
    ttlSeconds: config.balanceCacheTtlSeconds,
    onRead: (result, count) => instruments.cacheReads.inc({ result }, count),
    onWrite: (result) => instruments.cacheWrites.inc({ result }),
    log,
  });
  const outcomes = createOutcomes({
    findOperations: ledger.findOperations,
    refreshTouched,
    pollEveryMs: role === "api" ? POLL_EVERY_MS.api : POLL_EVERY_MS.all,
  });
  const carriers = createCarriers({
    client: () => temporal.current()?.client,
    temporalAddress: config.temporalAddress,
    currency: config.currency,
    eager: role === "all",
  });
  const stored = createStoredOperations(ledger.findOperations);
  const dispatcher = createDispatcher({
    start: tracing?.start(carriers.start) ?? carriers.start,
    isRunning: carriers.isRunning,
    awaitOutcome: outcomes.awaitOutcome,
    pulls: role === "all",
    ...limits,
  });

  const publish = (entries: StoredEntry[], headers?: Record<string, string>) =>
    publisher.publish(entries.map(toEventMessage), headers);
  const { publishPosted, readPublication, ...publishing } = createPublishing({
    outbox: ledger,
    publish: measuredPublish(instruments, tracing?.publish(publish) ?? publish),
    breaker: createCircuitBreaker("Kafka", EVENTS_CHANCE_MS),
    lingerMs: EVENTS_LINGER_MS,
    refreshTouched,
  });
  const activities = {
    ...createPosting(
      { ...ledger, post: measuredPost(instruments, ledger.post) },
      {
        onPosted: createOnPosted({ outcomes, refreshBalances, refreshTouched }),
        publishPosted,
        readPublication,
        pull: dispatcher.pull,
        onCarried: (operations) => instruments.carrierOperations.observe(operations),
        onError: (error) => log.warn({ err: error }, "The sagas to signal could not be read"),
      },
    ),
    ...publishing,
    ...createReporting(ledger),
  };
  let workers: Workers | undefined;
  const auditing = role === "api" ? undefined : composeAuditing(config, publish, log);
  const working = temporal.connected.then(async ({ client, connection }) => {
    if (!auditing) return;
    const all = { ...activities, ...auditing.activities };
    workers = await startWorkers(client, connection, tracing?.activities(all) ?? all);
  });
  // With Temporal there, whoever finds us listening finds us able to carry; without it, reads are better than nothing.
  await Promise.race([working, sleep(TEMPORAL_PATIENCE_MS)]);

  const dispatching = { ...dispatcher, ...tracing?.dispatcher(dispatcher) };
  const pureView = createOperationView(`${config.temporalUiUrl}/namespaces/${config.temporalNamespace}`);
  const view: OperationView = {
    ...pureView,
    finished(operation) {
      if (operation.balance) rememberShown({ ...operation.balance, asOf: operation.completedAt });
      return pureView.finished(operation);
    },
  };
  const cursors = createCursors(config.signingKey);
  const healthChecks = {
    postgres: ledger.check,
    redis: () => redis.ping(),
    temporal: async () => (await temporal.connected).connection.healthService.check({}),
  };
  const scrape = createScrape(registry, instruments, {
    readBacklog: ledger.readBacklog,
    poolUse: ledger.poolUse,
    dispatchLoad: dispatcher.load,
    readTemporal: readTemporalMetrics,
  });
  const limitRate = config.rateLimitPerSecond
    ? createRateLimit(
        createCallerRates(redis, createCircuitBreaker("Redis", CACHE_TIMEOUT_MS), config.rateLimitPerSecond).take,
      )
    : undefined;
  const api = createServer({
    requireScope: await createAuthentication(config, log, limitRate),
    limitRate,
    operations: createOperations({
      ...ledger,
      findStored: stored.find,
      dispatcher: dispatching,
      outcomes,
      carriers,
      view,
    }),
    reservations: createReservations({ ...ledger, view, cursors }),
    transactions: createTransactions({
      async readStatement(userId, page) {
        const entries = await ledger.readStatement(userId, page);
        for (const { version, createdAt } of entries ?? []) rememberShown({ userId, version, asOf: createdAt });
        return entries;
      },
      cursors,
      currency: config.currency,
    }),
    services: createServices({ ...ledger, cursors }),
    batches: createBatches({ findStored: stored.find, dispatcher: dispatching, outcomes, view }),
    balances: createBalances({ readBalance: ledger.readBalance, ...caching }),
    reports: createReports({
      readReport: ledger.readReport,
      startReport: (month) => startReport(temporal.current()?.client, month),
      links: createReportLinks({
        signingKey: config.signingKey,
        publicUrl: config.publicUrl,
        ttlSeconds: config.reportLinkTtlSeconds,
      }),
    }),
    audits: createAudits({
      ...ledger,
      startAudit: () => startAudit(temporal.current()?.client),
      temporalLink: view.temporalLink,
    }),
    healthChecks,
    scrape,
    onAnswered: createOnAnswered(instruments),
    tracer: tracing,
    stopping: stopping.signal,
    log,
  });
  // A worker listens too, so that whoever runs it can ask how it is.
  const app = role === "worker" ? createHealthServer(healthChecks, scrape, stopping.signal) : api;
  app.listen({ ...lastResort(log), hostname: config.host, port: config.port });
  log.info({ port: config.port }, "Saldo is up");

  async function end(): Promise<void> {
    await closeServer(app.server!, outcomes.cancelAll);
    dispatcher.stop();
    // One that stops soon after its start may have its workers still to come.
    if (temporal.current()) await working;
    workers?.shutdown();
    await workers?.done;
    await publisher.close();
    redis.disconnect();
    await auditing?.close();
    await ledger.close();
    await temporal.current()?.connection.close();
    await tracing?.close();
  }

  return {
    done: working.then(() => workers?.done ?? new Promise(() => {})),
    async stop() {
      stopping.abort();
      await sleep(config.stopDelaySeconds * 1_000);
      await withTimeLimit("The stop", STOP_LIMIT_MS, end());
    },
  };
}
