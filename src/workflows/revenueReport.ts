import { type RetryPolicy, WorkflowExecutionAlreadyStartedError } from "@temporalio/common";
import { log, ParentClosePolicy, proxyActivities, setCurrentDetails, startChild } from "@temporalio/workflow";
import type { Activities, ReportFrozen } from "../activities/index.ts";
import { reportWorkflowId } from "./contract.ts";
import { summarizeReport } from "./display.ts";

/**
 * No limit to the attempts: they begin close to each other, for the caller who waits for the report and for the slow booking that a closing
 * lets pass; what stays, such as a sum that is not the ledger's, stands in the Web UI. That a month is not over, or is none, no repetition
 * changes.
 */
const retry: RetryPolicy = {
  initialInterval: "200 milliseconds",
  maximumInterval: "60 seconds",
  nonRetryableErrorTypes: ["MonthRefused"],
};

const { findUnreported, closeMonth } = proxyActivities<Activities>({ startToCloseTimeout: "10 seconds", retry });

/** Above the minute that a sum over a month may take. */
const { freezeReport } = proxyActivities<Activities>({ startToCloseTimeout: "90 seconds", retry });

/**
 * Closes a month and freezes its report. Without a month, as the schedule asks: sees to it that each month that should have a report has a
 * workflow that makes it, and leaves them to themselves, so that a month that is stuck keeps no later one waiting.
 */
export async function revenueReport(month?: string): Promise<ReportFrozen | string[]> {
  if (month === undefined) return await startUnreported();
  await closeMonth(month);
  setCurrentDetails("Closed. What is booked from now on goes into a later month.");
  const report = await freezeReport(month);
  setCurrentDetails(`Total ${report.total}, SHA-256 ${report.sha256}`);
  return report;
}

async function startUnreported(): Promise<string[]> {
  const months = await findUnreported();
  await Promise.all(months.map(startReport));
  return months;
}

async function startReport(month: string): Promise<void> {
  try {
    await startChild(revenueReport, {
      workflowId: reportWorkflowId(month),
      args: [month],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: summarizeReport(month),
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    log.info("The month's report is under way already", { month });
  }
}
