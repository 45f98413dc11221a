import { Elysia, type ValidationError } from "elysia";
import type { Logger } from "pino";
import { audits } from "./audits/index.ts";
import type { Audits } from "./audits/service.ts";
import type { Authentication } from "./auth/authentication.ts";
import type { RateLimit } from "./auth/rateLimit.ts";
import { balances } from "./balances/index.ts";
import type { Balances } from "./balances/service.ts";
import { batches } from "./batches/index.ts";
import type { Batches } from "./batches/service.ts";
import { health, type Probes } from "./health/index.ts";
import { assertDeclaredLength } from "./http/body.ts";
import { fieldErrors } from "./http/fieldErrors.ts";
import { httpMetrics, httpTracing, type OnAnswered, type RequestTracer } from "./http/instrumentation.ts";
import { Problem, toProblemResponse } from "./http/problems.ts";
import { nameRequest, requestIdOf } from "./http/requestId.ts";
import { assertReadableTarget, pathOf } from "./http/requestTarget.ts";
import { SECURITY_HEADERS } from "./http/securityHeaders.ts";
import { metrics } from "./metrics/index.ts";
import { document } from "./openapi/index.ts";
import { deposits } from "./operations/deposits.ts";
import { operations } from "./operations/index.ts";
import { recognitions } from "./operations/recognitions.ts";
import { refunds } from "./operations/refunds.ts";
import { releases } from "./operations/releases.ts";
import { reservationWrites } from "./operations/reservations.ts";
import type { Operations } from "./operations/service.ts";
import { type SubmitRoute, submitRoute } from "./operations/submitRoute.ts";
import { transfers } from "./operations/transfers.ts";
import { withdrawals } from "./operations/withdrawals.ts";
import { reports } from "./reports/index.ts";
import type { Reports } from "./reports/service.ts";
import { reservations } from "./reservations/index.ts";
import type { Reservations } from "./reservations/service.ts";
import { services } from "./services/index.ts";
import type { Services } from "./services/service.ts";
import { transactions } from "./transactions/index.ts";
import type { Transactions } from "./transactions/service.ts";

/** Longer than the longest `Prefer: wait`. */
const IDLE_TIMEOUT_SECONDS = 60;

export type ServerDependencies = Probes & {
  requireScope: Authentication;
  operations: Operations;
  batches: Batches;
  balances: Balances;
  reservations: Reservations;
  transactions: Transactions;
  services: Services;
  reports: Reports;
  audits: Audits;
  onAnswered: OnAnswered;
  /** Where requests are traced. */
  tracer?: RequestTracer | undefined;
  /** Undefined where callers may ask for as much as they like. */
  limitRate: RateLimit | undefined;
  log: Logger;
};

/** The HTTP API as one application: every route, and the one place where whatever goes wrong becomes an answer. */
export function createServer(dependencies: ServerDependencies) {
  const { requireScope, tracer, stopping, log } = dependencies;
  const submit = (...routes: SubmitRoute[]) =>
    routes.map((route) => submitRoute(requireScope, dependencies.operations, route));
  return new Elysia({
    normalize: false,
    // No answer's schema transforms anything: there is nothing to encode.
    encodeSchema: false,
    strictPath: true,
    // So that the path is found behind a host of one letter, too.
    handler: { standardHostname: false },
    // Bun would cut a large body off with an answer that is no problem: its limit is out of the way, readJson has ours.
    serve: { idleTimeout: IDLE_TIMEOUT_SECONDS, maxRequestBodySize: Number.MAX_SAFE_INTEGER },
  })
    .use(tracer ? httpTracing(tracer) : new Elysia())
    .use(httpMetrics(dependencies.onAnswered))
    .headers(SECURITY_HEADERS)
    .onRequest(({ request, set }) => {
      nameRequest(request, set);
      // Whoever comes again then makes a new connection, to a process that stays.
      if (stopping.aborted) set.headers.connection = "close";
      assertReadableTarget(request);
      assertDeclaredLength(request.headers);
    })
    .onError(({ code, error, request, set }) => {
      const path = pathOf(request);
      const requestId = requestIdOf(set);
      const problem = toProblem(code, error, requestId);
      if (problem.code === "internal") {
        log.error({ err: error, requestId, path }, "A request failed");
      } else if (problem.cause) {
        log.warn({ code: problem.code, causes: causesOf(problem), requestId, path }, "A request was refused");
      }
      const response = toProblemResponse(problem, path);
      // What is sent is the response; this is for those who hear of it afterwards.
      set.status = response.status;
      return response;
    })
    .use(document())
    .use(health(dependencies))
    .use(metrics(dependencies.scrape))
    .use(submit(deposits, withdrawals, transfers, ...reservationWrites))
    .use(reservations(requireScope, dependencies.reservations))
    .use(submit(recognitions, releases, refunds))
    .use(batches(requireScope, dependencies.batches, dependencies.limitRate))
    .use(operations(requireScope, dependencies.operations))
    .use(balances(requireScope, dependencies.balances))
    .use(transactions(requireScope, dependencies.transactions))
    .use(services(requireScope, dependencies.services))
    .use(reports(requireScope, dependencies.reports))
    .use(audits(requireScope, dependencies.audits));
}

/** What led to the problem, the nearest cause first: each in a line, without stacks. */
function causesOf(problem: Problem): string[] {
  const causes: string[] = [];
  for (let cause: unknown = problem.cause; cause; cause = cause instanceof Error ? cause.cause : undefined) {
    causes.push(String(cause));
  }
  return causes;
}

function toProblem(code: unknown, error: unknown, requestId: string): Problem {
  if (error instanceof Problem) return error;
  switch (code) {
    case "NOT_FOUND":
      return new Problem("not_found");
    case "PARSE": {
      // The framework wraps what readJson throws; anything else is a body that broke off.
      const { cause } = error as Error;
      return cause instanceof Problem ? cause : new Problem("invalid_request", { detail: "The body broke off." });
    }
    case "VALIDATION": {
      const { all } = error as ValidationError;
      return new Problem("invalid_request", { extensions: { errors: fieldErrors(all) } });
    }
  }
  return new Problem("internal", { cause: error, extensions: { requestId } });
}
