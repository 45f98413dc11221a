import { formatAmount } from "../ledger/money.ts";
import { MONTH_PATTERN, MonthRefused } from "../ledger/months.ts";
import type { Frozen } from "../ledger/reports.ts";
import type { RevenueReport } from "../ledger/revenueReport.ts";
import type { Progress } from "./audit/progress.ts";

/** The frozen revenue for the Web UI. */
export type ReportResult = { month: string; total: string; sha256: string };

export type Reporting = {
  /** Past months without all reports, in order, from the first with entries on. */
  findUnreported(): Promise<string[]>;
  /**
   * Closes a month: later postings count in a later month.
   * @throws MonthRefused where it is not a month, or not over
   */
  closeMonth(month: string): Promise<void>;
  /** Freezes a closed month's reports, idempotently. @throws where one differs from the entries, or from another */
  freezeReport(month: string): Promise<ReportResult>;
};

type ReportingLedger = Omit<Reporting, "freezeReport"> & {
  freezeReport(month: string, onPiece: () => void): Promise<Frozen<RevenueReport>>;
};

/** `progress` shows that the activity is alive. An attempt after a crash starts anew. */
export function createReporting(ledger: ReportingLedger, progress: Pick<Progress, "save">): Reporting {
  return {
    findUnreported: ledger.findUnreported,

    async closeMonth(month) {
      // An operator may start the workflow with any argument.
      if (!new RegExp(MONTH_PATTERN).test(month)) throw new MonthRefused(`${month} is not a month like 2026-10`);
      await ledger.closeMonth(month);
    },

    async freezeReport(month) {
      const { totalMinor, sha256 } = await ledger.freezeReport(month, () => progress.save({}));
      return { month, total: formatAmount(totalMinor), sha256 };
    },
  };
}
