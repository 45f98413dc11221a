import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import { DECLINE_CODES, KINDS } from "../../ledger/operations.ts";

/** From the few milliseconds of a single request to the longest `Prefer: wait`. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** An event that an outage of Kafka delayed follows after minutes or hours. */
const DELAY_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60, 600, 3600];
const OPERATIONS = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000];

export type Instruments = ReturnType<typeof createInstruments>;

/**
 * All metrics of Saldo, in one place; a test compares them with docs/reference/metrics.md.
 * Labels come from closed lists (route templates, kinds, codes), never from requests, so that the number of series is
 * bounded.
 */
export function createInstruments(registry: Registry) {
  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[] = []) =>
    new Counter({ name, help, labelNames, registers });
  const gauge = <Label extends string>(name: string, help: string, labelNames: Label[] = []) =>
    new Gauge({ name, help, labelNames, registers });
  const histogram = <Label extends string>(name: string, help: string, buckets: number[], labelNames: Label[] = []) =>
    new Histogram({ name, help, buckets, labelNames, registers });

  const instruments = {
    responses: counter("saldo_http_responses_total", "Responses to HTTP requests.", ["method", "route", "status"]),
    requests: histogram("saldo_http_request_duration_seconds", "Duration of HTTP requests.", SECONDS, [
      "method",
      "route",
      "status",
    ]),
    operations: counter("saldo_operations_total", "Operations decided and committed.", ["kind", "outcome"]),
    carrierOperations: histogram("saldo_carrier_operations", "Operations of each carrier.", OPERATIONS),
    postOperations: histogram(
      "saldo_post_operations",
      "Operations of each posting, which is one transaction.",
      OPERATIONS,
    ),
    queuedOperations: gauge("saldo_queued_operations", "Operations that wait for a carrier."),
    queueAge: gauge("saldo_queue_oldest_age_seconds", "Age of the oldest operation that waits for a carrier."),
    uncommittedCarriers: gauge("saldo_uncommitted_carriers", "Started carriers whose commit is not confirmed yet."),
    posts: histogram("saldo_post_duration_seconds", "Time to post a list of operations, commit included.", SECONDS, [
      "result",
    ]),
    publications: histogram("saldo_publish_duration_seconds", "Time until Kafka acknowledged a publication.", SECONDS, [
      "result",
    ]),
    events: counter("saldo_events_published_total", "Events acknowledged by Kafka."),
    eventDelay: histogram(
      "saldo_event_delay_seconds",
      "Time from the ledger's decision to Kafka's acknowledgement, once for each publication.",
      DELAY_SECONDS,
    ),
    cacheReads: counter("saldo_cache_reads_total", "Balances read from the cache.", ["result"]),
    cacheWrites: counter("saldo_cache_writes_total", "Writes of one or many balances to the cache.", ["result"]),
    ledgerUp: gauge("saldo_ledger_up", "Whether the ledger answered this scrape."),
    outboxCarriers: gauge("saldo_unpublished_carriers", "Carriers with events to publish; 10000 at most."),
    outboxAge: gauge("saldo_unpublished_oldest_age_seconds", "Age of the oldest event that is not published."),
    overdueReservations: gauge("saldo_overdue_reservations", "Open reservations past their deadline; 10000 at most."),
    overdueAge: gauge("saldo_overdue_reservations_oldest_age_seconds", "Time since the earliest deadline passed."),
    auditVerdict: gauge("saldo_audit_verdict", "1 for the verdict of the last audit.", ["verdict"]),
    auditFindings: gauge("saldo_audit_findings", "Findings of the last audit."),
    auditAge: gauge("saldo_audit_age_seconds", "Time since the last audit ended."),
    connections: gauge("saldo_pg_pool_connections", "Connections to PostgreSQL.", ["pool", "state"]),
    connectionsAwaited: gauge("saldo_pg_pool_waiting_requests", "Requests that wait for a connection to PostgreSQL.", [
      "pool",
    ]),
    info: gauge("saldo_info", "This process.", ["role", "version"]),
    cpu: counter("process_cpu_seconds_total", "User and system CPU time spent."),
    memory: gauge("process_resident_memory_bytes", "Resident memory."),
    startTime: gauge("process_start_time_seconds", "When the process started, in seconds since 1970."),
  };
  startAtZero(instruments);
  return instruments;
}

/** The closed lists of the label `result`. */
const RESULTS = {
  work: ["ok", "error"],
  cacheRead: ["hit", "miss", "error"],
  cacheWrite: ["ok", "error", "skipped"],
} as const;

/**
 * Creates each series of a closed list at 0. Prometheus' `increase()` misses the first event of a series that begins
 * with it. Series of responses follow with the routes: `startResponsesAtZero`.
 */
function startAtZero({ operations, posts, publications, cacheReads, cacheWrites }: Series): void {
  for (const kind of KINDS) {
    for (const outcome of ["completed", ...DECLINE_CODES]) operations.inc({ kind, outcome }, 0);
  }
  for (const result of RESULTS.work) for (const durations of [posts, publications]) durations.zero({ result });
  for (const result of RESULTS.cacheRead) cacheReads.inc({ result }, 0);
  for (const result of RESULTS.cacheWrite) cacheWrites.inc({ result }, 0);
}

type Series = {
  operations: Counter<"kind" | "outcome">;
  posts: Histogram<"result">;
  publications: Histogram<"result">;
  cacheReads: Counter<"result">;
  cacheWrites: Counter<"result">;
};
