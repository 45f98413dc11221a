import { createHash } from "node:crypto";
import type { Pool, PoolClient } from "pg";
import { formatAmount } from "../../ledger/money.ts";
import type { Frozen } from "../../ledger/reports.ts";
import { type RevenueLine, type RevenueReport, sumUp, writeCsv } from "../../ledger/revenueReport.ts";
import { readClock } from "../pool.ts";
import { firstDay } from "../posting/months.ts";

/** Names of services in a report: the present ones, or those frozen with the month. */
export type Names = "present" | "frozen";

/** SQL of the rows (service_id, name), for the month $1. */
export const NAMES: Readonly<Record<Names, string>> = {
  present: "services",
  frozen: "(select service_id, name from report_services where month = $1) as services",
};

/**
 * Freezes the names of the services with revenue in a closed month. The first ones that are written stay, permanently.
 * All reports of the month then show the same names. One statement in the order of ids, so that concurrent calls wait
 * in line.
 */
export async function freezeNames(pool: Pool, month: string): Promise<void> {
  await pool.query(
    `insert into report_services (month, service_id, name)
     select $1, service_id, coalesce(services.name, service_id)
     from (select distinct service_id from revenue where month = $1) as earned
     left join services using (service_id)
     where not exists (select from report_services where month = $1)
     order by service_id
     on conflict do nothing`,
    [firstDay(month)],
  );
}

/**
 * Freezes the revenue of a closed month, whose names are frozen. The first report that is written stays, permanently.
 * @throws where the month's revenue differs from the sum of the ledger's entries: then no report is written
 */
export async function freezeRevenue(pool: Pool, month: string): Promise<Frozen<RevenueReport>> {
  const frozen = await findRevenue(pool, month);
  if (frozen) return frozen;

  const { csv, totalMinor, generatedAt } = await drawRevenue(pool, month, "frozen");
  const entriesMinor = await sumUpEntries(pool, month);
  if (totalMinor !== entriesMinor) {
    const [revenue, entries] = [totalMinor, entriesMinor].map(formatAmount);
    throw new Error(`The revenue of ${month} is ${revenue}, but its recognitions less its refunds are ${entries}`);
  }
  await pool.query(
    `insert into revenue_reports (month, csv, sha256, total_minor, generated_at) values ($1, $2, $3, $4, $5)
     on conflict do nothing`,
    [firstDay(month), csv, createHash("sha256").update(csv).digest("hex"), totalMinor, generatedAt],
  );
  return (await findRevenue(pool, month))!;
}

export async function findRevenue(
  database: Pool | PoolClient,
  month: string,
): Promise<Frozen<RevenueReport> | undefined> {
  const { rows } = await database.query<{ csv: Buffer; sha256: string; total_minor: bigint; generated_at: Date }>({
    name: "find-revenue-report",
    text: "select csv, sha256, total_minor, generated_at from revenue_reports where month = $1",
    values: [firstDay(month)],
  });
  const [row] = rows;
  return row && { csv: row.csv, sha256: row.sha256, totalMinor: row.total_minor, generatedAt: row.generated_at };
}

export async function drawRevenue(
  database: Pool | PoolClient,
  month: string,
  names: Names = "present",
): Promise<RevenueReport> {
  const generatedAt = await readClock(database);
  const lines = await readRevenueLines(database, month, names);
  return { csv: writeCsv(lines), totalMinor: sumUp(lines), generatedAt };
}

/**
 * Sums the month's revenue by service, one line each.
 * A service without a name appears under its id. Ordered by name, then by id, bytewise.
 */
async function readRevenueLines(database: Pool | PoolClient, month: string, names: Names): Promise<RevenueLine[]> {
  const { rows } = await database.query<{ name: string; total_minor: string }>({
    name: `read-revenue-lines-${names}`,
    text: `
      select coalesce(services.name, earned.service_id) as name, earned.total_minor
      from (select service_id, sum(amount_minor) as total_minor from revenue where month = $1 group by service_id) as earned
      left join ${NAMES[names]} using (service_id)
      order by coalesce(services.name, earned.service_id) collate "C", earned.service_id`,
    values: [firstDay(month)],
  });
  return rows.map((row) => ({ name: row.name, totalMinor: BigInt(row.total_minor) }));
}

/** Sums the month's revenue a second time, from entries: recognitions less refunds. */
async function sumUpEntries(pool: Pool, month: string): Promise<bigint> {
  const { rows } = await pool.query<{ sum: string }>({
    name: "sum-up-entries",
    text: `
      select coalesce(sum(case kind when 'refund' then -amount_minor else amount_minor end), 0) as sum
      from entries
      where month = $1 and kind in ('recognition', 'refund')`,
    values: [firstDay(month)],
  });
  return BigInt(rows[0]!.sum);
}
