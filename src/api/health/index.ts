import { Elysia, t } from "elysia";
import { succeeds, withTimeout } from "../../lib/timeout.ts";
import { assignRequestId } from "../http/requestId.ts";
import { SECURITY_HEADERS } from "../http/securityHeaders.ts";
import { answer } from "../openapi/responses.ts";

/**
 * The timeout of a check, for a dependency that is frozen.
 *
 * A load balancer's probe times out after a second or two, and would then remove the replica.
 */
const CHECK_TIMEOUT_MS = 1_000;

export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

type Check = () => Promise<unknown>;

/** A check of each dependency, by its name. It fails where the dependency does not respond. */
export type HealthChecks = Record<"postgres" | "redis" | "temporal", Check> & { kafka?: Check };

type PartStates = Record<"postgres" | "redis" | "temporal", "up" | "down"> & { kafka?: "up" | "down" };

const PartState = t.Union([t.Literal("up"), t.Literal("down")]);

/** The sources of /healthz, /readyz and /metrics, in a process of any role. */
export type Probes = {
  healthChecks: HealthChecks;
  /** Returns the body of GET /metrics. */
  scrape(): Promise<string>;
  /** Aborts when the process begins to stop. */
  stopping: AbortSignal;
};

/**
 * GET /healthz: the process is alive. GET /readyz: it accepts requests, with the state of its dependencies. GET
 * /metrics: its metrics; `scrape` never fails.
 *
 * A dependency that is down does not change the readiness. Saldo has a clear response for each such case, and a load
 * balancer that removed all replicas would leave callers without any. Only `stopping` changes it. Requests are still
 * served until the load balancer detects that.
 */
export function health({ healthChecks, scrape, stopping }: Probes) {
  return new Elysia()
    .get("/healthz", () => ({ status: "alive" as const }), {
      response: { 200: answer(t.Object({ status: t.Literal("alive") }, { title: "Health" })) },
      detail: {
        operationId: "getHealth",
        security: [],
        tags: ["Health"],
        summary: "Check whether the process is alive",
      },
    })
    .get(
      "/readyz",
      async ({ status }) => {
        if (stopping.aborted) return status(503, { status: "stopping" as const });
        const states = await Promise.all(
          Object.entries(healthChecks).map(async ([part, check]) => {
            const isUp = await succeeds(withTimeout(part, CHECK_TIMEOUT_MS, check()));
            return [part, isUp ? ("up" as const) : ("down" as const)] as const;
          }),
        );
        return { status: "ready" as const, parts: Object.fromEntries(states) as PartStates };
      },
      {
        response: {
          200: answer(
            t.Object(
              {
                status: t.Literal("ready"),
                parts: t.Object({
                  postgres: PartState,
                  redis: PartState,
                  temporal: PartState,
                  kafka: t.Optional(PartState),
                }),
              },
              { title: "Readiness", description: "`kafka` is that of a process with workers, checked every 5 s." },
            ),
          ),
          503: answer(
            t.Object(
              { status: t.Literal("stopping") },
              {
                title: "Stopping",
                description:
                  "The process is stopping. It finishes accepted requests; new requests belong to another replica.",
              },
            ),
          ),
        },
        detail: {
          operationId: "getReadiness",
          security: [],
          tags: ["Health"],
          summary: "Check whether the process accepts requests, with the state of its dependencies",
        },
      },
    )
    .get(
      "/metrics",
      async ({ set }) => {
        set.headers["content-type"] = METRICS_TYPE;
        return await scrape();
      },
      {
        response: {
          200: answer(
            t.String({
              contentMediaType: "text/plain",
              examples: [
                '# TYPE saldo_operations_total counter\nsaldo_operations_total{kind="transfer",outcome="completed"} 7\n',
              ],
            }),
          ),
        },
        detail: {
          operationId: "getMetrics",
          security: [],
          tags: ["Health"],
          summary: "Read the metrics in the Prometheus text format",
        },
      },
    );
}

/** The HTTP server of a worker. */
export function createHealthServer(probes: Probes) {
  return new Elysia()
    .headers(SECURITY_HEADERS)
    .onRequest(({ request, set }) => assignRequestId(request, set))
    .use(health(probes));
}
