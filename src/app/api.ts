import type { Logger } from "pino";
import { createAudits } from "../api/audits/service.ts";
import { createAuthentication } from "../api/auth/authentication.ts";
import { createRateLimit } from "../api/auth/rateLimit.ts";
import { createBalances } from "../api/balances/service.ts";
import { createBatches } from "../api/batches/service.ts";
import { loadPageFiles } from "../api/console/files.ts";
import type { Probes } from "../api/health/index.ts";
import { createOperationSearch } from "../api/operations/search.ts";
import { createOperations } from "../api/operations/service.ts";
import { createOperationView } from "../api/operations/view.ts";
import { createCursors } from "../api/paging/cursors.ts";
import { createReportLinks } from "../api/reports/links.ts";
import { createReports } from "../api/reports/service.ts";
import { createReservations } from "../api/reservations/service.ts";
import { createServer } from "../api/server.ts";
import { createServices } from "../api/services/service.ts";
import { createTransactions } from "../api/transactions/service.ts";
import type { Config } from "../config.ts";
import { startAudit, startReport } from "../dispatch/singleWorkflows.ts";
import { createCircuitBreaker } from "../lib/circuitBreaker.ts";
import { createOnAnswered } from "../observability/metrics/measured.ts";
import { createCallerRates } from "../redis/callerRates.ts";
import type { Clients } from "./clients.ts";
import type { Dispatch } from "./dispatch.ts";

/** Timeout of the shared rate counter in Redis. After it the API process counts by itself. */
const RATE_TIMEOUT_MS = 100;

/** Creates the HTTP API. It does not listen yet. `ending` breaks off answers that would delay a stop. */
export async function createApi(
  config: Config,
  log: Logger,
  clients: Clients,
  dispatch: Dispatch,
  probes: Probes,
  ending: AbortSignal,
) {
  const { temporal, tracing, instruments } = clients;
  const { findOperations, searchOperations, readBalance, readPastBalance, readStatement } = clients.reading;
  const { readReservation, listReservations, findReservationsOfAll } = clients.reading;
  const { listServices, readLatestAudit, findAudit } = clients.reading;
  const { nameService } = clients.services;
  const { readCached, writeBack, rememberShown } = clients.caching;
  const { readReport, readOrdersReport, readBalancesReport, readOrders } = clients.reports;
  const { carriers, outcomes, dispatcher, findStored } = dispatch;
  const { currency } = config;
  const cursors = createCursors(config.signingKey);
  const temporalWebUrl = `${config.temporalUiUrl}/namespaces/${config.temporal.namespace}`;
  const view = createOperationView(temporalWebUrl, currency, rememberShown);
  const limitRate = createLimitRate(config, clients);

  return createServer({
    ...probes,
    ending,
    requireScope: await createAuthentication(config, log, limitRate),
    limitRate,
    operations: createOperations({ findOperations, findStored, dispatcher, outcomes, carriers, view, currency }),
    operationSearch: createOperationSearch({ searchOperations, view, cursors }),
    batches: createBatches({ findStored, dispatcher, outcomes, view, currency }),
    balances: createBalances({ readBalance, readPastBalance, readCached, writeBack, rememberShown, currency }),
    reservations: createReservations({
      readReservation,
      listReservations,
      findReservationsOfAll,
      readBalance,
      view,
      cursors,
    }),
    transactions: createTransactions({ readStatement, readBalance, rememberShown, cursors, currency }),
    services: createServices({ nameService, listServices, cursors }),
    reports: createReports({
      readReport,
      readOrdersReport,
      readBalancesReport,
      readOrders,
      currency,
      startReport: (month) => startReport(temporal.current()?.client, month),
      links: createReportLinks({
        signingKey: config.signingKey,
        publicUrl: config.publicUrl,
        ttlSeconds: config.reportLinkTtlSeconds,
      }),
    }),
    audits: createAudits({
      readLatestAudit,
      findAudit,
      startAudit: () => startAudit(temporal.current()?.client),
      temporalLink: view.temporalLink,
    }),
    pageFiles: await loadPageFiles(),
    onAnswered: createOnAnswered(instruments),
    tracer: tracing,
    defaultWaitSeconds: config.defaultWaitSeconds,
    currency,
    log,
  });
}

function createLimitRate({ rateLimitPerSecond }: Config, { redis }: Clients) {
  if (rateLimitPerSecond === 0) return undefined;
  const breaker = createCircuitBreaker("Redis", RATE_TIMEOUT_MS);
  return createRateLimit(createCallerRates(redis, breaker, rateLimitPerSecond).take);
}
