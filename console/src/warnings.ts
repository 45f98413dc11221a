import { formatSpan } from "./format.ts";
import type { Health, Parts } from "./healthPoll.ts";
import { increaseOf, sumOf } from "./metrics.ts";
import { T } from "./texts.ts";

/** The bounds of the alerts in docs/operating/monitor.md. */
const WAITING_SECONDS_MAX = 120;
const AUDIT_SECONDS_MAX = 7_200;

/** Sentences about all that needs a look, the most urgent first. None where all is well. */
export function warningsOf(health: Health): string[] {
  const { history, isStopping } = health;
  const { latest } = history;
  if (!latest) return [];
  const value = (name: string) => sumOf(latest, name) ?? 0;
  const failed = history
    .spans()
    .reduce((sum, span) => sum + increaseOf(span, "saldo_http_request_duration_seconds_count", isServerError), 0);
  const refused = history
    .spans()
    .reduce((sum, span) => sum + increaseOf(span, "saldo_operations_total", isRefusedByLedger), 0);
  const isBroken = sumOf(latest, "saldo_audit_verdict", ({ verdict }) => verdict === "broken") === 1;
  const outboxAge = value("saldo_unpublished_oldest_age_seconds");
  const overdueAge = value("saldo_overdue_reservations_oldest_age_seconds");
  const downParts = Object.entries(partStatesOf(health)).filter(([, state]) => state === "down");
  return [
    ...(isBroken ? [T.health.warnings.broken] : []),
    ...(refused > 0 ? [T.health.warnings.refused] : []),
    ...downParts.map(([part]) => T.health.warnings.down(T.health.parts[part] ?? part)),
    ...(outboxAge > WAITING_SECONDS_MAX ? [T.health.warnings.outbox(formatSpan(outboxAge * 1_000))] : []),
    ...(overdueAge > WAITING_SECONDS_MAX ? [T.health.warnings.overdue(formatSpan(overdueAge * 1_000))] : []),
    ...(value("saldo_audit_age_seconds") > AUDIT_SECONDS_MAX ? [T.health.warnings.oldAudit] : []),
    ...(failed > 0 ? [T.health.warnings.failed(Math.round(failed))] : []),
    ...(isStopping ? [T.health.warnings.stopping] : []),
  ];
}

/** The state of each part. A scrape may have found the ledger away when the probe had not. */
export function partStatesOf({ history, parts }: Health): Parts {
  const isLedgerAway = history.latest && sumOf(history.latest, "saldo_ledger_up") === 0;
  return { ...parts, ...(isLedgerAway && { postgres: "down" }) };
}

/** The probe of a stopping process is no error. */
function isServerError({ status = "", route }: Record<string, string>): boolean {
  return status.startsWith("5") && route !== "/readyz";
}

function isRefusedByLedger({ outcome }: Record<string, string>): boolean {
  return outcome === "refused_by_ledger";
}
