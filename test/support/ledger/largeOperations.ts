import type { TestLedger } from "./testLedger.ts";

/** The operations of one posting, which have one time. */
export const PER_POSTING = 25;

/** The time of the operation with this number. */
export function timeOf(number: number): Date {
  return new Date(Date.UTC(2026, 0, 1) + Math.floor(number / PER_POSTING) * 1_000);
}

/**
 * Fills a fresh ledger with operations of one user, faster than posting could.
 *
 * Each of them matches every filter that leads a search: all are of the order "order", the service "service", and so
 * on. Every twentieth is declined, and every thirtieth of these is a transfer to the user. Without foreign keys.
 */
export async function fillOperations({ rows }: Pick<TestLedger, "rows">, count: number): Promise<void> {
  await rows("alter table entries drop constraint entries_user_id_fkey, drop constraint entries_operation_id_fkey");
  await rows(
    `insert into operations (id, caller, idempotency_key, workflow_id, kind, request, status, decline_code, created_at,
       completed_at, ordinal, user_id, version, counterparty_user_id, reservation_id, service_id, order_id, reference)
     select id, 'filled', number::text, 'workflow', kind, '{}', case when is_declined then 'declined' else 'completed' end,
       case when is_declined then 'insufficient_funds' end, at, at, number,
       case kind when 'transfer' then 'another' else 'user' end, case when not is_declined then number - number / 20 end,
       case kind when 'transfer' then 'user' end, '00000000-0000-8000-8000-000000000000', 'service', 'order', 'reference'
     from generate_series(1, $1::int) as number
     cross join lateral (
       select md5('o' || number)::uuid as id, number % 20 = 0 as is_declined,
         case when number % 600 = 0 then 'transfer' else 'recognition' end as kind,
         $2::timestamptz + number / ${PER_POSTING} * interval '1 s' as at
     ) as made`,
    [count, timeOf(0)],
  );
  await rows(
    `insert into entries (user_id, version, operation_id, kind, amount_minor, available_delta_minor, reserved_delta_minor,
       available_after_minor, reserved_after_minor, created_at, month)
     select user_id, version, id, kind, 1, 0, 0, 0, 0, completed_at, date '2026-01-01' from operations where version is not null`,
  );
  await rows(
    "insert into accounts (user_id, version, last_entry_at) select 'user', max(version), max(created_at) from entries",
  );
  // Other users and other values, so that a filter selects a part.
  await rows("insert into accounts (user_id) select 'user-' || number from generate_series(1, $1::int) as number", [
    count,
  ]);
  await rows(
    `insert into operations (id, caller, idempotency_key, workflow_id, kind, request, status, decline_code, created_at,
       completed_at, ordinal, user_id, service_id, order_id, reference, reservation_id)
     select md5('p' || number)::uuid, 'filled', 'p' || number, 'workflow-' || number, 'recognition', '{}', 'declined',
       'insufficient_funds', now(), now(), $1::int + number, 'user-' || number, 'service-' || number % 9,
       'order-' || number / 4, 'reference-' || number, md5('r' || number / 3)::uuid
     from generate_series(1, $1::int) as number`,
    [count],
  );
  await rows("vacuum analyze accounts, operations, entries");
}
