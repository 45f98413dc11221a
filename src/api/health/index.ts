import { Elysia, t } from "elysia";
import { withTimeout } from "../../lib/timeout.ts";
import { nameRequest } from "../http/requestId.ts";
import { SECURITY_HEADERS } from "../http/securityHeaders.ts";
import { metrics } from "../metrics/index.ts";
import { answer } from "../openapi/responses.ts";

/** A frozen part answers never; whoever asks for readiness gives up after a second or two, and would take the replica away. */
const CHECK_LIMIT_MS = 1_000;

/** A part that Saldo stands on, and how to find out whether it answers. */
export type HealthChecks = Record<string, () => Promise<unknown>>;

const PartState = t.Union([t.Literal("up"), t.Literal("down")]);

/** Answers to those who operate a process, whatever its role. */
export type Probes = {
  healthChecks: HealthChecks;
  /** Makes the answer to GET /metrics. */
  scrape(): Promise<string>;
  /** Aborts when the process begins to stop. */
  stopping: AbortSignal;
};

/**
 * GET /healthz: the process is alive. GET /readyz: it takes requests, with the state of what it stands on. A part that is down does not
 * turn it: Saldo has a clear answer for each such case, and a balancer that took all replicas away would leave callers with none. What turns
 * it is `stopping`: while a balancer finds out, requests are still served.
 */
export function health({ healthChecks, stopping }: Pick<Probes, "healthChecks" | "stopping">) {
  return new Elysia()
    .get("/healthz", () => ({ status: "alive" as const }), {
      response: { 200: answer(t.Object({ status: t.Literal("alive") })) },
      detail: {
        operationId: "getHealth",
        security: [],
        tags: ["Health"],
        summary: "Whether the process is alive",
      },
    })
    .get(
      "/readyz",
      async ({ status }) => {
        if (stopping.aborted) return status(503, { status: "stopping" as const });
        const states = await Promise.all(
          Object.entries(healthChecks).map(async ([part, check]) => {
            const isUp = await withTimeout(part, CHECK_LIMIT_MS, check()).then(
              () => true,
              () => false,
            );
            return [part, isUp ? ("up" as const) : ("down" as const)] as const;
          }),
        );
        return { status: "ready" as const, parts: Object.fromEntries(states) };
      },
      {
        response: {
          200: answer(t.Object({ status: t.Literal("ready"), parts: t.Record(t.String(), PartState) })),
          503: answer(
            t.Object(
              { status: t.Literal("stopping") },
              { description: "It stops: what it has accepted is finished, and what else it is asked goes elsewhere." },
            ),
          ),
        },
        detail: {
          operationId: "getReadiness",
          security: [],
          tags: ["Health"],
          summary: "Whether it takes requests, and what it stands on",
        },
      },
    );
}

/** The HTTP server of a worker. */
export function createHealthServer(probes: Probes) {
  return new Elysia()
    .headers(SECURITY_HEADERS)
    .onRequest(({ request, set }) => nameRequest(request, set))
    .use(health(probes))
    .use(metrics(probes.scrape));
}
