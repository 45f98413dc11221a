import { proxyActivities } from "@temporalio/workflow";
import type { Activities } from "../activities/index.ts";
import { EVENTS_TASK_QUEUE } from "./contract.ts";

/** Without end, since the schedule starts no second sweep while one runs: where Kafka is away, one sweep waits for it, visibly. */
const { sweepUnpublished } = proxyActivities<Activities>({
  taskQueue: EVENTS_TASK_QUEUE,
  startToCloseTimeout: "60 seconds",
  retry: { initialInterval: "1 second", maximumInterval: "30 seconds" },
});

/** Publishes what nobody else does any more, and returns for how many carriers. It needs nothing but the ledger: no history, no memory. */
export async function sweep(): Promise<number> {
  return await sweepUnpublished();
}
