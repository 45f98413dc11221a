import {
  getExternalWorkflowHandle,
  log,
  proxyActivities,
  proxyLocalActivities,
  setCurrentDetails,
  workflowInfo,
} from "@temporalio/workflow";
import type { Activities } from "../activities/index.ts";
import type { Outcome } from "../ledger/operations.ts";
import type { SagaConcerned } from "../ledger/records.ts";
import { type CarrierInput, CHANGED_SIGNAL, type Changed } from "./contract.ts";
import { summarizeOutcomes } from "./display.ts";
import type { EventsAwaited } from "./eventsAwaited.ts";

// What leads to the ledger is tried at once, inside the workflow task, where it costs no round trip to the server. What fails there is given to a
// regular activity, which is retried for ever and stands with its last error in the Web UI: fast when well, visible when stuck.

/**
 * Three attempts ride out a dropped connection. 10 s is above each of the database's own limits; a post that several of them together
 * take beyond it goes on beside its successor, which the locks and the stored operations make safe.
 */
const atOnce = proxyLocalActivities<Activities>({
  startToCloseTimeout: "10 seconds",
  retry: { maximumAttempts: 3, initialInterval: "50 milliseconds", maximumInterval: "500 milliseconds" },
});

/** Money that was answered 202 must be decided: no limit to the attempts, and soon after PostgreSQL is back. */
const untilDone = proxyActivities<Activities>({
  startToCloseTimeout: "10 seconds",
  retry: { initialInterval: "500 milliseconds", maximumInterval: "5 seconds" },
});

/** The activities that lead to the ledger, done however long it takes. */
export const onLedger = {
  post: (workflowId: string, { operations, isAtomic }: CarrierInput) =>
    surely("post", (activities) => activities.post(workflowId, operations, ...(isAtomic ? [isAtomic] : []))),
  expire: (workflowId: string, reservationIds: string[], settledIds: string[]) =>
    surely("expire", (activities) => activities.expire(workflowId, reservationIds, settledIds)),
  releaseByOperator: (workflowId: string, reservationId: string) =>
    surely("releaseByOperator", (activities) => activities.releaseByOperator(workflowId, reservationId)),
};

/**
 * Carries the operations into the ledger, from there into the cache and the event stream, and returns their outcomes in order.
 * A decline is an outcome; only trouble is a failure, and there is none that this does not outlast. Events that could not be published at once
 * are left to `events`; sagas whose reservations were changed are told.
 */
export async function carry(input: CarrierInput, events: EventsAwaited): Promise<Outcome[]> {
  const { workflowId } = workflowInfo();
  const carried = await onLedger.post(workflowId, input);
  setCurrentDetails(summarizeOutcomes(carried.outcomes));
  events.publishIfWaiting(carried.events);
  await tell(workflowId, carried.sagas);
  return carried.outcomes;
}

/** Tells sagas what was done to their reservations. Best effort: one that does not hear of it finds out at its next deadline. */
export async function tell(workflowId: string, sagas: SagaConcerned[]): Promise<void> {
  // All are waited for, also where one fails: what a workflow has not sent by its end is not sent any more.
  const told = await Promise.allSettled(
    sagas.map((saga) =>
      getExternalWorkflowHandle(saga.sagaWorkflowId).signal<[Changed]>(CHANGED_SIGNAL, {
        byWorkflowId: workflowId,
        operationIds: saga.operationIds,
      }),
    ),
  );
  const failure = told.find((one) => one.status === "rejected");
  if (failure) log.warn("Not every saga could be told", { error: failure.reason });
}

async function surely<Result>(
  name: string,
  work: (activities: typeof atOnce | typeof untilDone) => Promise<Result>,
): Promise<Result> {
  try {
    return await work(atOnce);
  } catch (error) {
    log.warn("The ledger could not be reached at once", { error });
    setCurrentDetails(`Waiting for the ledger: see the pending activity \`${name}\` for its last error.`);
    return await work(untilDone);
  }
}
