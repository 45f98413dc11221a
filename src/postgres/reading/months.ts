import type { Pool, PoolClient } from "pg";
import { type MonthOf, MonthRefused } from "../../ledger/months.ts";
import type { Frozen, MonthReport } from "../../ledger/reports.ts";
import { inTransaction, readClock } from "../pool.ts";
import { excludeBooking, firstDay } from "../posting/months.ts";

/**
 * Lock timeout of a closing: postings that arrive while it waits queue behind it.
 * A posting holds the lock for milliseconds. Where one takes longer, the closing gives up and is retried, so that one
 * slow posting does not delay all others.
 */
const BOOKING_LOCK_TIMEOUT = "250ms";

/** The first blocks of `entries`: those of the first month, since entries are appended. */
const FIRST_BLOCKS = 128;

/**
 * Closes a month that is over by the database's clock, and all months before it.
 * Later postings go into a later month. Idempotent; a closed month stays closed. It is a transaction of its own, apart
 * from the sums, so that postings are blocked only briefly. A month before a closed one blocks none: the later closing
 * excluded bookings into both.
 * @throws MonthRefused where the month is not over
 */
export async function closeMonth(pool: Pool, month: string, monthOf: MonthOf): Promise<void> {
  if (await isClosed(pool, month)) return;
  await inTransaction(pool, async (client) => {
    if (!(await isClosedWithLater(client, month))) {
      await client.query(`set local lock_timeout = '${BOOKING_LOCK_TIMEOUT}'`);
      await excludeBooking(client);
    }
    const clock = await readClock(client);
    if (month >= monthOf(clock)) throw new MonthRefused(`${month} is not over`);
    await client.query("insert into closed_months (month, closed_at) values ($1, $2) on conflict do nothing", [
      firstDay(month),
      clock,
    ]);
  });
}

export async function isClosed(database: Pool | PoolClient, month: string): Promise<boolean> {
  const { rowCount } = await database.query("select from closed_months where month = $1", [firstDay(month)]);
  return rowCount === 1;
}

/** Whether a later month is closed. Each booking that could not see its row has committed before it. */
async function isClosedWithLater(client: PoolClient, month: string): Promise<boolean> {
  const { rowCount } = await client.query("select from closed_months where month > $1 limit 1", [firstDay(month)]);
  return rowCount === 1;
}

/** Reads the present state of a month's report, in one snapshot, by the database's clock. */
export async function readMonth<Report extends object>(
  pool: Pool,
  month: string,
  monthOf: MonthOf,
  find: (client: PoolClient, month: string) => Promise<Frozen<Report> | undefined>,
  draw: (client: PoolClient, month: string) => Promise<Report>,
): Promise<MonthReport<Report>> {
  return await inTransaction(
    pool,
    async (client) => {
      const frozen = await find(client, month);
      if (frozen) return { status: "final", ...frozen };
      const currentMonth = monthOf(await readClock(client));
      if (month > currentMonth) return { status: "future" };
      if (month < currentMonth) return { status: "unclosed" };
      return { status: "provisional", ...(await draw(client, month)) };
    },
    "repeatable read",
  );
}

/**
 * Finds the months without all reports that are over, the earliest first. The orders are frozen last.
 * They begin with the first month that has entries; later months without entries get reports, too. A month before that
 * gets them on request only.
 */
export async function findUnreported(pool: Pool, monthOf: MonthOf): Promise<string[]> {
  return await inTransaction(pool, async (client) => {
    const currentMonth = monthOf(await readClock(client));
    const { rows } = await client.query<{ month: string }>(
      `select to_char(ended.month, 'YYYY-MM') as month
       from generate_series(
         least((select min(month) from revenue), (select min(month) from entries where ctid < '(${FIRST_BLOCKS},0)'))::timestamp,
         $1::date - interval '1 month', interval '1 month') as ended (month)
       where not exists (select from order_reports where order_reports.month = ended.month::date)
       order by ended.month`,
      [firstDay(currentMonth)],
    );
    return rows.map(({ month }) => month);
  });
}
