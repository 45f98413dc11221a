import { log, proxyActivities, workflowInfo } from "@temporalio/workflow";
import type { Activities } from "../activities/index.ts";
import { onLedger, spread, tellSagas } from "./carry.ts";
import { EVENTS_TASK_QUEUE } from "./contract.ts";

/** Once: the next sweep comes soon, and one that waited for Kafka would keep reservations from expiring. */
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
  const { workflowId } = workflowInfo();
  const expiries = await onLedger.expireOverdue(workflowId);
  // Events that do not come through now are noted in the ledger, and are among what a later sweep publishes.
  await Promise.all([spread(workflowId, expiries), tellSagas(workflowId, expiries)]);
  return { expired: expiries.length, published: await publishOverdue() };
}

async function publishOverdue(): Promise<number> {
  try {
    return await sweepUnpublished();
  } catch (error) {
    log.warn("Overdue events could not be published; the next sweep tries again", { error });
    return 0;
  }
}
