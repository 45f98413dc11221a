import type { Histogram } from "prom-client";
import type { Decided } from "../../ledger/decide.ts";
import type { Operation } from "../../ledger/operations.ts";
import type { StoredEntry } from "../../ledger/records.ts";
import type { Instruments } from "./instruments.ts";

/** Counts what was decided for the first time: a carrier that posts again is answered from what is stored, and counts nothing. */
export function countDecided({ operations }: Instruments, decided: readonly Decided[]): void {
  for (const { operation, decline } of decided) {
    operations.inc({ kind: operation.kind, outcome: decline?.code ?? "completed" });
  }
}

/** The methods of HTTP that a client may call anything it likes are counted as one. */
const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** Counts and times answered requests: by the template of their route, those that reached none as `unmatched`. */
export function createOnAnswered({ requests }: Instruments) {
  return (method: string, route: string | undefined, status: number, seconds: number): void => {
    requests.observe(
      { method: METHODS.has(method) ? method : "other", route: route ?? "unmatched", status: String(status) },
      seconds,
    );
  };
}

/** `work`, each run of which is timed, as `ok` or as `error`. */
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

/** `post`, timed, with the size of each posting. */
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
 * `publish`, timed, with its events counted and their delay measured: once for each publication, by its oldest entry, since those of a
 * carrier are of one moment.
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
    // The two clocks are different machines' as a rule: a negative delay would be none of anyone's.
    if (entries.length > 0) eventDelay.observe(Math.max(0, Date.now() - oldestAtMs) / 1000);
  };
}
