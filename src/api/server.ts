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
import type { PageFiles } from "./console/files.ts";
import { consolePage } from "./console/index.ts";
import { health, type Probes } from "./health/index.ts";
import { createAllowedMethods } from "./http/allowedMethods.ts";
import { assertDeclaredLength, hasUnreadBody } from "./http/body.ts";
import { fieldErrors } from "./http/fieldErrors.ts";
import { httpMetrics, httpTracing, type OnAnswered, type RequestTracer } from "./http/instrumentation.ts";
import { Problem, toProblemResponse } from "./http/problems.ts";
import { assignRequestId, requestIdOf } from "./http/requestId.ts";
import { assertReadableTarget, pathOf } from "./http/requestTarget.ts";
import { SECURITY_HEADERS } from "./http/securityHeaders.ts";
import { document } from "./openapi/index.ts";
import { deposits } from "./operations/deposits.ts";
import { operations } from "./operations/index.ts";
import { recognitions } from "./operations/recognitions.ts";
import { refunds } from "./operations/refunds.ts";
import { releases } from "./operations/releases.ts";
import { reservationWrites } from "./operations/reservations.ts";
import type { OperationSearch } from "./operations/search.ts";
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
  operationSearch: OperationSearch;
  batches: Batches;
  balances: Balances;
  reservations: Reservations;
  transactions: Transactions;
  services: Services;
  reports: Reports;
  audits: Audits;
  pageFiles: PageFiles;
  onAnswered: OnAnswered;
  /** Undefined where requests are not traced. */
  tracer?: RequestTracer | undefined;
  /** Undefined where callers have no rate limit. */
  limitRate: RateLimit | undefined;
  /** How long a POST that moves money waits for the outcome without `Prefer`. */
  defaultWaitSeconds: number;
  /** The currency of all amounts. */
  currency: string;
  /** Breaks off answers that would delay a stop. */
  ending: AbortSignal;
  log: Logger;
};

/** The HTTP API: every route, and the handler that converts every error to a problem. */
export function createServer(dependencies: ServerDependencies) {
  const { requireScope, tracer, stopping, log } = dependencies;
  const submit = (...routes: SubmitRoute[]) => routes.map((route) => submitRoute(dependencies, route));
  const server = new Elysia({
    normalize: false,
    // No response schema transforms values, so there is nothing to encode.
    encodeSchema: false,
    strictPath: true,
    // Finds the path also after a host name of one letter.
    handler: { standardHostname: false },
    // Bun's own limit would answer without a problem document. `readJson` has Saldo's limit.
    serve: { idleTimeout: IDLE_TIMEOUT_SECONDS, maxRequestBodySize: Number.MAX_SAFE_INTEGER },
  });
  const allowedMethods = createAllowedMethods(() => server.routes);
  return server
    .use(tracer ? httpTracing(tracer) : new Elysia())
    .use(httpMetrics(dependencies.onAnswered))
    .headers(SECURITY_HEADERS)
    .onRequest(({ request, set }) => {
      assignRequestId(request, set);
      // The caller then reconnects, to a process that is not stopping.
      if (stopping.aborted) set.headers.connection = "close";
      assertReadableTarget(request);
      assertDeclaredLength(request.headers);
    })
    .onError(({ code, error, request, set }) => {
      const path = pathOf(request);
      const requestId = requestIdOf(set);
      const problem = code === "NOT_FOUND" ? noSuchRoute(allowedMethods(path)) : toProblem(code, error, requestId);
      if (problem.code === "internal") {
        log.error({ err: error, requestId, path }, "A request failed");
      } else if (problem.cause) {
        log.warn({ code: problem.code, causes: causesOf(problem), requestId, path }, "A request was refused");
      }
      const response = toProblemResponse(problem, path);
      // A slow sender would hold the connection for the rest of its body.
      if (hasUnreadBody(request)) response.headers.set("connection", "close");
      // The response is sent as it is. Hooks that run after it read the status here.
      set.status = response.status;
      return response;
    })
    .use(document(dependencies.currency))
    .use(consolePage(dependencies.pageFiles, requireScope, dependencies.scrape))
    .use(health(dependencies))
    .use(submit(deposits, withdrawals, transfers, ...reservationWrites))
    .use(reservations(requireScope, dependencies.reservations))
    .use(submit(recognitions, releases, refunds))
    .use(batches(dependencies))
    .use(operations(requireScope, dependencies.operations, dependencies.operationSearch))
    .use(balances(requireScope, dependencies.balances))
    .use(transactions(requireScope, dependencies.transactions, dependencies))
    .use(services(requireScope, dependencies.services))
    .use(reports(requireScope, dependencies.reports, dependencies))
    .use(audits(requireScope, dependencies.audits));
}

/** The causes of the problem, the nearest first, each in one line without its stack. */
function causesOf(problem: Problem): string[] {
  const causes: string[] = [];
  for (let cause: unknown = problem.cause; cause; cause = cause instanceof Error ? cause.cause : undefined) {
    causes.push(String(cause));
  }
  return causes;
}

/** The problem of a request that no route takes. `methods` are those of its path. */
function noSuchRoute(methods: string[]): Problem {
  if (methods.length === 0) return new Problem("not_found");
  const allow = methods.join(", ");
  return new Problem("method_not_allowed", { detail: `This path takes ${allow}.`, headers: { allow } });
}

function toProblem(code: unknown, error: unknown, requestId: string): Problem {
  if (error instanceof Problem) return error;
  if (code === "VALIDATION") {
    const { all } = error as ValidationError;
    return new Problem("invalid_request", { extensions: { errors: fieldErrors(all) } });
  }
  return new Problem("internal", { cause: error, extensions: { requestId } });
}
