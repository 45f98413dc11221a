import { log, proxyActivities, proxyLocalActivities, setCurrentDetails, workflowInfo } from "@temporalio/workflow";
import type { Activities, Publication } from "../activities/index.ts";
import type { Operation, Outcome } from "../ledger/operations.ts";
import { EVENTS_TASK_QUEUE } from "./contract.ts";
import { summarizeOutcomes } from "./display.ts";

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

/** From 1 s to 60 s between attempts, for ever: an event may be late, never missing. 30 s are for the thousand operations of a full carrier. */
const whenKafkaIsBack = proxyActivities<Activities>({
  taskQueue: EVENTS_TASK_QUEUE,
  startToCloseTimeout: "30 seconds",
  retry: { initialInterval: "1 second", maximumInterval: "60 seconds" },
});

/**
 * Carries the operations into the ledger, then what they did into the cache and the event stream, and returns their outcomes in order.
 * A decline is an outcome; only trouble is a failure, and there is none that this does not outlast.
 */
export async function carry(operations: Operation[]): Promise<Outcome[]> {
  const { workflowId } = workflowInfo();
  const outcomes = await post(workflowId, operations);

  const completed = outcomes.filter(({ status }) => status === "completed").map(({ operationId }) => operationId);
  setCurrentDetails(summarizeOutcomes(outcomes));
  if (completed.length > 0) await Promise.all([refreshBalances(completed), publishEvents(workflowId)]);
  return outcomes;
}

async function post(workflowId: string, operations: Operation[]): Promise<Outcome[]> {
  try {
    return await atOnce.post(workflowId, operations);
  } catch (error) {
    log.warn("The ledger could not be reached at once", { error });
    setCurrentDetails("Waiting for the ledger: see the pending activity `post` for its last error.");
    return await untilDone.post(workflowId, operations);
  }
}

/** Not worth a second try: what the cache holds ends with its time to live, and every later operation writes the present balance. */
async function refreshBalances(operationIds: string[]): Promise<void> {
  try {
    await oneChance.refreshBalances(operationIds);
  } catch (error) {
    log.warn("The cached balances could not be refreshed", { error });
  }
}

async function publishEvents(workflowId: string): Promise<void> {
  let publication: Publication = "waiting";
  try {
    publication = await oneChance.tryPublishEvents(workflowId);
  } catch (error) {
    log.warn("The events could not be published at once", { error });
  }
  if (publication === "waiting") await whenKafkaIsBack.publishEvents(workflowId);
}
