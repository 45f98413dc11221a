import { proxyActivities } from "@temporalio/workflow";
import type { Activities, Publication } from "../activities/index.ts";
import { EVENTS_TASK_QUEUE } from "./contract.ts";

/** Backoff from 1 s to 60 s, without limit: an event may be late, never missing. 30 s are above one drain of the outbox. */
const whenKafkaIsBack = proxyActivities<Activities>({
  taskQueue: EVENTS_TASK_QUEUE,
  startToCloseTimeout: "30 seconds",
  retry: { initialInterval: "1 second", maximumInterval: "60 seconds" },
});

export type EventsAwaited = ReturnType<typeof createEventsAwaited>;

/**
 * Publishes a workflow's waiting events beside its other work, so that an outage of Kafka delays neither expiry nor signals. At most one
 * `publishEvents` is pending: it publishes all that is in the outbox by then.
 */
export function createEventsAwaited(workflowId: string) {
  let last: Promise<void> = Promise.resolve();
  let pending = 0;
  let isNextAsked = false;

  return {
    /** Publishes what is in the outbox now, unless it is published, or left to the sweep. */
    publishIfWaiting(publication: Publication): void {
      if (publication !== "waiting" || isNextAsked) return;
      isNextAsked = true;
      pending += 1;
      last = last.then(async () => {
        isNextAsked = false;
        await whenKafkaIsBack.publishEvents(workflowId);
        pending -= 1;
      });
    },

    areWaiting: (): boolean => pending > 0,

    /** Resolves once none is waiting: to be awaited before the workflow ends. */
    areOut: (): Promise<void> => last,
  };
}
