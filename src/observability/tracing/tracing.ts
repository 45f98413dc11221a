import { type SpanContext, SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { activityInfo } from "@temporalio/activity";
import type { Operation } from "../../ledger/operations.ts";
import type { StoredEntry } from "../../ledger/records.ts";
import { createSpans, fail } from "./spans.ts";
import { toTraceparent, workflowTrace } from "./workflowTrace.ts";

/** A carrier has up to 1000 requests; the first ones suffice to find its cause. */
const LINKS_MAX = 20;

/** Probes and scrapes repeat every few seconds, and their traces are of no use. */
const UNTRACED: ReadonlySet<string> = new Set(["/healthz", "/readyz", "/metrics"]);

export type Tracing = ReturnType<typeof createTracing>;

type Dispatch<Batch, Dispatched> = (batch: Batch, requestId: string) => Promise<Dispatched>;
type Start<Input> = (workflowId: string, input: Input, requestIds: readonly string[]) => Promise<string>;
type Input = { operations: readonly Operation[] };

/**
 * Creates spans around each step of an operation.
 * A request belongs to its caller's trace. A carrier has a trace of its own, since it carries many requests. Each
 * request's span links to the carrier, and the carrier's span to the requests.
 */
export function createTracing(endpoint: string, about: { role: string; version: string }) {
  const spans = createSpans(endpoint, {
    "service.name": "saldo",
    "service.version": about.version,
    "saldo.role": about.role,
  });
  /** Spans of requests whose operations are being dispatched, by operation id. */
  const requestSpans = new Map<string, SpanContext>();

  return {
    /** Handles a request in a span that continues the caller's `traceparent`. */
    async request(request: Request, handle: () => Promise<Response>): Promise<Response> {
      if (UNTRACED.has(URL.parse(request.url)?.pathname ?? "")) return await handle();
      const span = spans.startFrom(request.method, request.headers, { kind: SpanKind.SERVER });
      return await spans.within(span, async () => {
        const response = await handle();
        span.setAttributes({ "http.request.method": request.method, "http.response.status_code": response.status });
        if (response.status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
        return response;
      });
    },

    /** Names the current request's span by its route's template; a path contains user ids. */
    reached(method: string, route: string): void {
      spans.active()?.updateName(`${method} ${route}`).setAttribute("http.route", route);
    },

    /** Wraps the dispatcher to link each request to its carrier. */
    dispatcher<Batch extends Input, Dispatched extends { workflowId: string }>(dispatcher: {
      dispatch: Dispatch<Batch, Dispatched>;
    }) {
      const dispatch: Dispatch<Batch, Dispatched> = async (batch, requestId) => {
        const span = spans.active();
        if (!span) return await dispatcher.dispatch(batch, requestId);
        for (const { operationId } of batch.operations) requestSpans.set(operationId, span.spanContext());
        try {
          const dispatched = await dispatcher.dispatch(batch, requestId);
          const { workflowId } = dispatched;
          span.setAttribute("saldo.workflow_id", workflowId).addLink({ context: workflowTrace(workflowId) });
          return dispatched;
        } finally {
          for (const { operationId } of batch.operations) requestSpans.delete(operationId);
        }
      };
      return { dispatch };
    },

    /** Wraps the start of a carrier in the first span of its trace. */
    start<Started extends Input>(start: Start<Started>): Start<Started> {
      return (workflowId, input, requestIds) => {
        const requests = new Set(input.operations.flatMap(({ operationId }) => requestSpans.get(operationId) ?? []));
        const span = spans.startAs(workflowTrace(workflowId), "start carrier", {
          kind: SpanKind.PRODUCER,
          attributes: { "saldo.workflow_id": workflowId, "saldo.operations": input.operations.length },
          links: [...requests].slice(0, LINKS_MAX).map((context) => ({ context })),
        });
        return spans.within(span, () => start(workflowId, input, requestIds));
      };
    },

    /** Wraps activities: each run is a span in its workflow's trace. */
    activities<Activities extends object>(activities: Activities): Activities {
      const traced = Object.entries(activities).map(([name, run]) => [
        name,
        (...values: unknown[]) => {
          const { workflowExecution, attempt } = activityInfo();
          const workflowId = workflowExecution?.workflowId ?? "";
          const attributes = { "saldo.workflow_id": workflowId, "saldo.attempt": attempt };
          const span = spans.startBelow(workflowTrace(workflowId), name, { kind: SpanKind.CONSUMER, attributes });
          return spans.within(span, () => run(...values));
        },
      ]);
      return Object.fromEntries(traced);
    },

    /**
     * Wraps publishing in a span, which a header of each message names. The event itself is the same without tracing.
     */
    publish(publish: (entries: StoredEntry[], headers: Record<string, string>) => Promise<void>) {
      return (entries: StoredEntry[]): Promise<void> => {
        const span = spans.start("publish events", {
          kind: SpanKind.PRODUCER,
          attributes: { "messaging.system": "kafka", "messaging.batch.message_count": entries.length },
        });
        return spans.within(span, () => publish(entries, { traceparent: toTraceparent(span.spanContext()) }));
      };
    },

    /**
     * Starts the span of a statement, by its name and without its values.
     * Only within a span that still records: a query that is repeated for all waiting requests belongs to none of them.
     * @returns the function that ends the span
     */
    statement(name: string): (error?: unknown) => void {
      if (!spans.active()?.isRecording()) return () => {};
      const span = spans.start(name, {
        kind: SpanKind.CLIENT,
        attributes: { "db.system.name": "postgresql", "db.operation.name": name },
      });
      return (error) => {
        if (error) fail(span, error);
        span.end();
      };
    },

    close: spans.close,
  };
}
