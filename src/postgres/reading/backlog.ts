import type { Pool } from "pg";
import type { Verdict } from "../../ledger/audits.ts";

/** Counting stops here: a usual backlog is far smaller, and a higher figure adds nothing. */
const COUNT_MAX = 10_000;

/**
 * Reads the backlog of the ledger: unpublished events, overdue expiries, and the last audit.
 * It has the number of carriers with outbox rows and of open reservations past their deadline, and the age of the
 * oldest of each. One statement along small indexes, so its cost does not grow with the ledger.
 */
export async function readBacklog(pool: Pool) {
  const { rows } = await pool.query<{
    outbox_carriers: bigint;
    outbox_age: number;
    overdue: bigint;
    overdue_age: number;
    verdict: Verdict | null;
    findings_total: bigint | null;
    audit_age: number | null;
  }>({
    name: "read-backlog",
    text: `
      select
        pending.count as outbox_carriers,
        coalesce(extract(epoch from greatest(clock.now - pending.oldest, interval '0')), 0)::float8 as outbox_age,
        overdue.count as overdue,
        coalesce(extract(epoch from clock.now - overdue.oldest), 0)::float8 as overdue_age,
        audit.verdict,
        audit.findings_total,
        extract(epoch from greatest(clock.now - audit.finished_at, interval '0'))::float8 as audit_age
      from (select clock_timestamp() as now) as clock
      cross join lateral (
        select count(distinct workflow_id), min(created_at) as oldest
        from (select workflow_id, created_at from outbox order by created_at limit $1) as waiting
      ) as pending
      cross join lateral (
        select count(*), min(expires_at) as oldest
        from (
          select expires_at from reservations
          where remaining_minor > 0 and expires_at <= clock.now
          order by expires_at
          limit $1
        ) as waiting
      ) as overdue
      left join lateral (
        select verdict, findings_total, finished_at from audits order by finished_at desc limit 1
      ) as audit on true`,
    values: [COUNT_MAX],
  });
  const [row] = rows;
  return {
    outboxCarriers: Number(row!.outbox_carriers),
    outboxAgeSeconds: row!.outbox_age,
    overdueReservations: Number(row!.overdue),
    overdueAgeSeconds: row!.overdue_age,
    audit: row!.verdict && {
      verdict: row!.verdict,
      findings: Number(row!.findings_total),
      ageSeconds: row!.audit_age!,
    },
  };
}
