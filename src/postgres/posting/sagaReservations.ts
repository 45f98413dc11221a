import type { Pool } from "pg";
import type { DueReservation, SagaReservations, Settlement } from "../../ledger/records.ts";
import { bareArray } from "../arrays.ts";

const SELECT_DUE = `
  select id, user_id, extract(epoch from now() - expires_at)::float8 * 1000 as overdue_ms
  from reservations
  where remaining_minor > 0 and id <> all ($1::uuid[])`;

/**
 * Finds open reservations past their deadline by at least `graceSeconds`, the earliest first.
 * `now()` is stable within a statement, so the deadline bounds the scan of the index `reservations_open_by_deadline`.
 * The decision is made again under the locks.
 */
export async function findOverdue(
  pool: Pool,
  graceSeconds: number,
  exceptIds: string[],
  limit: number,
): Promise<DueReservation[]> {
  const { rows } = await pool.query<DueRow>({
    name: "find-overdue",
    text: `${SELECT_DUE} and expires_at <= now() - make_interval(secs => $2) order by expires_at limit $3`,
    values: [bareArray(exceptIds), graceSeconds, limit],
  });
  return rows.map(toDue);
}

/**
 * Finds at most `limit` open reservations of the saga that are due, the earliest first.
 * Skips those in `exceptIds`. Uses the index `reservations_open_by_saga`.
 */
export async function findDue(
  pool: Pool,
  sagaWorkflowId: string,
  exceptIds: string[],
  limit: number,
): Promise<DueReservation[]> {
  const { rows } = await pool.query<DueRow>({
    name: "find-due",
    text: `${SELECT_DUE} and expires_at <= now() and saga_workflow_id = $2 order by expires_at limit $3`,
    values: [bareArray(exceptIds), sagaWorkflowId, limit],
  });
  return rows.map(toDue);
}

type DueRow = { id: string; user_id: string; overdue_ms: number };

function toDue(row: DueRow): DueReservation {
  return { reservationId: row.id, userId: row.user_id, overdueMs: row.overdue_ms };
}

/** The most settlements that a saga shows. */
const SETTLEMENTS_MAX = 5;

/**
 * Sums a saga's reservations in one statement. Once none is open, it also returns the last settlements.
 * Those in `refusedIds` could not be expired. They are counted, and left out of the next deadline.
 */
export async function readSagaReservations(
  pool: Pool,
  sagaWorkflowId: string,
  refusedIds: string[],
): Promise<SagaReservations> {
  const { rows } = await pool.query({
    name: "read-saga-reservations",
    text: `
      with sums as (
      select coalesce(sum(amount_minor), 0)::bigint as reserved,
             coalesce(sum(recognized_minor), 0)::bigint as recognized,
             coalesce(sum(released_minor), 0)::bigint as released,
             coalesce(sum(expired_minor), 0)::bigint as expired,
             coalesce(sum(remaining_minor), 0)::bigint as remaining,
             count(*) filter (where remaining_minor > 0)::int as open,
             min(id::text) filter (where remaining_minor > 0) as open_id,
             min(expires_at) filter (where remaining_minor > 0 and id <> all ($2::uuid[])) as next_deadline,
             count(*) filter (where remaining_minor > 0 and id = any ($2::uuid[]))::int as refused,
             min(id::text) filter (where remaining_minor > 0 and id = any ($2::uuid[])) as refused_id,
             clock_timestamp() as clock
      from reservations
      where saga_workflow_id = $1
      )
      select sums.*, settlements.list as settlements
      from sums left join lateral (
        select json_agg(json_build_object(
          'kind', kind, 'amountMinor', amount_minor::text, 'by', by, 'reason', reason, 'at', completed_at
        ) order by completed_at desc, ordinal desc) as list
        from (
          select operation.kind, entry.amount_minor, coalesce(operation.by, operation.caller) as by, operation.reason,
                 operation.completed_at, operation.ordinal
          from reservations as reservation
          join operations as operation on operation.reservation_id = reservation.id
          join entries as entry on entry.user_id = operation.user_id and entry.version = operation.version
          where sums.open = 0 and reservation.saga_workflow_id = $1
            and operation.kind in ('recognition', 'release', 'expiry')
          order by operation.completed_at desc, operation.ordinal desc
          limit $3
        ) as last
      ) as settlements on true`,
    values: [sagaWorkflowId, bareArray(refusedIds), SETTLEMENTS_MAX],
  });
  const [row] = rows;
  return {
    reservedMinor: row.reserved,
    recognizedMinor: row.recognized,
    releasedMinor: row.released,
    expiredMinor: row.expired,
    remainingMinor: row.remaining,
    openCount: row.open,
    openReservationId: row.open_id,
    nextDeadline: row.next_deadline,
    refusedCount: row.refused,
    refusedReservationId: row.refused_id,
    settlements: (row.settlements ?? []).map(toSettlement),
    clock: row.clock,
  };
}

type SettlementRow = Omit<Settlement, "amountMinor" | "at"> & { amountMinor: string; at: string };

function toSettlement({ amountMinor, at, ...row }: SettlementRow): Settlement {
  return { ...row, amountMinor: BigInt(amountMinor), at: new Date(at) };
}

/**
 * Returns those of the sagas that have to be signaled after a settlement.
 * A saga without an open reservation ends. A saga of a single reservation shows that one's state.
 */
export async function findSagasToSignal(pool: Pool, sagaWorkflowIds: string[]): Promise<string[]> {
  const { rows } = await pool.query<{ saga: string }>({
    name: "find-sagas-to-signal",
    text: `
      select saga from unnest($1::text[]) as changed (saga)
      where not exists (select from reservations where saga_workflow_id = saga and remaining_minor > 0)
         or not exists (select from reservations where saga_workflow_id = saga offset 1)`,
    values: [sagaWorkflowIds],
  });
  return rows.map(({ saga }) => saga);
}
