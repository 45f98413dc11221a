import { log, proxyActivities, proxyLocalActivities, workflowInfo } from "@temporalio/workflow";
import type { Activities } from "../activities/index.ts";
import { signalSagas } from "./carry.ts";
import { EVENTS_TASK_QUEUE } from "./contract.ts";

// Few retries: waiting for one store would delay the next sweep of the other.

/** Three attempts survive a dropped connection. */
const { expireOverdue } = proxyLocalActivities<Activities>({
  startToCloseTimeout: "10 seconds",
  retry: { maximumAttempts: 3, initialInterval: "50 milliseconds", maximumInterval: "500 milliseconds" },
});

const { sweepOutbox } = proxyActivities<Activities>({
  taskQueue: EVENTS_TASK_QUEUE,
  startToCloseTimeout: "60 seconds",
  scheduleToStartTimeout: "60 seconds",
  retry: { maximumAttempts: 1 },
});

/** The number of expired reservations, and of postings whose events were published. */
export type SweepResult = { expired: number; published: number };

/**
 * Expires overdue reservations and publishes overdue outbox rows. It reads only the ledger, so the promises hold even
 * where a workflow is terminated or Temporal's history is lost.
 */
export async function sweep(): Promise<SweepResult> {
  const [expired, published] = await Promise.all([
    expireAll().catch(logAndCountZero("Overdue reservations could not be expired; the next sweep tries again")),
    sweepOutbox().catch(logAndCountZero("Overdue events could not be published; the next sweep tries again")),
  ]);
  return { expired, published };
}

async function expireAll(): Promise<number> {
  const { workflowId } = workflowInfo();
  // Events that are not published now stay in the outbox for a later sweep.
  const { counts, sagaWorkflowIds } = await expireOverdue(workflowId);
  await signalSagas(workflowId, sagaWorkflowIds);
  return counts.reduce((sum, { count }) => sum + count, 0);
}

function logAndCountZero(message: string) {
  return (error: unknown): number => {
    log.warn(message, { error });
    return 0;
  };
}
