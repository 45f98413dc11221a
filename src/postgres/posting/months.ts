import type { PoolClient } from "pg";

/**
 * SQL that takes the booking lock shared, then reads the clock.
 * Postings book concurrently, and exclude the closing of a month. In the other order, an entry could get a time in a
 * month that is closed by the time it commits. Only CASE guarantees the order of evaluation.
 */
export const CLOCK_UNDER_BOOKING =
  "case when pg_advisory_xact_lock_shared(hashtext('saldo:booking')) is not null then clock_timestamp() end";

/** Takes the booking lock exclusively: waits for running bookings, blocks new ones until the commit. */
export async function excludeBooking(client: PoolClient): Promise<void> {
  await client.query("select pg_advisory_xact_lock(hashtext('saldo:booking'))");
}

/**
 * SQL of the month of a booking: `month`, or the first after all closed months.
 * A month counts as closed with each later one, because its closing balances are the opening ones of the next. The
 * booking lock keeps the month open until the commit.
 */
export function openMonth(month: string): string {
  return `greatest(${month}::date, (select (max(month) + interval '1 month')::date from closed_months))`;
}

/** SQL of when the `month` was closed, by itself or with a later one. Null where it is open. */
export function closedAt(month: string): string {
  return `(select min(closed_at) from closed_months where closed_months.month >= ${month})`;
}

/** The month as a value of a `date` column. */
export function firstDay(month: string): string {
  return `${month}-01`;
}
