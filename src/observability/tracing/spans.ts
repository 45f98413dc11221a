import { AsyncLocalStorage } from "node:async_hooks";
import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  type SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, RandomIdGenerator, TracerProvider } from "@opentelemetry/sdk-trace";
import { withTimeout } from "../../lib/timeout.ts";

/** Soon enough for a live view, with few requests to the collector. */
const EXPORT_EVERY_MS = 1_000;
/** An unreachable collector must not delay a shutdown. */
const CLOSE_TIMEOUT_MS = 2_000;

/** Contents of a span: names, counts and ids of workflows, no other request data. */
export type SpanDetails = { kind?: SpanKind; attributes?: Attributes; links?: { context: SpanContext }[] };

export type Spans = ReturnType<typeof createSpans>;

/**
 * Creates spans, tracks the current one, and exports them in the background. Spans that the collector cannot take are
 * dropped.
 */
export function createSpans(endpoint: string, resource: Attributes) {
  const ids = createIds();
  const exporter = new OTLPTraceExporter({ url: `${endpoint}/v1/traces` });
  const provider = new TracerProvider({
    resource: resourceFromAttributes(resource),
    idGenerator: ids.generator,
    spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: EXPORT_EVERY_MS })],
  });
  const tracer = provider.getTracer("saldo");
  const propagator = new W3CTraceContextPropagator();
  const active = new AsyncLocalStorage<Span>();

  function contextOf(span: Span | undefined): Context {
    return span ? trace.setSpan(ROOT_CONTEXT, span) : ROOT_CONTEXT;
  }

  return {
    /** The current span, if there is one. */
    active: (): Span | undefined => active.getStore(),

    /** Starts a child of the current span. */
    start: (name: string, details: SpanDetails = {}): Span =>
      tracer.startSpan(name, details, contextOf(active.getStore())),

    /** Starts a child of the span in the header `traceparent`; without one a root span. */
    startFrom(name: string, headers: Headers, details: SpanDetails): Span {
      const caller = propagator.extract(ROOT_CONTEXT, headers, {
        get: (from, header) => from.get(header) ?? undefined,
        keys: (from) => [...from.keys()],
      });
      return tracer.startSpan(name, details, caller);
    },

    /** Starts a child of a span that another process may have created. */
    startBelow: (parent: SpanContext, name: string, details: SpanDetails): Span =>
      tracer.startSpan(name, details, contextOf(trace.wrapSpanContext(parent))),

    /** Starts the first span of a trace, with these ids. */
    startAs: (given: SpanContext, name: string, details: SpanDetails): Span =>
      ids.give(given, () => tracer.startSpan(name, details, ROOT_CONTEXT)),

    /** Runs `work` with `span` as the current one, and ends the span. */
    async within<Result>(span: Span, work: () => Promise<Result>): Promise<Result> {
      try {
        return await active.run(span, work);
      } catch (error) {
        fail(span, error);
        throw error;
      } finally {
        span.end();
      }
    },

    /** Exports the remaining spans, within a timeout. */
    close: (): Promise<void> => withTimeout("The collector", CLOSE_TIMEOUT_MS, provider.shutdown()).catch(() => {}),
  };
}

/** Records the kind of an error only: its message may contain request data. */
export function fail(span: Span, error: unknown): void {
  const { name, code } = error instanceof Error ? (error as Error & { code?: unknown }) : { name: "Error" };
  span.setStatus({ code: SpanStatusCode.ERROR, message: typeof code === "string" ? code : name });
}

/** Generates random ids, except for a span that is created while ids are given. */
function createIds() {
  const random = new RandomIdGenerator();
  let given: SpanContext | undefined;
  return {
    generator: {
      generateTraceId: () => given?.traceId ?? random.generateTraceId(),
      generateSpanId: () => given?.spanId ?? random.generateSpanId(),
    },
    give<Result>(ids: SpanContext, make: () => Result): Result {
      given = ids;
      try {
        return make();
      } finally {
        given = undefined;
      }
    },
  };
}
