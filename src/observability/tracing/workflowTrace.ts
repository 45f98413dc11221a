import { createHash } from "node:crypto";
import { type SpanContext, TraceFlags } from "@opentelemetry/api";

/**
 * The trace of a workflow, and in it the span of its start, made from the workflow's id: whoever works for the workflow, in whatever process,
 * also hours later, knows them without being told. So nothing of tracing is in a workflow's input, code or history.
 */
export function workflowTrace(workflowId: string): SpanContext {
  const digest = createHash("sha256").update(`saldo-trace:${workflowId}`).digest("hex");
  return {
    traceId: digest.slice(0, 32),
    spanId: digest.slice(32, 48),
    traceFlags: TraceFlags.SAMPLED,
    isRemote: true,
  };
}

/** A span as the W3C's header names it. */
export function toTraceparent({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`;
}
