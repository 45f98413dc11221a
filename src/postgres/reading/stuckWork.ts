import type { Pool } from "pg";
import { readLatestAudit } from "../audit/audits.ts";
import { onPool } from "../pools.ts";
import { readBacklog } from "./backlog.ts";

/** Counting stops here, as in `readBacklog`. */
const COUNT_MAX = 10_000;

/** A carrier with events in the outbox. */
export type OutboxCarrier = { workflowId: string; operations: number; ageSeconds: number };

/** An open reservation past its deadline. */
export type OverdueReservation = {
  reservationId: string;
  userId: string;
  orderId: string;
  sagaWorkflowId: string;
  remainingMinor: bigint;
  overdueSeconds: number;
};

/** Lists carriers with events in the outbox, the oldest first. */
async function listOutboxCarriers(pool: Pool, limit: number): Promise<OutboxCarrier[]> {
  const { rows } = await pool.query<{ workflow_id: string; operations: bigint; age: number }>({
    name: "list-outbox-carriers",
    text: `
      select workflow_id, sum(cardinality(operation_ids)) as operations,
             extract(epoch from greatest(clock_timestamp() - min(created_at), interval '0'))::float8 as age
      from (select * from outbox order by created_at limit $1) as waiting
      group by workflow_id order by min(created_at) limit $2`,
    values: [COUNT_MAX, limit],
  });
  return rows.map((row) => ({
    workflowId: row.workflow_id,
    operations: Number(row.operations),
    ageSeconds: row.age,
  }));
}

/** Counts carriers with rows in the outbox of at least each of these ages. */
async function countOutboxByAge(pool: Pool, agesSeconds: readonly number[]): Promise<number[]> {
  const { rows } = await pool.query<{ carriers: bigint }>({
    name: "count-outbox-by-age",
    text: `
      select count(distinct workflow_id) as carriers
      from unnest($1::int[]) with ordinality as ages (seconds, place)
      left join (select * from outbox order by created_at limit $2) as waiting
        on waiting.created_at <= clock_timestamp() - make_interval(secs => ages.seconds)
      group by place order by place`,
    values: [agesSeconds, COUNT_MAX],
  });
  return rows.map(({ carriers }) => Number(carriers));
}

/** Lists open reservations past their deadline by at least `graceSeconds`, the earliest first. */
async function listOverdue(pool: Pool, graceSeconds: number, limit: number): Promise<OverdueReservation[]> {
  const { rows } = await pool.query({
    name: "list-overdue",
    text: `
      select id, user_id, order_id, saga_workflow_id, remaining_minor,
             extract(epoch from now() - expires_at)::float8 as overdue
      from reservations
      where remaining_minor > 0 and expires_at <= now() - make_interval(secs => $1)
      order by expires_at limit $2`,
    values: [graceSeconds, limit],
  });
  return rows.map((row) => ({
    reservationId: row.id,
    userId: row.user_id,
    orderId: row.order_id,
    sagaWorkflowId: row.saga_workflow_id,
    remainingMinor: row.remaining_minor,
    overdueSeconds: row.overdue,
  }));
}

export type StuckWorkStore = ReturnType<typeof createStuckWorkStore>;

/** The reads of the status command. */
export function createStuckWorkStore(pool: Pool) {
  return onPool(pool, { readBacklog, readLatestAudit, listOutboxCarriers, countOutboxByAge, listOverdue });
}
