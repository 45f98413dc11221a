import type { MonthOf } from "../../ledger/months.ts";
import type { Pools } from "../pools.ts";
import { closeMonth, findUnreported, freezeReport, readReport } from "./reports.ts";

/** The ledger's functions for revenue reports; `monthOf` is their calendar. */
export function createReportStore({ reporting }: Pools, monthOf: MonthOf) {
  return {
    readReport: (month: string) => readReport(reporting, month, monthOf),
    closeMonth: (month: string) => closeMonth(reporting, month, monthOf),
    freezeReport: (month: string) => freezeReport(reporting, month, monthOf),
    findUnreported: () => findUnreported(reporting, monthOf),
  };
}
