import { createHash } from "node:crypto";
import type { Pool, PoolClient } from "pg";
import {
  type Balances,
  type BalancesReport,
  expectedClosing,
  totalOf,
  writeBalances,
} from "../../ledger/balancesReport.ts";
import { formatAmount } from "../../ledger/money.ts";
import type { Frozen } from "../../ledger/reports.ts";
import { readClock } from "../pool.ts";
import { firstDay } from "../posting/months.ts";

/**
 * Freezes the balances of a closed month: the first report that is written stays, permanently.
 * @throws where the balances do not add up, or their revenue differs from the report: then no report is written
 */
export async function freezeBalances(
  pool: Pool,
  month: string,
  reportedMinor: bigint,
): Promise<Frozen<BalancesReport>> {
  const frozen = await findBalances(pool, month);
  if (frozen) return frozen;

  const { csv, generatedAt, ...balances } = await drawBalances(pool, month);
  const [closing, expected] = [totalOf(balances.closing), expectedClosing(balances)];
  if (closing !== expected) {
    const [entries, moved] = [closing, expected].map(formatAmount);
    throw new Error(`The closing balances of ${month} are ${entries}, but its movements give ${moved}`);
  }
  const earnedMinor = balances.revenueMinor - balances.refundsMinor;
  if (earnedMinor !== reportedMinor) {
    const [earned, reported] = [earnedMinor, reportedMinor].map(formatAmount);
    throw new Error(`The revenue less the refunds of ${month} are ${earned}, but its revenue report ${reported}`);
  }
  await pool.query(
    `insert into balances_reports
       (month, opening_available_minor, opening_reserved_minor, deposits_minor, withdrawals_minor, revenue_minor,
        refunds_minor, closing_available_minor, closing_reserved_minor, csv, sha256, generated_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
     on conflict do nothing`,
    [
      ...[firstDay(month), balances.opening.availableMinor, balances.opening.reservedMinor],
      ...[balances.depositsMinor, balances.withdrawalsMinor, balances.revenueMinor, balances.refundsMinor],
      ...[balances.closing.availableMinor, balances.closing.reservedMinor],
      ...[csv, createHash("sha256").update(csv).digest("hex"), generatedAt],
    ],
  );
  return (await findBalances(pool, month))!;
}

export async function findBalances(
  database: Pool | PoolClient,
  month: string,
): Promise<Frozen<BalancesReport> | undefined> {
  const { rows } = await database.query<BalancesRow & { csv: Buffer; sha256: string; generated_at: Date }>({
    name: "find-balances-report",
    text: "select * from balances_reports where month = $1",
    values: [firstDay(month)],
  });
  const [row] = rows;
  return row && { ...toBalances(row), csv: row.csv, sha256: row.sha256, generatedAt: row.generated_at };
}

/**
 * Sums up a month from its entries, and from the last frozen report before it.
 * So only entries since then are read. The statement is not a prepared one: a plan for unknown months would not use
 * parallel workers where most of the table is read.
 */
export async function drawBalances(database: Pool | PoolClient, month: string): Promise<BalancesReport> {
  const generatedAt = await readClock(database);
  const before = await database.query<{ month: string; available_minor: string; reserved_minor: string }>(
    `select month::text, closing_available_minor as available_minor, closing_reserved_minor as reserved_minor
     from balances_reports where month < $1 order by month desc limit 1`,
    [firstDay(month)],
  );
  const [{ month: after, ...closed }] = [
    ...before.rows,
    { month: "-infinity", available_minor: "0", reserved_minor: "0" },
  ] as [(typeof before.rows)[number]];
  const { rows } = await database.query<BalancesRow>(
    balancesBetween({
      after: "$1::date",
      month: "$2::date",
      available: "$3::numeric",
      reserved: "$4::numeric",
    }),
    [after, firstDay(month), closed.available_minor, closed.reserved_minor],
  );
  const balances = toBalances(rows[0]!);
  return { ...balances, csv: writeBalances(month, balances), generatedAt };
}

/**
 * SQL of the balances of `month`, from the closing balances of the month `after`.
 * Entries of the months between belong to the opening balances. `entries_by_month` finds the blocks of these months.
 */
export function balancesBetween(
  expressions: Readonly<Record<"after" | "month" | "available" | "reserved", string>>,
): string {
  const { after, month, available, reserved } = expressions;
  const sum = (column: string, where: string) => `coalesce(sum(${column}) filter (where ${where}), 0)`;
  const moved = (kind: string) => sum("amount_minor", `not is_earlier and kind = '${kind}'`);
  return `
    select
      ${available} + ${sum("available_minor", "is_earlier")} as opening_available_minor,
      ${reserved} + ${sum("reserved_minor", "is_earlier")} as opening_reserved_minor,
      ${moved("deposit")} as deposits_minor,
      ${moved("withdrawal")} as withdrawals_minor,
      ${moved("recognition")} as revenue_minor,
      ${moved("refund")} as refunds_minor,
      ${available} + coalesce(sum(available_minor), 0) as closing_available_minor,
      ${reserved} + coalesce(sum(reserved_minor), 0) as closing_reserved_minor
    from (
      select kind, entries.month < ${month} as is_earlier, sum(amount_minor) as amount_minor,
        sum(available_delta_minor) as available_minor, sum(reserved_delta_minor) as reserved_minor
      from entries
      where entries.month > ${after} and entries.month <= ${month}
      group by kind, is_earlier
    ) as moved`;
}

/** Sums are numeric, which the driver returns as text. */
type BalancesRow = {
  opening_available_minor: string;
  opening_reserved_minor: string;
  deposits_minor: string;
  withdrawals_minor: string;
  revenue_minor: string;
  refunds_minor: string;
  closing_available_minor: string;
  closing_reserved_minor: string;
};

function toBalances(row: BalancesRow): Balances {
  return {
    opening: { availableMinor: BigInt(row.opening_available_minor), reservedMinor: BigInt(row.opening_reserved_minor) },
    depositsMinor: BigInt(row.deposits_minor),
    withdrawalsMinor: BigInt(row.withdrawals_minor),
    revenueMinor: BigInt(row.revenue_minor),
    refundsMinor: BigInt(row.refunds_minor),
    closing: { availableMinor: BigInt(row.closing_available_minor), reservedMinor: BigInt(row.closing_reserved_minor) },
  };
}
