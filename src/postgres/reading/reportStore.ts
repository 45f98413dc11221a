import type { Pool } from "pg";
import type { MonthOf } from "../../ledger/months.ts";
import type { Frozen } from "../../ledger/reports.ts";
import type { RevenueReport } from "../../ledger/revenueReport.ts";
import type { Pools } from "../pools.ts";
import { drawBalances, findBalances, freezeBalances } from "./balancesReports.ts";
import { closeMonth, findUnreported, isClosed, readMonth } from "./months.ts";
import { findOrders, freezeOrders, readOrders } from "./orderReports.ts";
import { drawRevenue, findRevenue, freezeNames, freezeRevenue } from "./revenueReports.ts";

/** The ledger's functions for the reports of a month; `monthOf` is their calendar. */
export function createReportStore({ reporting }: Pools, monthOf: MonthOf) {
  return {
    readReport: (month: string) => readMonth(reporting, month, monthOf, findRevenue, drawRevenue),
    readOrdersReport: (month: string) => readMonth(reporting, month, monthOf, findOrders, drawRevenue),
    readBalancesReport: (month: string) => readMonth(reporting, month, monthOf, findBalances, drawBalances),
    /** The file of the orders, in pieces. */
    readOrders: (month: string, isFinal: boolean) => readOrders(reporting, month, isFinal ? "frozen" : "present"),
    closeMonth: (month: string) => closeMonth(reporting, month, monthOf),
    freezeReport: (month: string, onPiece?: () => void) => freezeReports(reporting, month, onPiece),
    findUnreported: () => findUnreported(reporting, monthOf),
  };
}

/**
 * Freezes all reports of a closed month, each checked against the one before. Idempotent.
 * The revenue is first, and soon available. The orders, whose lines are all read, are last.
 * @returns the revenue report
 */
async function freezeReports(pool: Pool, month: string, onPiece = () => {}): Promise<Frozen<RevenueReport>> {
  if (!(await isClosed(pool, month))) throw new Error(`${month} is not closed`);
  await freezeNames(pool, month);
  const revenue = await freezeRevenue(pool, month);
  await freezeBalances(pool, month, revenue.totalMinor);
  await freezeOrders(pool, month, revenue.totalMinor, onPiece);
  return revenue;
}
