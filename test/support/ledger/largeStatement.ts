import type { TestLedger } from "./testLedger.ts";

/** Time of the first entry; three entries share each second. */
const BEGAN_AT = Date.UTC(2026, 0, 1);

/** The time of the entry with this version. */
export function timeOf(version: number): Date {
  return new Date(BEGAN_AT + Math.floor(version / 3) * 1_000);
}

/** Users with `size` entries each. */
export type Accounts = { userIds: string[]; size: number };

/**
 * SQL of an entry's columns, by its version.
 *
 * There are many entries of each kind and service except the rare ones; an order has eight.
 */
const ENTRY = `
  case when version % rarely = 0 then 'refund'
       else (array['deposit', 'withdrawal', 'transfer', 'reservation', 'recognition'])[1 + version % 5] end as kind,
  1 + version * 7919 % 100000 as amount_minor,
  case when version % rarely = 0 then 'rare' when version % 5 >= 3 then 'service-' || version % 2 end as service_id,
  case when version % rarely = 0 or version % 5 >= 3 then 'order-' || version / 20 end as order_id`;

/**
 * Fills a fresh ledger faster than posting could.
 *
 * Foreign keys and the write-ahead log of entries are dropped, and indexes are created after the rows.
 */
export async function fillAccounts({ rows }: Pick<TestLedger, "rows">, accounts: Accounts[]): Promise<void> {
  const indexes = await rows<{ name: string; definition: string }>(
    "select indexname as name, indexdef as definition from pg_indexes where indexname like 'entries_by_%'",
  );
  for (const { name } of indexes) await rows(`drop index ${name}`);
  await rows("alter table entries drop constraint entries_user_id_fkey, drop constraint entries_operation_id_fkey");
  await rows("alter table entries set unlogged");

  let entriesBefore = 0;
  for (const { userIds, size } of accounts) {
    await rows("insert into accounts (user_id, version, last_entry_at) select unnest($1::text[]), $2, $3", [
      userIds,
      size,
      timeOf(size),
    ]);
    const made = `
      from unnest($1::text[]) with ordinality as owners (user_id, place)
      cross join generate_series(1, $2::bigint) as version
      cross join lpad(to_hex($3::bigint + (place - 1) * $2 + version), 32, '0') as operation_id`;
    await rows(
      `insert into operations (id, by, workflow_id, kind, request, status, created_at, completed_at, user_id, version)
       select operation_id::uuid, 'operator', 'carrier', 'deposit', '{"comment": "Many"}', 'completed', now(), now(), user_id, version ${made}`,
      [userIds, size, entriesBefore],
    );
    await rows(
      `insert into entries (user_id, version, operation_id, kind, amount_minor, service_id, order_id, created_at,
         available_delta_minor, reserved_delta_minor, available_after_minor, reserved_after_minor, month)
       select user_id, version, operation_id::uuid, ${ENTRY}, $4::timestamptz + version / 3 * interval '1 s', 0, 0, 0, 0,
         date '2026-01-01'
       ${made} cross join greatest($2 / 60, 7) as rarely`,
      [userIds, size, entriesBefore, timeOf(0)],
    );
    entriesBefore += userIds.length * size;
  }
  for (const { definition } of indexes) await rows(definition);
  await rows("vacuum analyze accounts, operations, entries");
}
