import { formatAmount } from "../ledger/money.ts";
import { MONTH_PATTERN, MonthRefused } from "../ledger/months.ts";
import type { FrozenReport } from "../ledger/revenueReport.ts";

/** What an operator sees of a frozen report. */
export type ReportFrozen = { month: string; total: string; sha256: string };

export type Reporting = {
  /** The months that are over and should have a report by now, the earliest first. */
  findUnreported(): Promise<string[]>;
  /** Closes a month: what is booked from now on goes into a later one. @throws MonthRefused where it is no month, or not over. */
  closeMonth(month: string): Promise<void>;
  /** Freezes a closed month's report, unless that is done already. @throws where its revenue is not what the entries come to. */
  freezeReport(month: string): Promise<ReportFrozen>;
};

type ReportingLedger = Omit<Reporting, "freezeReport"> & { freezeReport(month: string): Promise<FrozenReport> };

export function createReporting(ledger: ReportingLedger): Reporting {
  return {
    findUnreported: ledger.findUnreported,

    async closeMonth(month) {
      // The workflow may be started by hand, with anything.
      if (!new RegExp(MONTH_PATTERN).test(month)) throw new MonthRefused(`${month} is not a month like 2026-10`);
      await ledger.closeMonth(month);
    },

    async freezeReport(month) {
      const { totalMinor, sha256 } = await ledger.freezeReport(month);
      return { month, total: formatAmount(totalMinor), sha256 };
    },
  };
}
