import { proxyActivities } from "@temporalio/workflow";
import type { Activities, Publication } from "../activities/index.ts";
import { EVENTS_TASK_QUEUE } from "./contract.ts";

/** From 1 s to 60 s between attempts, for ever: an event may be late, never missing. 30 s are for the thousand operations of a full carrier. */
const whenKafkaIsBack = proxyActivities<Activities>({
  taskQueue: EVENTS_TASK_QUEUE,
  startToCloseTimeout: "30 seconds",
  retry: { initialInterval: "1 second", maximumInterval: "60 seconds" },
});

export type EventsAwaited = ReturnType<typeof createEventsAwaited>;

/**
 * The events of one workflow that wait for Kafka. They wait beside whatever else it does: an outage must keep no reservation from its deadline,
 * and no operator from being obeyed. One activity publishes all that its workflow has noted by then, so one is pending however often it is
 * asked for; what is noted while it is at work, the next one publishes.
 */
export function createEventsAwaited(workflowId: string) {
  let last: Promise<void> = Promise.resolve();
  let pending = 0;
  let isNextAsked = false;

  return {
    /** Sees to it that what is noted now will be published, unless it is, or is left to the sweep. */
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

    /** Resolves once none waits any more: to be awaited before the workflow ends. */
    areOut: (): Promise<void> => last,
  };
}
