import { type RetryPolicy, WorkflowExecutionAlreadyStartedError } from "@temporalio/common";
import { log, ParentClosePolicy, proxyActivities, setCurrentDetails, startChild } from "@temporalio/workflow";
import type { Activities, ReportResult } from "../activities/index.ts";
import { reportWorkflowId } from "./contract.ts";
import { summarizeReport } from "./display.ts";

/**
 * Unlimited retries with a short first interval. A client may wait for the report, and closing a month times out behind
 * a slow posting. A lasting error, such as a sum that differs from the entries, shows in the Web UI. `MonthRefused` is
 * final: the month is not over, or is not a month.
 */
const retry: RetryPolicy = {
  initialInterval: "200 milliseconds",
  maximumInterval: "60 seconds",
  nonRetryableErrorTypes: ["MonthRefused"],
};

const { findUnreported, closeMonth } = proxyActivities<Activities>({ startToCloseTimeout: "10 seconds", retry });

/**
 * Far above ten million lines of orders on a slow machine. A heartbeat follows each piece of them. The heartbeat
 * timeout is above the sums before them, which have none: four statements of at most a minute.
 */
const { freezeReport } = proxyActivities<Activities>({
  startToCloseTimeout: "1 hour",
  heartbeatTimeout: "5 minutes",
  retry,
});

/**
 * Closes a month and freezes its reports. Without a month (the schedule's call) it starts one workflow for each month
 * with a missing report. It does not wait for them: one stuck month must not delay later ones.
 */
export async function revenueReport(month?: string): Promise<ReportResult | string[]> {
  if (month === undefined) return await startUnreported();
  await closeMonth(month);
  setCurrentDetails("Closed. Later postings count in a later month.");
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
    log.info("The month's report is already running", { month });
  }
}
