import {
  getExternalWorkflowHandle,
  log,
  proxyActivities,
  proxyLocalActivities,
  setCurrentDetails,
  workflowInfo,
} from "@temporalio/workflow";
import type { Activities, Publication } from "../activities/index.ts";
import type { Kind, Outcome } from "../ledger/operations.ts";
import { type CarrierInput, CHANGED_SIGNAL, type Changed } from "./contract.ts";
import { summarizeOutcomes } from "./display.ts";
import type { EventsAwaited } from "./eventsAwaited.ts";

// Each side effect is tried at once, inside the workflow task, where it costs no round trip to the server. What fails there is given to a
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

/** One chance each; the activity itself gives up after 500 ms, so that a frozen store holds no workflow task. */
const oneChance = proxyLocalActivities<Activities>({
  startToCloseTimeout: "2 seconds",
  retry: { maximumAttempts: 1 },
});

type Concerned = Awaited<ReturnType<Activities["findSagasConcerned"]>>;

/** The activities that lead to the ledger, done however long it takes. */
export const onLedger = {
  post: (workflowId: string, { operations, isAtomic }: CarrierInput) =>
    surely("post", (activities) => activities.post(workflowId, operations, ...(isAtomic ? [isAtomic] : []))),
  expire: (workflowId: string, reservationIds: string[], settledIds: string[]) =>
    surely("expire", (activities) => activities.expire(workflowId, reservationIds, settledIds)),
  releaseByOperator: (workflowId: string, reservationId: string) =>
    surely("releaseByOperator", (activities) => activities.releaseByOperator(workflowId, reservationId)),
};

const CHANGING_RESERVATIONS: ReadonlySet<Kind> = new Set<Kind>(["recognition", "release", "extension"]);

/**
 * Carries the operations into the ledger and the cache, then what they did into the event stream, and returns their outcomes in order.
 * A decline is an outcome; only trouble is a failure, and there is none that this does not outlast. Events that could not be published at once
 * are left to `events`.
 */
export async function carry(input: CarrierInput, events: EventsAwaited): Promise<Outcome[]> {
  const { workflowId } = workflowInfo();
  const outcomes = await onLedger.post(workflowId, input);
  setCurrentDetails(summarizeOutcomes(outcomes));
  const concernsSagas = input.operations.some(({ kind }) => CHANGING_RESERVATIONS.has(kind));
  await announce(workflowId, outcomes, concernsSagas, events);
  return outcomes;
}

/**
 * Gives the events of what the ledger has done one chance. Those that could not be published are left to `events`, or to the sweep where they
 * are too many, or nobody waits.
 */
export async function publish(workflowId: string, outcomes: Outcome[], events?: EventsAwaited): Promise<void> {
  const operationIds = completedIds(outcomes);
  if (operationIds.length === 0) return;
  if ((await tryPublishEvents(workflowId, operationIds)) === "waiting") events?.publish();
}

/**
 * Publishes what the ledger has done, and tells the sagas whose reservations it changed. Best effort: one that does not hear of it finds out at
 * its next deadline. None is told before the events are out or left to `events`: of two branches that each command the server once their
 * local activities have returned, a replay may see the other one first, and the workflow would be stuck for ever.
 */
export async function announce(
  workflowId: string,
  outcomes: Outcome[],
  concernsSagas: boolean,
  events?: EventsAwaited,
): Promise<void> {
  const [, concerned] = await Promise.all([
    publish(workflowId, outcomes, events),
    concernsSagas ? findConcerned(workflowId, outcomes) : [],
  ]);
  await tell(workflowId, concerned);
}

async function findConcerned(workflowId: string, outcomes: Outcome[]): Promise<Concerned> {
  const operationIds = completedIds(outcomes);
  if (operationIds.length === 0) return [];
  try {
    return await oneChance.findSagasConcerned(workflowId, operationIds);
  } catch (error) {
    log.warn("Not every saga could be told", { error });
    return [];
  }
}

async function tell(workflowId: string, concerned: Concerned): Promise<void> {
  // All are waited for, also where one fails: what a workflow has not sent by its end is not sent any more.
  const told = await Promise.allSettled(
    concerned.map((saga) =>
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

async function tryPublishEvents(workflowId: string, operationIds: string[]): Promise<Publication> {
  try {
    return await oneChance.tryPublishEvents(workflowId, operationIds);
  } catch (error) {
    log.warn("The events could not be published at once", { error });
    return "waiting";
  }
}

function completedIds(outcomes: Outcome[]): string[] {
  return outcomes.filter(({ status }) => status === "completed").map(({ operationId }) => operationId);
}
