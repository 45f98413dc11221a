import type { Histogram } from "prom-client";
import type { Decided } from "../../ledger/decide.ts";
import type { Operation } from "../../ledger/operations.ts";
import type { StoredEntry } from "../../ledger/records.ts";
import type { Instruments } from "./instruments.ts";

/** Counts first decisions only: a posting that runs again returns stored outcomes. */
export function countDecided({ operations }: Instruments, decided: readonly Decided[]): void {
  for (const { operation, decline } of decided) {
    operations.inc({ kind: operation.kind, outcome: decline?.code ?? "completed" });
  }
}

/** All other methods count as `other`, since a client can send any name. */
const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** Counts and times requests by their route's template, requests without a route as `unmatched`. */
export function createOnAnswered({ requests, responses }: Instruments) {
  return (method: string, route: string | undefined, status: number, seconds: number): void => {
    const labels = {
      method: METHODS.has(method) ? method : "other",
      route: route ?? "unmatched",
      status: String(status),
    };
    responses.inc(labels);
    requests.observe(labels, seconds);
  };
}

/** The statuses of requests that no route takes. */
const UNMATCHED_STATUSES = ["400", "404", "405"];

/** Creates the series of each route's documented statuses at 0. `increase()` then counts the first response. */
export function startResponsesAtZero(
  { responses }: Instruments,
  routes: readonly { method: string; path: string; hooks: { response?: unknown } }[],
): void {
  for (const { method, path, hooks } of routes) {
    for (const status of Object.keys(hooks.response ?? {})) responses.inc({ method, route: path, status }, 0);
  }
  for (const method of [...METHODS, "other"]) {
    for (const status of UNMATCHED_STATUSES) responses.inc({ method, route: "unmatched", status }, 0);
  }
}

/** Wraps `work` to record the duration of each run, as `ok` or `error`. */
function timed<Arguments extends unknown[], Result>(
  durations: Histogram<"result">,
  work: (...values: Arguments) => Promise<Result>,
): (...values: Arguments) => Promise<Result> {
  return async (...values) => {
    const startedAtMs = performance.now();
    let result = "error";
    try {
      const value = await work(...values);
      result = "ok";
      return value;
    } finally {
      durations.observe({ result }, (performance.now() - startedAtMs) / 1000);
    }
  };
}

/** Wraps `post` to record its duration and its number of operations. */
export function measuredPost<Result>(
  { posts, postOperations }: Instruments,
  post: (workflowId: string, operations: readonly Operation[], isAtomic?: boolean) => Promise<Result>,
) {
  const timedPost = timed(posts, post);
  return (workflowId: string, operations: readonly Operation[], isAtomic?: boolean): Promise<Result> => {
    postOperations.observe(operations.length);
    return timedPost(workflowId, operations, isAtomic);
  };
}

/**
 * Wraps `publish` to record its duration, the number of events and their delay.
 * The delay is recorded once per publication, from its oldest entry, because all entries of a carrier have the same
 * time.
 */
export function measuredPublish(
  { publications, events, eventDelay }: Instruments,
  publish: (entries: StoredEntry[]) => Promise<void>,
): (entries: StoredEntry[]) => Promise<void> {
  const timedPublish = timed(publications, publish);
  return async (entries) => {
    await timedPublish(entries);
    events.inc(entries.length);
    const oldestAtMs = Math.min(...entries.map(({ createdAt }) => createdAt.getTime()));
    // Clock skew between machines: clamp at 0.
    if (entries.length > 0) eventDelay.observe(Math.max(0, Date.now() - oldestAtMs) / 1000);
  };
}
