import { increaseOf, movesMoney, type Span, sumOf } from "./metrics.ts";

const REQUESTS = "saldo_http_request_duration_seconds_count";
const OPERATIONS = "saldo_operations_total";
/** Completed or accepted, or declined. */
const DECIDED = /^(2\d\d|422)$/;

/** Whether operations are decided in other processes, whose metrics have their outcomes. */
export function isApiAlone([, to]: Span): boolean {
  return sumOf(to, "saldo_info", ({ role }) => role === "api") === 1;
}

/**
 * The operations that were decided, and those of them that were declined.
 *
 * A process of the role `api` decides none. There the answers of its requests count, a batch as one.
 */
export function decidedIn(span: Span): { all: number; declined: number } {
  if (!isApiAlone(span)) {
    return {
      all: increaseOf(span, OPERATIONS),
      declined: increaseOf(span, OPERATIONS, ({ outcome }) => outcome !== "completed"),
    };
  }
  return {
    all: increaseOf(span, REQUESTS, (labels) => movesMoney(labels) && DECIDED.test(labels.status ?? "")),
    declined: increaseOf(span, REQUESTS, (labels) => movesMoney(labels) && labels.status === "422"),
  };
}
