import type { PoolClient } from "pg";
import type { MonthOf } from "../../ledger/months.ts";
import type { Revenue } from "../../ledger/records.ts";
import type { RevenueLine } from "../../ledger/revenueReport.ts";

/**
 * Shares the booking of revenue with whoever books now, and excludes the closing of a month. Taken before the clock is read, so that
 * no revenue is booked with a time of a month that is closed by the time it commits.
 */
export async function shareBooking(client: PoolClient): Promise<void> {
  await client.query({ name: "share-booking", text: "select pg_advisory_xact_lock_shared(hashtext('saldo:booking'))" });
}

/** Waits until no one books, and keeps everyone from it until the transaction ends. */
export async function excludeBooking(client: PoolClient): Promise<void> {
  await client.query("select pg_advisory_xact_lock(hashtext('saldo:booking'))");
}

/**
 * Appends what services earned, and what refunds took from it: into `month`, which is the one of `at`, or into the first open one where that
 * is closed. Booking is shared by now, so that what is open stays open until the commit.
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
    values: [
      at,
      firstDay(month),
      revenue.map((one) => one.operationId),
      revenue.map((one) => one.serviceId),
      revenue.map((one) => one.amountMinor),
    ],
  });
}

/** A line for each service with a revenue row in the month, under its present name, in the order of names and then of ids, bytewise. */
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
 * What the ledger's entries say that the month's revenue is: the recognitions less the refunds that are booked into it, and any that are of
 * this month and booked into none. A time zone is less than a day away from UTC, so that is where to look for those.
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

/** A month as a column of type date holds it. */
export function firstDay(month: string): string {
  return `${month}-01`;
}
