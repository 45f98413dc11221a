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

/** Soon enough for someone who watches, and few requests to the collector. */
const EXPORT_EVERY_MS = 1_000;
/** A collector that is away must not hold up a stop. */
const CLOSE_LIMIT_MS = 2_000;

/** What a span may say: names, counts and the ids of workflows, nothing else of what a caller sent. */
export type SpanDetails = { kind?: SpanKind; attributes?: Attributes; links?: { context: SpanContext }[] };

export type Spans = ReturnType<typeof createSpans>;

/** Makes spans, knows which one is under way, and sends them to the collector in the background; what it cannot take is dropped. */
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
    /** The span under way, if there is one. */
    active: (): Span | undefined => active.getStore(),

    /** Starts a span that belongs to what is under way. */
    start: (name: string, details: SpanDetails = {}): Span =>
      tracer.startSpan(name, details, contextOf(active.getStore())),

    /** Starts a span that belongs to what these headers name (`traceparent`), if they name anything. */
    startFrom(name: string, headers: Headers, details: SpanDetails): Span {
      const caller = propagator.extract(ROOT_CONTEXT, headers, {
        get: (from, header) => from.get(header) ?? undefined,
        keys: (from) => [...from.keys()],
      });
      return tracer.startSpan(name, details, caller);
    },

    /** Starts a span that belongs to one which may have been made elsewhere. */
    startBelow: (parent: SpanContext, name: string, details: SpanDetails): Span =>
      tracer.startSpan(name, details, contextOf(trace.wrapSpanContext(parent))),

    /** Starts the span that has just these ids, the first of its trace. */
    startAs: (given: SpanContext, name: string, details: SpanDetails): Span =>
      ids.give(given, () => tracer.startSpan(name, details, ROOT_CONTEXT)),

    /** Runs `work` with `span` under way, and ends it. */
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

    /** Sends what has not been sent, if the collector takes it soon. */
    close: (): Promise<void> => withTimeout("The collector", CLOSE_LIMIT_MS, provider.shutdown()).catch(() => {}),
  };
}

/** Says what kind of trouble it was, and no more: a message may hold what a caller sent. */
export function fail(span: Span, error: unknown): void {
  const { name, code } = error instanceof Error ? (error as Error & { code?: unknown }) : { name: "Error" };
  span.setStatus({ code: SpanStatusCode.ERROR, message: typeof code === "string" ? code : name });
}

/** Random ids, but for the span that is made while some are given. */
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
