import type { Pool } from "pg";
import type {
  Audit,
  AuditOutcome,
  ExternalStore,
  Finding,
  LedgerCheck,
  Verdict,
  Watermark,
} from "../../ledger/audits.ts";
import { type CheckPosition, planWalk, type Walk } from "../../ledger/walks.ts";
import { accounts, entries, guards } from "./accounts.ts";
import { operations } from "./operations.ts";
import type { Check } from "./pieces.ts";
import { overdue, recognitions, reservations } from "./reservations.ts";
import { months, outbox, revenue } from "./revenue.ts";

export const CHECKS: Readonly<Record<LedgerCheck, Check>> = {
  guards,
  accounts,
  entries,
  operations,
  reservations,
  recognitions,
  revenue,
  months,
  overdue,
  unpublished: outbox,
};

/**
 * Returns the start position of a check.
 *
 * For a check in block order it also returns the walk, from which the next audit continues if this one is clean.
 */
export async function beginCheck(
  pool: Pool,
  name: LedgerCheck,
): Promise<{ position: CheckPosition; walk: Walk | null }> {
  const check = CHECKS[name];
  if (!("table" in check)) return { position: check.start, walk: null };
  const { rows } = await pool.query<{ blocks: number; before: Walk | null }>(
    `select (pg_relation_size($1::regclass) / current_setting('block_size')::int)::int as blocks,
       (select walks -> $2 from audits where verdict = 'clean' order by finished_at desc limit 1) as before`,
    [check.table, name],
  );
  const { ranges, walk } = planWalk(rows[0]!.blocks, rows[0]!.before ?? undefined);
  return { position: ranges, walk };
}

/** Stores an audit. Idempotent by its id. */
export async function storeAudit(pool: Pool, audit: AuditOutcome): Promise<void> {
  await pool.query(
    `insert into audits (id, workflow_id, started_at, verdict, checked, not_checked, findings, findings_total, watermark, walks)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     on conflict do nothing`,
    [
      audit.auditId,
      audit.workflowId,
      audit.startedAt,
      audit.verdict,
      JSON.stringify(audit.checked),
      audit.notChecked,
      JSON.stringify(audit.findings),
      audit.findingsTotal,
      audit.watermark && JSON.stringify(audit.watermark),
      JSON.stringify(audit.walks),
    ],
  );
}

/** Reads the audit that finished last. Undefined before the first. */
export async function readLatestAudit(pool: Pool): Promise<Audit | undefined> {
  const { rows } = await pool.query<AuditRow>("select * from audits order by finished_at desc limit 1");
  return rows[0] && toAudit(rows[0]);
}

/** Reads a finished audit by its id. */
export async function findAudit(pool: Pool, auditId: string): Promise<Audit | undefined> {
  const { rows } = await pool.query<AuditRow>("select * from audits where id = $1", [auditId]);
  return rows[0] && toAudit(rows[0]);
}

/**
 * Reads the watermark of the last clean audit.
 * Undefined where no audit was clean, or where no event is recorded as seen: then the topic is another.
 */
export async function readWatermark(pool: Pool): Promise<Watermark | undefined> {
  const { rows } = await pool.query<{ watermark: Watermark }>(
    `select watermark from audits where verdict = 'clean' and exists (select from events_seen)
     order by finished_at desc limit 1`,
  );
  return rows[0]?.watermark;
}

type AuditRow = {
  id: string;
  workflow_id: string;
  started_at: Date;
  finished_at: Date;
  verdict: Verdict;
  checked: Record<string, number>;
  not_checked: ExternalStore[];
  findings: Finding[];
  findings_total: bigint;
  watermark: Watermark | null;
};

function toAudit(row: AuditRow): Audit {
  return {
    auditId: row.id,
    workflowId: row.workflow_id,
    startedAt: row.started_at.toISOString(),
    finishedAt: row.finished_at.toISOString(),
    verdict: row.verdict,
    checked: row.checked,
    notChecked: row.not_checked,
    findings: row.findings,
    findingsTotal: Number(row.findings_total),
    watermark: row.watermark,
  };
}
