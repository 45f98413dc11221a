import { createHash } from "node:crypto";
import type { Pool, PoolClient } from "pg";
import { formatAmount } from "../../ledger/money.ts";
import { type MonthOf, MonthRefused } from "../../ledger/months.ts";
import {
  type FrozenReport,
  type MonthReport,
  type RevenueReport,
  sumUp,
  writeCsv,
} from "../../ledger/revenueReport.ts";
import { inTransaction, readClock } from "../pool.ts";
import { excludeBooking, firstDay, readRevenueLines, sumUpEntries } from "../posting/revenue.ts";

/**
 * Lock timeout of a closing: bookings that arrive while it waits queue behind it.
 * A booking takes milliseconds. Where one takes longer, the closing gives up and is retried, so that one slow booking
 * does not delay all others.
 */
const BOOKING_LOCK_TIMEOUT = "250ms";

/**
 * Closes a month that is over by the database's clock.
 * Later bookings go into a later month. Idempotent; a closed month stays closed. It is a transaction of its own, apart
 * from the sums, so that bookings are blocked only briefly.
 * @throws MonthRefused where the month is not over
 */
export async function closeMonth(pool: Pool, month: string, monthOf: MonthOf): Promise<void> {
  if (await isClosed(pool, month)) return;
  await inTransaction(pool, async (client) => {
    await client.query(`set local lock_timeout = '${BOOKING_LOCK_TIMEOUT}'`);
    await excludeBooking(client);
    const clock = await readClock(client);
    if (month >= monthOf(clock)) throw new MonthRefused(`${month} is not over`);
    await client.query("insert into closed_months (month, closed_at) values ($1, $2) on conflict do nothing", [
      firstDay(month),
      clock,
    ]);
  });
}

/**
 * Freezes the report of a closed month: the first one that is written stays, permanently.
 * `on conflict do nothing` and a second read make concurrent calls return the same report.
 * @throws where the month's revenue differs from the sum of the ledger's entries: then no report is written
 */
export async function freezeReport(pool: Pool, month: string, monthOf: MonthOf): Promise<FrozenReport> {
  const frozen = await findReport(pool, month);
  if (frozen) return frozen;

  const { csv, totalMinor, generatedAt } = await inTransaction(
    pool,
    (client) => drawUpChecked(client, month, monthOf),
    "repeatable read",
  );
  await pool.query(
    `insert into revenue_reports (month, csv, sha256, total_minor, generated_at) values ($1, $2, $3, $4, $5)
     on conflict do nothing`,
    [firstDay(month), csv, createHash("sha256").update(csv).digest("hex"), totalMinor, generatedAt],
  );
  return (await findReport(pool, month))!;
}

/** Reads the present state of a month's report, in one snapshot, by the database's clock. */
export async function readReport(pool: Pool, month: string, monthOf: MonthOf): Promise<MonthReport> {
  return await inTransaction(
    pool,
    async (client) => {
      const frozen = await findReport(client, month);
      if (frozen) return { status: "final", ...frozen };
      const currentMonth = monthOf(await readClock(client));
      if (month > currentMonth) return { status: "future" };
      if (month < currentMonth) return { status: "unclosed" };
      return { status: "provisional", ...(await drawUp(client, month)) };
    },
    "repeatable read",
  );
}

/**
 * Finds the months without a report that are over, the earliest first.
 * They begin with the first month that has revenue; later months without revenue get a report, too. A month before that
 * gets one on request only.
 */
export async function findUnreported(pool: Pool, monthOf: MonthOf): Promise<string[]> {
  return await inTransaction(pool, async (client) => {
    const currentMonth = monthOf(await readClock(client));
    const { rows } = await client.query<{ month: string }>(
      `select to_char(ended.month, 'YYYY-MM') as month
       from generate_series(
         (select min(month) from revenue)::timestamp, $1::date - interval '1 month', interval '1 month') as ended (month)
       where not exists (select from revenue_reports where revenue_reports.month = ended.month::date)
       order by ended.month`,
      [firstDay(currentMonth)],
    );
    return rows.map(({ month }) => month);
  });
}

async function drawUpChecked(client: PoolClient, month: string, monthOf: MonthOf): Promise<RevenueReport> {
  if (!(await isClosed(client, month))) throw new Error(`${month} is not closed`);
  const report = await drawUp(client, month);
  const entriesMinor = await sumUpEntries(client, month, monthOf);
  if (report.totalMinor !== entriesMinor) {
    const [revenue, entries] = [report.totalMinor, entriesMinor].map(formatAmount);
    throw new Error(`The revenue of ${month} is ${revenue}, but its recognitions less its refunds are ${entries}`);
  }
  return report;
}

async function drawUp(client: PoolClient, month: string): Promise<RevenueReport> {
  const generatedAt = await readClock(client);
  const lines = await readRevenueLines(client, month);
  return { csv: writeCsv(lines), totalMinor: sumUp(lines), generatedAt };
}

async function isClosed(database: Pool | PoolClient, month: string): Promise<boolean> {
  const { rowCount } = await database.query("select from closed_months where month = $1", [firstDay(month)]);
  return rowCount === 1;
}

async function findReport(database: Pool | PoolClient, month: string): Promise<FrozenReport | undefined> {
  const { rows } = await database.query<{ csv: Buffer; sha256: string; total_minor: bigint; generated_at: Date }>({
    name: "find-report",
    text: "select csv, sha256, total_minor, generated_at from revenue_reports where month = $1",
    values: [firstDay(month)],
  });
  const [row] = rows;
  return row && { csv: row.csv, sha256: row.sha256, totalMinor: row.total_minor, generatedAt: row.generated_at };
}
