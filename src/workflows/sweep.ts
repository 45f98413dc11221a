import { log, proxyActivities, proxyLocalActivities, workflowInfo } from "@temporalio/workflow";
import type { Activities } from "../activities/index.ts";
import { tell } from "./carry.ts";
import { EVENTS_TASK_QUEUE } from "./contract.ts";

// Neither is tried for long: the next sweep comes soon, which a sweep that waited for one store would hold up, with what the other could do.

/** Three attempts ride out a dropped connection. */
const { expireOverdue } = proxyLocalActivities<Activities>({
  startToCloseTimeout: "10 seconds",
  retry: { maximumAttempts: 3, initialInterval: "50 milliseconds", maximumInterval: "500 milliseconds" },
});

const { sweepUnpublished } = proxyActivities<Activities>({
  taskQueue: EVENTS_TASK_QUEUE,
  startToCloseTimeout: "60 seconds",
  scheduleToStartTimeout: "60 seconds",
  retry: { maximumAttempts: 1 },
});

/** How much the sweep found to do. */
export type Swept = { expired: number; published: number };

/**
 * Does what nobody else does any more: expires what is open well past its deadline, and publishes what has waited for long. It needs nothing
 * but the ledger, no history and no memory, so that the promises hold even if a workflow is terminated.
 */
export async function sweep(): Promise<Swept> {
  const [expired, published] = await Promise.all([
    expireAll().catch(nothing("What is overdue could not be expired; the next sweep tries again")),
    sweepUnpublished().catch(nothing("Overdue events could not be published; the next sweep tries again")),
  ]);
  return { expired, published };
}

async function expireAll(): Promise<number> {
  const { workflowId } = workflowInfo();
  // Events that do not come through now are noted in the ledger, and are among what a later sweep publishes.
  const { outcomes, sagas } = await expireOverdue(workflowId);
  await tell(workflowId, sagas);
  return outcomes.length;
}

function nothing(message: string) {
  return (error: unknown): number => {
    log.warn(message, { error });
    return 0;
  };
}
