import { formatCount, formatSpan } from "./format.ts";
import { type History, increaseOf, sumOf } from "./metrics.ts";
import { T } from "./texts.ts";

/** The bounds of the alerts in docs/operating/monitor.md. */
const WAITING_SECONDS_MAX = 120;
const AUDIT_SECONDS_MAX = 7_200;
const UNCOMMITTED_MAX = 16;
const HELD_MS = 60_000;

export type Parts = Record<string, "up" | "down">;

/** The state of the service as its metrics and its readiness show it. */
export type Watched = {
  /** Rates and quantiles of the last minutes. It is kept while other views are open. */
  history: History;
  parts: Parts | undefined;
  isStopping: boolean;
};

type Filter = (labels: Record<string, string>) => boolean;

/** Sentences about all that needs a look, the most urgent first. None where all is well. */
export function warningsOf(health: Watched): string[] {
  const { history, isStopping } = health;
  const { latest } = history;
  if (!latest) return [];
  const value = (name: string, filter?: Filter) => sumOf(latest, name, filter) ?? 0;
  const increase = (name: string, filter: Filter) =>
    history.spans().reduce((sum, span) => sum + increaseOf(span, name, filter), 0);
  const hasVerdict = (verdict: string) => value("saldo_audit_verdict", (labels) => labels.verdict === verdict) === 1;

  const failed = increase("saldo_http_request_duration_seconds_count", isServerError);
  const outboxAge = value("saldo_unpublished_oldest_age_seconds");
  const overdueAge = value("saldo_overdue_reservations_oldest_age_seconds");
  const uncommitted = history.heldFor(HELD_MS, "saldo_uncommitted_carriers");
  const writes = (result: string) => increase("saldo_cache_writes_total", (labels) => labels.result === result);
  const upSeconds = latest.atMs / 1_000 - value("process_start_time_seconds");
  const isNeverAudited =
    value("saldo_ledger_up") === 1 &&
    sumOf(latest, "saldo_audit_age_seconds") === undefined &&
    upSeconds > AUDIT_SECONDS_MAX;
  const downParts = Object.entries(partStatesOf(health)).filter(([, state]) => state === "down");

  const texts = T.health.warnings;
  const checks: [isRaised: boolean, text: string][] = [
    [hasVerdict("broken"), texts.broken],
    [increase("saldo_operations_total", (labels) => labels.outcome === "refused_by_ledger") > 0, texts.refused],
    ...downParts.map(([part]) => [true, texts.down(T.health.parts[part] ?? part)] as [boolean, string]),
    [outboxAge > WAITING_SECONDS_MAX, texts.outbox(formatSpan(outboxAge * 1_000))],
    [overdueAge > WAITING_SECONDS_MAX, texts.overdue(formatSpan(overdueAge * 1_000))],
    [uncommitted > UNCOMMITTED_MAX, texts.uncommitted(formatCount(uncommitted))],
    [history.heldFor(HELD_MS, "saldo_pg_pool_waiting_requests") > 0, texts.pool],
    [increase("saldo_cache_reads_total", (labels) => labels.result === "error") > 0, texts.cacheReads],
    [writes("error") > 0 && writes("ok") === 0, texts.cacheWrites],
    [value("saldo_audit_age_seconds") > AUDIT_SECONDS_MAX, texts.oldAudit],
    [isNeverAudited, texts.neverAudited],
    [hasVerdict("incomplete"), texts.incomplete],
    [failed > 0, texts.failed(Math.round(failed))],
    [isStopping, texts.stopping],
  ];
  return checks.filter(([isRaised]) => isRaised).map(([, text]) => text);
}

/** The state of each part. A scrape may have found the ledger away when the probe had not. */
export function partStatesOf({ history, parts }: Watched): Parts {
  const isLedgerAway = history.latest && sumOf(history.latest, "saldo_ledger_up") === 0;
  return { ...parts, ...(isLedgerAway && { postgres: "down" }) };
}

/** The probe of a stopping process is no error. */
function isServerError({ status = "", route }: Record<string, string>): boolean {
  return status.startsWith("5") && route !== "/readyz";
}
