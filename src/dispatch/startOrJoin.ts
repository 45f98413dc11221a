import type { Client, Workflow, WorkflowStartOptions } from "@temporalio/client";
import { withTimeLimit } from "../lib/timeout.ts";
import { TASK_QUEUE } from "../workflows/contract.ts";
import { DispatchError } from "./dispatchError.ts";

const START_TIMEOUT_MS = 2_000;

/**
 * Starts a workflow of which one at a time is enough, or joins the one that is under way, and returns its first run's id. For what does no harm
 * where it arrives after all, or twice.
 * @throws DispatchError `temporal_unavailable` where Temporal does not say that it runs.
 */
export async function startOrJoin<Started extends Workflow>(
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
    return (await withTimeLimit("Temporal", START_TIMEOUT_MS, started)).firstExecutionRunId;
  } catch (cause) {
    throw new DispatchError("temporal_unavailable", { cause });
  }
}
