import type { Client } from "@temporalio/client";
import { withTimeLimit } from "../timeLimit.ts";
import { reportWorkflowId, TASK_QUEUE } from "../workflows/contract.ts";
import { summarizeReport } from "../workflows/display.ts";
import type { revenueReport } from "../workflows/revenueReport.ts";
import { DispatchError } from "./dispatchError.ts";

const START_TIMEOUT_MS = 2_000;

/**
 * Starts the workflow that closes a month and freezes its report, unless it is under way. One that arrives after all, or twice, does no harm:
 * a month is frozen once.
 * @throws DispatchError `temporal_unavailable` where Temporal does not say that it has.
 */
export async function startReport(client: Client | undefined, month: string): Promise<void> {
  if (!client) throw new DispatchError("temporal_unavailable");
  const started = client.workflow.start<typeof revenueReport>("revenueReport", {
    workflowId: reportWorkflowId(month),
    taskQueue: TASK_QUEUE,
    args: [month],
    workflowIdConflictPolicy: "USE_EXISTING",
    workflowIdReusePolicy: "ALLOW_DUPLICATE",
    staticSummary: summarizeReport(month),
  });
  try {
    await withTimeLimit("Temporal", START_TIMEOUT_MS, started);
  } catch (cause) {
    throw new DispatchError("temporal_unavailable", { cause });
  }
}
