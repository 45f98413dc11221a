import type { Client } from "@temporalio/client";
import { WorkflowNotFoundError } from "@temporalio/common";

/** Workflows that are read to find the oldest ones. The list of the server has no order. */
const READ_MAX = 1_000;

/** A running workflow with the error of its pending activity. */
export type WaitingWorkflow = { workflowId: string; startedAt: Date; reason: string };

/** Counts carriers that run longer than this, and returns the oldest with their reasons. */
export async function findWaitingCarriers(client: Client, longerThanSeconds: number, limit: number) {
  const before = new Date(Date.now() - longerThanSeconds * 1_000).toISOString();
  const query = `WorkflowType="carrier" AND ExecutionStatus="Running" AND StartTime < "${before}"`;
  const { count } = await client.workflow.count(query);
  const found: { workflowId: string; startTime: Date }[] = [];
  for await (const { workflowId, startTime } of client.workflow.list({ query })) {
    found.push({ workflowId, startTime });
    if (found.length === READ_MAX) break;
  }
  const oldest = found.toSorted((one, other) => one.startTime.getTime() - other.startTime.getTime()).slice(0, limit);
  const carriers = await Promise.all(
    oldest.map(async ({ workflowId, startTime }) => ({
      workflowId,
      startedAt: startTime,
      reason: await explainWorkflow(client, workflowId),
    })),
  );
  return { count, carriers };
}

/** Returns the last error of a pending activity, or the status where there is none. */
export async function explainWorkflow(client: Client, workflowId: string): Promise<string> {
  try {
    const { raw, status } = await client.workflow.getHandle(workflowId).describe();
    const failed = raw.pendingActivities?.find(({ lastFailure }) => lastFailure);
    if (failed) return `${failed.activityType?.name}, attempt ${failed.attempt}: ${failed.lastFailure?.message}`;
    const [pending] = raw.pendingActivities ?? [];
    return pending ? `${pending.activityType?.name} is running` : status.name.toLowerCase();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return "no such workflow";
    throw error;
  }
}
