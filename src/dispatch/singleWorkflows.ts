import type { Client, Workflow, WorkflowStartOptions } from "@temporalio/client";
import { withTimeout } from "../lib/timeout.ts";
import type { audit } from "../workflows/audit.ts";
import { AUDIT_SUMMARY, AUDIT_WORKFLOW_ID, reportWorkflowId, TASK_QUEUE } from "../workflows/contract.ts";
import { summarizeReport } from "../workflows/display.ts";
import type { revenueReport } from "../workflows/revenueReport.ts";
import { DispatchError } from "./dispatchError.ts";

const START_TIMEOUT_MS = 2_000;

/**
 * Starts the workflow that freezes a month's report, or joins the running one.
 * @throws as `startOrJoin`
 */
export async function startReport(client: Client | undefined, month: string): Promise<void> {
  await startOrJoin<typeof revenueReport>(client, "revenueReport", {
    workflowId: reportWorkflowId(month),
    args: [month],
    staticSummary: summarizeReport(month),
  });
}

/** Starts an audit, or joins the running one. @throws as `startOrJoin` */
export async function startAudit(client: Client | undefined): Promise<{ auditId: string; workflowId: string }> {
  const auditId = await startOrJoin<typeof audit>(client, "audit", {
    workflowId: AUDIT_WORKFLOW_ID,
    args: [],
    staticSummary: AUDIT_SUMMARY,
  });
  return { auditId, workflowId: AUDIT_WORKFLOW_ID };
}

/**
 * Starts a workflow, or joins the running one with this id. The workflow must be idempotent: a start may arrive after
 * an error, or twice.
 * @returns the id of its first run
 * @throws DispatchError `temporal_unavailable` where Temporal does not confirm the start
 */
async function startOrJoin<Started extends Workflow>(
  client: Client | undefined,
  type: string,
  options: Pick<WorkflowStartOptions<Started>, "workflowId" | "args" | "staticSummary">,
): Promise<string> {
  if (!client) throw new DispatchError("temporal_unavailable");
  const started = client.workflow.start<Started>(type, {
    ...options,
    taskQueue: TASK_QUEUE,
    workflowIdConflictPolicy: "USE_EXISTING",
    workflowIdReusePolicy: "ALLOW_DUPLICATE",
  } as WorkflowStartOptions<Started>);
  try {
    return (await withTimeout("Temporal", START_TIMEOUT_MS, started)).firstExecutionRunId;
  } catch (cause) {
    throw new DispatchError("temporal_unavailable", { cause });
  }
}
