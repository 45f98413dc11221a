import type { Client } from "@temporalio/client";
import { withTimeLimit } from "../timeLimit.ts";
import type { audit } from "../workflows/audit.ts";
import { AUDIT_SUMMARY, AUDIT_WORKFLOW_ID, TASK_QUEUE } from "../workflows/contract.ts";
import { DispatchError } from "./dispatchError.ts";

const START_TIMEOUT_MS = 2_000;

/** An audit that is under way. */
export type RunningAudit = { auditId: string; workflowId: string };

/**
 * Starts an audit, or joins the one that is under way. One that arrives after all does no harm.
 * @throws DispatchError `temporal_unavailable` where Temporal does not say that it runs.
 */
export async function startAudit(client: Client | undefined): Promise<RunningAudit> {
  if (!client) throw new DispatchError("temporal_unavailable");
  const started = client.workflow.start<typeof audit>("audit", {
    workflowId: AUDIT_WORKFLOW_ID,
    taskQueue: TASK_QUEUE,
    args: [],
    workflowIdConflictPolicy: "USE_EXISTING",
    workflowIdReusePolicy: "ALLOW_DUPLICATE",
    staticSummary: AUDIT_SUMMARY,
  });
  try {
    const { firstExecutionRunId } = await withTimeLimit("Temporal", START_TIMEOUT_MS, started);
    return { auditId: firstExecutionRunId, workflowId: AUDIT_WORKFLOW_ID };
  } catch (cause) {
    throw new DispatchError("temporal_unavailable", { cause });
  }
}
