import { createHash } from "node:crypto";
import { type SpanContext, TraceFlags } from "@opentelemetry/api";

/**
 * Derives the trace of a workflow, and the span of its start, from its id.
 * Every process computes the same ids at any time. So tracing adds nothing to a workflow's input, code or history.
 */
export function workflowTrace(workflowId: string): SpanContext {
  const digest = createHash("sha256").update(`saldo-trace:${workflowId}`).digest("hex");
  return { traceId: digest.slice(0, 32), spanId: digest.slice(32, 48), traceFlags: TraceFlags.SAMPLED, isRemote: true };
}

/** Formats a span as the W3C's `traceparent` header. */
export function toTraceparent({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`;
}
