import type { Client } from "@temporalio/client";
import { reportWorkflowId } from "../workflows/contract.ts";
import { summarizeReport } from "../workflows/display.ts";
import type { revenueReport } from "../workflows/revenueReport.ts";
import { startOrJoin } from "./startOrJoin.ts";

/** Starts the workflow that closes a month and freezes its report, once, unless it is under way. @throws as `startOrJoin` does. */
export async function startReport(client: Client | undefined, month: string): Promise<void> {
  await startOrJoin<typeof revenueReport>(client, "revenueReport", {
    workflowId: reportWorkflowId(month),
    args: [month],
    staticSummary: summarizeReport(month),
  });
}
