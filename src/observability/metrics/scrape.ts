import type { Registry } from "prom-client";
import { VERDICTS, type Verdict } from "../../ledger/audits.ts";
import { withTimeout } from "../../lib/timeout.ts";
import type { Instruments } from "./instruments.ts";

/** Well below the ten seconds that a scraper gives. */
const SOURCE_LIMIT_MS = 1_000;

/** What waits in the ledger for someone to do it. */
export type Backlog = {
  unpublishedCarriers: number;
  unpublishedAgeSeconds: number;
  overdueReservations: number;
  overdueAgeSeconds: number;
  /** What the last audit said; null before the first has ended. */
  audit: { verdict: Verdict; findings: number; ageSeconds: number } | null;
};

/** The connections of one pool. */
export type PoolUse = { pool: string; total: number; idle: number; waiting: number };

/** Who is asked at a scrape for what nobody counts as it happens. */
export type Sources = {
  /** One quick query. */
  readBacklog(): Promise<Backlog>;
  poolUse(): PoolUse[];
  /** Absent in a process without an API. */
  dispatchLoad?:
    | (() => { queuedOperations: number; oldestQueuedAgeMs: number; uncommittedCarriers: number })
    | undefined;
  /** The metrics of Temporal's SDK, in the same form. */
  readTemporal(): Promise<string>;
};

/**
 * Returns what makes the answer to one scrape, in Prometheus' text form. Nothing is polled between scrapes. It never fails: what does not
 * answer within a second is left out, and the ledger's absence is told by `saldo_ledger_up`.
 */
export function createScrape(registry: Registry, instruments: Instruments, sources: Sources): () => Promise<string> {
  return async () => {
    const [temporal] = await Promise.all([
      withTimeout("Temporal's metrics", SOURCE_LIMIT_MS, sources.readTemporal()).catch(() => ""),
      measureBacklog(instruments, sources),
    ]);
    measureLoad(instruments, sources);
    measureProcess(instruments);
    return `${await registry.metrics()}${temporal}`;
  };
}

async function measureBacklog(instruments: Instruments, { readBacklog }: Sources): Promise<void> {
  const { ledgerUp, unpublishedCarriers, unpublishedAge, overdueReservations, overdueAge } = instruments;
  const { auditVerdict, auditFindings, auditAge } = instruments;
  const backlog = await withTimeout("The ledger", SOURCE_LIMIT_MS, readBacklog()).catch(() => undefined);
  ledgerUp.set(backlog ? 1 : 0);
  // Nothing is better than what was true some time ago.
  for (const gauge of [unpublishedCarriers, unpublishedAge, overdueReservations, overdueAge]) gauge.remove();
  for (const gauge of [auditFindings, auditAge]) gauge.remove();
  auditVerdict.reset();
  if (backlog) {
    unpublishedCarriers.set(backlog.unpublishedCarriers);
    unpublishedAge.set(backlog.unpublishedAgeSeconds);
    overdueReservations.set(backlog.overdueReservations);
    overdueAge.set(backlog.overdueAgeSeconds);
  }
  if (backlog?.audit) {
    for (const verdict of VERDICTS) auditVerdict.set({ verdict }, Number(verdict === backlog.audit.verdict));
    auditFindings.set(backlog.audit.findings);
    auditAge.set(backlog.audit.ageSeconds);
  }
}

function measureLoad(instruments: Instruments, { poolUse, dispatchLoad }: Sources): void {
  const { connections, connectionsAwaited, queuedOperations, queueAge, uncommittedCarriers } = instruments;
  for (const { pool, total, idle, waiting } of poolUse()) {
    connections.set({ pool, state: "idle" }, idle);
    connections.set({ pool, state: "busy" }, total - idle);
    connectionsAwaited.set({ pool }, waiting);
  }
  const load = dispatchLoad?.();
  if (!load) return;
  queuedOperations.set(load.queuedOperations);
  queueAge.set(load.oldestQueuedAgeMs / 1000);
  uncommittedCarriers.set(load.uncommittedCarriers);
}

function measureProcess({ cpu, memory, startTime }: Instruments): void {
  const { user, system } = process.cpuUsage();
  cpu.reset();
  cpu.inc((user + system) / 1_000_000);
  memory.set(process.memoryUsage.rss());
  startTime.set(Date.now() / 1000 - process.uptime());
}
