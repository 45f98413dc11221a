import { formatAmount } from "../ledger/money.ts";
import { MONTH_PATTERN, MonthRefused } from "../ledger/months.ts";
import type { FrozenReport } from "../ledger/revenueReport.ts";

/** The result of a frozen report for the Web UI. */
export type ReportResult = { month: string; total: string; sha256: string };

export type Reporting = {
  /** Past months without a report, in order, from the first with revenue on. */
  findUnreported(): Promise<string[]>;
  /**
   * Closes a month: later postings count in a later month.
   * @throws MonthRefused where it is not a month, or not over
   */
  closeMonth(month: string): Promise<void>;
  /** Freezes a closed month's report, idempotently. @throws where its revenue differs from the sum of the entries */
  freezeReport(month: string): Promise<ReportResult>;
};

type ReportingLedger = Omit<Reporting, "freezeReport"> & { freezeReport(month: string): Promise<FrozenReport> };

export function createReporting(ledger: ReportingLedger): Reporting {
  return {
    findUnreported: ledger.findUnreported,

    async closeMonth(month) {
      // An operator may start the workflow with any argument.
      if (!new RegExp(MONTH_PATTERN).test(month)) throw new MonthRefused(`${month} is not a month like 2026-10`);
      await ledger.closeMonth(month);
    },

    async freezeReport(month) {
      const { totalMinor, sha256 } = await ledger.freezeReport(month);
      return { month, total: formatAmount(totalMinor), sha256 };
    },
  };
}
