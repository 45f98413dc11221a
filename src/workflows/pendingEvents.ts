import { proxyActivities } from "@temporalio/workflow";
import type { Activities, PostingResult } from "../activities/index.ts";
import { EVENTS_TASK_QUEUE } from "./contract.ts";
import type { Details } from "./details.ts";

/**
 * Unlimited retries, backoff from 1 s to 60 s: events may be late, never lost. 30 s are above the limit of one outbox
 * drain, 20 s.
 */
const { publishEvents } = proxyActivities<Activities>({
  taskQueue: EVENTS_TASK_QUEUE,
  startToCloseTimeout: "30 seconds",
  retry: { initialInterval: "1 second", maximumInterval: "60 seconds" },
});

export type PendingEvents = ReturnType<typeof createPendingEvents>;

/**
 * Publishes a workflow's events concurrently with its other work. So a Kafka outage delays neither expiry nor signals.
 * Activities run one after the other, and at most one is queued behind the running one: it publishes all outbox rows of
 * that time.
 */
export function createPendingEvents(workflowId: string, details: Details) {
  let last: Promise<void> = Promise.resolve();
  let pending = 0;
  let isNextScheduled = false;

  return {
    /**
     * Publishes outbox rows that this workflow has to wait for. Does nothing where they are published or left to the
     * sweep.
     */
    publishIfWaiting(left: Pick<PostingResult, "events" | "eventsWaiting">): void {
      if (left.events !== "published" || pending === 0) details.showEvents(left);
      if (left.events !== "waiting" || isNextScheduled) return;
      isNextScheduled = true;
      pending += 1;
      last = last.then(async () => {
        isNextScheduled = false;
        await publishEvents(workflowId);
        pending -= 1;
        if (pending === 0) details.showEvents({ events: "published" });
      });
    },

    hasPending: (): boolean => pending > 0,

    /** Resolves once all events are published. Await it before the workflow ends. */
    allPublished: (): Promise<void> => last,
  };
}
