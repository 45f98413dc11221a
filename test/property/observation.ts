import type { Pool } from "pg";
import { isDeclined, remaining, type World } from "./world.ts";

/** The ledger's state, one line per fact, and the time of each posting. */
export type Observation = { lines: string[]; postedAtMs: Map<string, number> };

const MILLISECONDS = (column: string) => `(extract(epoch from ${column}) * 1000)::bigint`;

const FACTS = `
  select concat_ws(' ', 'account', user_id, available_minor, reserved_minor, 'v' || version) as line
  from accounts where version > 0
  union all
  select concat_ws(' ', 'entry', user_id || '/' || version, operation_id, kind, amount_minor,
    'moves', available_delta_minor, reserved_delta_minor, 'leaves', available_after_minor, reserved_after_minor,
    'with', coalesce(counterparty_user_id, '-'),
    'about', coalesce(reservation_id::text, '-'), coalesce(service_id, '-'), coalesce(order_id, '-'))
  from entries
  union all
  select concat_ws(' ', 'reservation', id, user_id, service_id, order_id, amount_minor, recognized_minor, released_minor,
    expired_minor, remaining_minor, refunded_minor, 'due', ${MILLISECONDS("expires_at")}, 'watched by', saga_workflow_id)
  from reservations
  union all
  select concat_ws(' ', 'recognition', id, reservation_id, user_id, service_id, order_id, amount_minor, refunded_minor)
  from recognitions
  union all
  select concat_ws(' ', 'revenue', service_id, sum(amount_minor)) from revenue group by service_id
  union all
  select concat_ws(' ', 'operation', id, kind, coalesce('declined ' || decline_code, status),
    (select string_agg(one::text, ' ' order by one) from unnest(decline_reservation_ids) as one),
    'about', coalesce(reservation_id::text, '-'), 'of', coalesce(user_id, '-'), coalesce(counterparty_user_id, '-'),
    coalesce(service_id, '-'), coalesce(order_id, '-'), 'texts', coalesce(reference, '-'),
    coalesce((request -> 'metadata')::text, '-'), 'until', coalesce(${MILLISECONDS("expires_at")}::text, '-'), 'by', workflow_id)
  from operations`;

const MISSING_IN_OUTBOX = `
  select concat_ws(' ', 'no event is noted for', operation_id) as line from entries
  where operation_id not in (select unnest(operation_ids) from outbox)`;

/**
 * Reads a snapshot of the ledger.
 *
 * No publisher runs, so every entry must be in the outbox.
 */
export async function observe(database: Pool): Promise<Observation> {
  const { rows } = await database.query<{ lines: string[] | null; posted: Record<string, number> | null }>(`
    select (select array_agg(line) from (${FACTS} union all ${MISSING_IN_OUTBOX}) as facts) as lines,
      (select json_object_agg(id, ${MILLISECONDS("completed_at")}) from operations) as posted`);
  const { lines, posted } = rows[0]!;
  return { lines: lines ?? [], postedAtMs: new Map(Object.entries(posted ?? {})) };
}

/** The expected lines of the ledger's state. */
export function describeWorld({ accounts, held, recognized, revenue, recorded, entries }: World): string[] {
  return [
    ...[...accounts].map(([id, one]) => `account ${id} ${one.available} ${one.reserved} v${one.version}`),
    ...entries,
    ...[...held.values()].map((one) =>
      [
        `reservation ${one.id} ${one.userId} ${one.serviceId} ${one.orderId}`,
        `${one.amount} ${one.recognized} ${one.released} ${one.expired} ${remaining(one)} ${one.refunded}`,
        `due ${one.dueMs} watched by ${one.carrier}`,
      ].join(" "),
    ),
    ...[...recognized].map(
      ([id, one]) =>
        `recognition ${id} ${one.of} ${one.userId} ${one.serviceId} ${one.orderId} ${one.amount} ${one.refunded}`,
    ),
    ...[...revenue].map(([serviceId, sum]) => `revenue ${serviceId} ${sum}`),
    ...[...recorded].map(([id, { operation, answer, reservationId, subject, due, carrier }]) => {
      const status = isDeclined(answer) ? answer : answer.split(" ")[0];
      const { reference = "-", metadata } = operation.fields;
      return [
        `operation ${id} ${operation.kind} ${status} about ${reservationId} of ${subject}`,
        `texts ${reference} ${metadata ? JSON.stringify(metadata) : "-"} until ${due} by ${carrier}`,
      ].join(" ");
    }),
  ];
}

/** Lines that only one side has; empty where both are equal. */
export function compare(expected: string[], observed: string[]): string[] {
  const [should, does] = [new Set(expected), new Set(observed)];
  return [
    ...expected.filter((line) => !does.has(line)).map((line) => `expected  ${line}`),
    ...observed.filter((line) => !should.has(line)).map((line) => `found     ${line}`),
  ];
}
