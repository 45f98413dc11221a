import {
  ApplicationFailure,
  getExternalWorkflowHandle,
  log,
  proxyActivities,
  proxyLocalActivities,
  upsertSearchAttributes,
} from "@temporalio/workflow";
import type { Activities, PostingResult } from "../activities/index.ts";
import type { Carrier, CarrierInput, SearchValues } from "../ledger/carriers.ts";
import type { OperatorRelease } from "../ledger/ownOperations.ts";
import { CHANGED_SIGNAL, type Changed } from "./contract.ts";
import type { Details } from "./details.ts";
import { describeCounts, searchAttributes, searchValues } from "./display.ts";
import type { PendingEvents } from "./pendingEvents.ts";

/**
 * Local activities: run inside the workflow task, without a round trip to the server. Three attempts survive a dropped
 * connection. 10 s are above the time in which a carrier pulls, and above each timeout of the database. A post that
 * exceeds them may still commit while its retry runs: locks and stored operations make it idempotent.
 */
const local = proxyLocalActivities<Activities>({
  startToCloseTimeout: "10 seconds",
  retry: { maximumAttempts: 3, initialInterval: "50 milliseconds", maximumInterval: "500 milliseconds" },
});

/** Retried without limit: an operation that was accepted with 202 must be decided. The Web UI shows the last error. */
const durable = proxyActivities<Activities>({
  startToCloseTimeout: "10 seconds",
  retry: { initialInterval: "500 milliseconds", maximumInterval: "5 seconds" },
});

/** The posting activities: local while the ledger is available, else durable. */
export function onLedger(details: Details) {
  return {
    post: (carrier: Carrier, input: CarrierInput) =>
      localThenDurable(details, "post", (activities) => activities.post(carrier, input)),
    expire: (workflowId: string) => localThenDurable(details, "expire", (activities) => activities.expire(workflowId)),
    releaseByOperator: (workflowId: string, release: OperatorRelease) =>
      localThenDurable(details, "releaseByOperator", (activities) => activities.releaseByOperator(workflowId, release)),
  };
}

/**
 * Posts the carrier's input and the operations that it pulls. Declines are counts in the result. Infrastructure errors
 * are retried without limit, so this never throws. Passes events that are not published yet to `events`.
 */
export async function carry(
  carrier: Carrier,
  input: CarrierInput,
  details: Details,
  events: PendingEvents,
): Promise<PostingResult> {
  const carried = await onLedger(details).post(carrier, input);
  details.show(describeCounts(carried.counts));
  makeSearchable(input, carried.found);
  events.publishIfWaiting(carried);
  await signalSagas(carrier.workflowId, carried.sagaWorkflowIds);
  return carried;
}

/**
 * Adds search values that the start did not have. They are the user and order of a settlement by id, and the values of
 * pulled operations.
 */
function makeSearchable({ operations }: CarrierInput, found: SearchValues): void {
  const attributes = searchAttributes(found);
  if (JSON.stringify(attributes) !== JSON.stringify(searchAttributes(searchValues(operations)))) {
    upsertSearchAttributes(attributes);
  }
}

/** Below Temporal's limit of 2,000 pending signals in one workflow. */
const SIGNALS_PER_ROUND = 500;

/**
 * Signals sagas whose reservations were settled. Best effort: a saga without the signal reads the ledger at its next
 * deadline.
 */
export async function signalSagas(byWorkflowId: string, sagaWorkflowIds: string[]): Promise<void> {
  for (let start = 0; start < sagaWorkflowIds.length; start += SIGNALS_PER_ROUND) {
    // Awaits all, also after a failure: commands not sent before the workflow ends are lost.
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

/** A saga that has read the settlement by itself may have ended before the signal. */
function hasEnded(error: unknown): boolean {
  return error instanceof ApplicationFailure && error.type === "ExternalWorkflowExecutionNotFound";
}

async function localThenDurable<Result>(
  details: Details,
  name: string,
  run: (activities: typeof local | typeof durable) => Promise<Result>,
): Promise<Result> {
  try {
    return await run(local);
  } catch (error) {
    log.warn("The ledger could not be reached at once", { error });
    details.showLedgerWait(name);
    const result = await run(durable);
    details.showLedgerWait(undefined);
    return result;
  }
}
