import {
  ApplicationFailure,
  getExternalWorkflowHandle,
  log,
  proxyActivities,
  proxyLocalActivities,
  setCurrentDetails,
  upsertSearchAttributes,
} from "@temporalio/workflow";
import type { Activities, Carried } from "../activities/index.ts";
import type { Carrier, CarrierInput, SearchValues } from "../ledger/carriers.ts";
import { CHANGED_SIGNAL, type Changed } from "./contract.ts";
import { describeCounts, searchAttributes, searchValues } from "./display.ts";
import type { EventsAwaited } from "./eventsAwaited.ts";

/**
 * Tried at once, inside the workflow task, without a round trip to the server. Three attempts outlast a dropped connection. 10 s are above
 * the window in which a carrier pulls, and above each timeout of the database; a post that exceeds them goes on beside its successor, which
 * locks and stored operations make safe.
 */
const local = proxyLocalActivities<Activities>({
  startToCloseTimeout: "10 seconds",
  retry: { maximumAttempts: 3, initialInterval: "50 milliseconds", maximumInterval: "500 milliseconds" },
});

/** Retried without limit, visible with its last error in the Web UI: an operation that was answered 202 must be decided. */
const durable = proxyActivities<Activities>({
  startToCloseTimeout: "10 seconds",
  retry: { initialInterval: "500 milliseconds", maximumInterval: "5 seconds" },
});

/** The activities that lead to the ledger: fast when it is healthy, visible when it is not. */
export const onLedger = {
  post: (carrier: Carrier, input: CarrierInput) =>
    localThenDurable("post", (activities) => activities.post(carrier, input)),
  expire: (workflowId: string) => localThenDurable("expire", (activities) => activities.expire(workflowId)),
  releaseByOperator: (workflowId: string, reservationId: string) =>
    localThenDurable("releaseByOperator", (activities) => activities.releaseByOperator(workflowId, reservationId)),
};

/**
 * Posts the carrier's input and what it pulls. Declines are counts in the result. Infrastructure errors are retried without limit, so this
 * never throws. Events that could not be published at once are left to `events`.
 */
export async function carry(carrier: Carrier, input: CarrierInput, events: EventsAwaited): Promise<Carried> {
  const carried = await onLedger.post(carrier, input);
  setCurrentDetails(describeCounts(carried.counts));
  makeSearchable(input, carried.found);
  events.publishIfWaiting(carried.events);
  await signalSagas(carrier.workflowId, carried.sagaWorkflowIds);
  return carried;
}

/** A settlement by id is found by its user and order, and a carrier by all that it pulled. The start has named the input. */
function makeSearchable({ operations }: CarrierInput, found: SearchValues): void {
  const attributes = searchAttributes(found);
  if (JSON.stringify(attributes) !== JSON.stringify(searchAttributes(searchValues(operations)))) {
    upsertSearchAttributes(attributes);
  }
}

/** Below the server's limit of 2,000 pending signals of a workflow. */
const SIGNALS_PER_ROUND = 500;

/** Signals sagas whose reservations were settled. Best effort: one that is missed asks the ledger at its next deadline. */
export async function signalSagas(byWorkflowId: string, sagaWorkflowIds: string[]): Promise<void> {
  for (let start = 0; start < sagaWorkflowIds.length; start += SIGNALS_PER_ROUND) {
    // All are awaited, also where one fails: commands that are not sent by the end of the workflow are lost.
    const sent = await Promise.allSettled(
      sagaWorkflowIds
        .slice(start, start + SIGNALS_PER_ROUND)
        .map((sagaWorkflowId) =>
          getExternalWorkflowHandle(sagaWorkflowId).signal<[Changed]>(CHANGED_SIGNAL, { byWorkflowId }),
        ),
    );
    const failed = sent.find((one) => one.status === "rejected" && !hasEnded(one.reason));
    if (failed?.status === "rejected") log.warn("Not every saga could be signalled", { error: failed.reason });
  }
}

/** A saga that has read the settlement in the ledger by itself has ended before the signal: the purpose is met. */
function hasEnded(error: unknown): boolean {
  return error instanceof ApplicationFailure && error.type === "ExternalWorkflowExecutionNotFound";
}

async function localThenDurable<Result>(
  name: string,
  run: (activities: typeof local | typeof durable) => Promise<Result>,
): Promise<Result> {
  try {
    return await run(local);
  } catch (error) {
    log.warn("The ledger could not be reached at once", { error });
    setCurrentDetails(`Waiting for the ledger: see the pending activity \`${name}\` for its last error.`);
    return await run(durable);
  }
}
