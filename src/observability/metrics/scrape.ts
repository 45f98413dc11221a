import type { Registry } from "prom-client";
import { VERDICTS, type Verdict } from "../../ledger/audits.ts";
import { withTimeout } from "../../lib/timeout.ts";
import type { Instruments } from "./instruments.ts";

/** Well below a scraper's timeout of 10 s. */
const SOURCE_TIMEOUT_MS = 1_000;

/** Work that is pending in the ledger. */
export type Backlog = {
  outboxCarriers: number;
  outboxAgeSeconds: number;
  overdueReservations: number;
  overdueAgeSeconds: number;
  /** The last audit; null before the first has ended. */
  audit: { verdict: Verdict; findings: number; ageSeconds: number } | null;
};

/** The connections of one pool. */
export type PoolUse = { pool: string; total: number; idle: number; waiting: number };

/** Sources of the metrics that are read at a scrape, not counted as they change. */
export type Sources = {
  /** One fast query. */
  readBacklog(): Promise<Backlog>;
  poolUse(): PoolUse[];
  /** Absent in a process without an API. */
  dispatchLoad?:
    | (() => { queuedOperations: number; oldestQueuedAgeMs: number; uncommittedCarriers: number })
    | undefined;
  /** The metrics of Temporal's SDK, in the same format. */
  readTemporal(): Promise<string>;
};

/**
 * Creates the function that renders one scrape in Prometheus' text format.
 * Nothing is polled between scrapes. It never fails: a source without a result within a second is left out.
 * `saldo_ledger_up` is 0 while the ledger is unreachable.
 */
export function createScrape(registry: Registry, instruments: Instruments, sources: Sources): () => Promise<string> {
  return async () => {
    const [temporal] = await Promise.all([
      withTimeout("Temporal's metrics", SOURCE_TIMEOUT_MS, sources.readTemporal()).catch(() => ""),
      measureBacklog(instruments, sources),
    ]);
    measureLoad(instruments, sources);
    measureProcess(instruments);
    return `${await registry.metrics()}${temporal}`;
  };
}

async function measureBacklog(instruments: Instruments, { readBacklog }: Sources): Promise<void> {
  const { ledgerUp, outboxCarriers, outboxAge, overdueReservations, overdueAge } = instruments;
  const { auditVerdict, auditFindings, auditAge } = instruments;
  const backlog = await withTimeout("The ledger", SOURCE_TIMEOUT_MS, readBacklog()).catch(() => undefined);
  ledgerUp.set(backlog ? 1 : 0);
  // No value is better than a stale one.
  for (const gauge of [outboxCarriers, outboxAge, overdueReservations, overdueAge]) gauge.remove();
  for (const gauge of [auditFindings, auditAge]) gauge.remove();
  auditVerdict.reset();
  if (backlog) {
    outboxCarriers.set(backlog.outboxCarriers);
    outboxAge.set(backlog.outboxAgeSeconds);
    overdueReservations.set(backlog.overdueReservations);
    overdueAge.set(backlog.overdueAgeSeconds);
  }
  if (backlog) {
    for (const verdict of VERDICTS) auditVerdict.set({ verdict }, Number(verdict === backlog.audit?.verdict));
  }
  if (backlog?.audit) {
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
