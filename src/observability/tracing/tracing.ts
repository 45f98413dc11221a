import { type SpanContext, SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { activityInfo } from "@temporalio/activity";
import type { Operation } from "../../ledger/operations.ts";
import type { StoredEntry } from "../../ledger/records.ts";
import { createSpans, fail } from "./spans.ts";
import { toTraceparent, workflowTrace } from "./workflowTrace.ts";

/** A carrier has up to a thousand requests; the first are enough to find what it is about. */
const LINKS_MAX = 20;

/** Probes and scrapes come every few seconds and tell nothing. */
const UNTRACED: ReadonlySet<string> = new Set(["/healthz", "/readyz", "/metrics"]);

export type Tracing = ReturnType<typeof createTracing>;

type Dispatch<Asked, Dispatched> = (asked: Asked, requestId: string) => Promise<Dispatched>;
type Start<Input> = (workflowId: string, input: Input, requestIds: readonly string[]) => Promise<string>;
type Input = { operations: readonly Operation[] };

/**
 * Spans around each step of an operation's way. A request belongs to its caller's trace. A carrier has a trace of its own, since it carries many
 * requests: each request's span links to it, and it links to them.
 */
export function createTracing(endpoint: string, about: { role: string; version: string }) {
  const spans = createSpans(endpoint, {
    "service.name": "saldo",
    "service.version": about.version,
    "saldo.role": about.role,
  });
  /** The requests whose operations are on their way to a carrier. */
  const asking = new Map<string, SpanContext>();

  return {
    /** Answers a request in a span, which goes on with the caller's `traceparent`. */
    async request(request: Request, handle: () => Promise<Response>): Promise<Response> {
      if (UNTRACED.has(URL.parse(request.url)?.pathname ?? "")) return await handle();
      const span = spans.startFrom(request.method, request.headers, { kind: SpanKind.SERVER });
      return await spans.within(span, async () => {
        const response = await handle();
        span.setAttributes({
          "http.request.method": request.method,
          "http.response.status_code": response.status,
        });
        if (response.status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
        return response;
      });
    },

    /** The request under way has reached this route: a template, never the path, which names users. */
    reached(method: string, route: string): void {
      spans.active()?.updateName(`${method} ${route}`).setAttribute("http.route", route);
    },

    /** The dispatcher, with each request linked to its carrier. */
    dispatcher<Batch extends Input, Dispatched extends { workflowId: string }>(dispatcher: {
      dispatch: Dispatch<Batch, Dispatched>;
    }) {
      const dispatch: Dispatch<Batch, Dispatched> = async (batch, requestId) => {
        const span = spans.active();
        if (!span) return await dispatcher.dispatch(batch, requestId);
        for (const { operationId } of batch.operations) asking.set(operationId, span.spanContext());
        try {
          const dispatched = await dispatcher.dispatch(batch, requestId);
          const { workflowId } = dispatched;
          span.setAttribute("saldo.workflow_id", workflowId).addLink({ context: workflowTrace(workflowId) });
          return dispatched;
        } finally {
          for (const { operationId } of batch.operations) asking.delete(operationId);
        }
      };
      return { dispatch };
    },

    /** The start of a carrier, the first span of its trace. */
    start<Started extends Input>(start: Start<Started>): Start<Started> {
      return (workflowId, input, requestIds) => {
        const requests = new Set(input.operations.flatMap(({ operationId }) => asking.get(operationId) ?? []));
        const span = spans.startAs(workflowTrace(workflowId), "start carrier", {
          kind: SpanKind.PRODUCER,
          attributes: { "saldo.workflow_id": workflowId, "saldo.operations": input.operations.length },
          links: [...requests].slice(0, LINKS_MAX).map((context) => ({ context })),
        });
        return spans.within(span, () => start(workflowId, input, requestIds));
      };
    },

    /** Activities, each run of which is a span in its workflow's trace. */
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

    /** Publishing, whose span is named in a header of each message; the event itself is the same with and without. */
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
     * A statement is sent: by its name, never with its values. Returns what ends its span. It has one only within what is still under way:
     * who looks again and again for all who wait does so for no one request.
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
