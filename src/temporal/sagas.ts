import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from "@temporalio/client";
import { CHANGED_SIGNAL, type Changed, TASK_QUEUE } from "../workflows/contract.ts";
import { searchAttributes } from "../workflows/display.ts";
import type { reservation } from "../workflows/reservation.ts";

/** Type of the saga's workflow. */
const SAGA = "reservation" satisfies typeof reservation.name;

/** Lists the ids of the running sagas. The list may lack one that has just started. */
export async function listRunningSagas({ workflow }: Client): Promise<Set<string>> {
  const ids = new Set<string>();
  const query = `WorkflowType = "${SAGA}" and ExecutionStatus = "Running"`;
  for await (const { workflowId } of workflow.list({ query })) ids.add(workflowId);
  return ids;
}

/**
 * Starts a saga whose operations are in the ledger, as after continue-as-new.
 * @returns false where it is running already
 */
export async function startSagaAnew(
  { workflow }: Client,
  workflowId: string,
  found: { userIds: string[]; orderIds: string[]; reservationIds: string[] },
): Promise<boolean> {
  const { length } = found.reservationIds;
  try {
    await workflow.start<typeof reservation>(SAGA, {
      workflowId,
      taskQueue: TASK_QUEUE,
      args: [{ operations: [], isPosted: true }],
      workflowIdReusePolicy: "ALLOW_DUPLICATE",
      workflowIdConflictPolicy: "FAIL",
      staticSummary: `Started anew from the ledger: ${length} open reservation${length === 1 ? "" : "s"}`,
      typedSearchAttributes: searchAttributes({ kinds: ["reservation"], ...found }),
    });
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}

/** Signals a saga to read the ledger. It ends where it has posted and no reservation is open. */
export async function wakeSaga({ workflow }: Client, workflowId: string, byWorkflowId: string): Promise<void> {
  try {
    await workflow.getHandle(workflowId).signal<[Changed]>(CHANGED_SIGNAL, { byWorkflowId });
  } catch (error) {
    // It has ended meanwhile.
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}
