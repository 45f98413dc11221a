import type { PoolClient } from "pg";
import type { MonthOf } from "../../ledger/months.ts";
import type { Revenue } from "../../ledger/records.ts";
import type { RevenueLine } from "../../ledger/revenueReport.ts";
import { columnsOf } from "../arrays.ts";

/**
 * Takes the booking lock shared: postings book concurrently, and exclude the closing of a month.
 * Taken before the clock is read. Otherwise revenue could get a time in a month that is closed by the time it commits.
 */
export async function shareBooking(client: PoolClient): Promise<void> {
  await client.query({ name: "share-booking", text: "select pg_advisory_xact_lock_shared(hashtext('saldo:booking'))" });
}

/** Takes the booking lock exclusively: waits for running bookings, blocks new ones until the commit. */
export async function excludeBooking(client: PoolClient): Promise<void> {
  await client.query("select pg_advisory_xact_lock(hashtext('saldo:booking'))");
}

/**
 * Appends revenue rows: earnings of services, and refunds as negative amounts.
 * They go into `month`, which is the month of `at`, or into the first open month after it. The shared booking lock
 * keeps that month open until the commit.
 */
export async function insertRevenue(client: PoolClient, revenue: Revenue[], at: Date, month: string): Promise<void> {
  await client.query({
    name: "insert-revenue",
    text: `
      insert into revenue (operation_id, service_id, amount_minor, created_at, month)
      select booked.*, $1, open_month.first
      from unnest($3::uuid[], $4::text[], $5::bigint[]) as booked,
        (select min(month) as first
         from (select $2::date as month
               union all
               select (month + interval '1 month')::date from closed_months where month >= $2::date) as candidates
         where not exists (select from closed_months where closed_months.month = candidates.month)) as open_month`,
    values: [at, firstDay(month), ...columnsOf(revenue, "operationId", "serviceId", "amountMinor")],
  });
}

/**
 * Sums the month's revenue by service, one line each, under the service's present name.
 * A service without a name appears under its id. Ordered by name, then by id, bytewise.
 */
export async function readRevenueLines(client: PoolClient, month: string): Promise<RevenueLine[]> {
  const { rows } = await client.query<{ name: string; total_minor: string }>({
    name: "read-revenue-lines",
    text: `
      select coalesce(services.name, earned.service_id) as name, earned.total_minor
      from (select service_id, sum(amount_minor) as total_minor from revenue where month = $1 group by service_id) as earned
      left join services using (service_id)
      order by coalesce(services.name, earned.service_id) collate "C", earned.service_id`,
    values: [firstDay(month)],
  });
  return rows.map((row) => ({ name: row.name, totalMinor: BigInt(row.total_minor) }));
}

/**
 * Sums the month's revenue a second time, from entries: recognitions less refunds.
 * These are the entries that are booked into the month, and those of the month that are booked into none. The latter
 * are searched from a day before to a day after the month in UTC, since no time zone is further away.
 */
export async function sumUpEntries(client: PoolClient, month: string, monthOf: MonthOf): Promise<bigint> {
  const booked = await client.query<{ sum: string }>({
    name: "sum-up-booked-entries",
    text: `
      select coalesce(sum(case entries.kind when 'refund' then -entries.amount_minor else entries.amount_minor end), 0) as sum
      from revenue
      join operations on operations.id = revenue.operation_id
      join entries on entries.user_id = operations.user_id and entries.version = operations.version
      where revenue.month = $1 and entries.kind in ('recognition', 'refund')`,
    values: [firstDay(month)],
  });
  const unbooked = await client.query<{ created_at: Date; amount_minor: bigint }>({
    name: "read-unbooked-entries",
    text: `
      select created_at, case kind when 'refund' then -amount_minor else amount_minor end as amount_minor
      from entries
      where kind in ('recognition', 'refund')
        and created_at >= ($1::date - interval '1 day') at time zone 'UTC'
        and created_at < ($1::date + interval '1 month 1 day') at time zone 'UTC'
        and not exists (select from revenue where revenue.operation_id = entries.operation_id)`,
    values: [firstDay(month)],
  });
  return unbooked.rows
    .filter((row) => monthOf(row.created_at) === month)
    .reduce((sum, row) => sum + row.amount_minor, BigInt(booked.rows[0]!.sum));
}

/** The month as a value of a `date` column. */
export function firstDay(month: string): string {
  return `${month}-01`;
}
