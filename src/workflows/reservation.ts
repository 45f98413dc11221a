import {
  CancellationScope,
  condition,
  continueAsNew,
  defineSignal,
  setHandler,
  workflowInfo,
} from "@temporalio/workflow";
import type { PostingResult, SagaSummary } from "../activities/index.ts";
import type { OperatorRelease } from "../ledger/ownOperations.ts";
import { carry, onLedger } from "./carry.ts";
import {
  type CarrierResult,
  CHANGED_SIGNAL,
  type Changed,
  RELEASE_SIGNAL,
  type SagaEnd,
  type SagaInput,
} from "./contract.ts";
import { createDetails, type Details } from "./details.ts";
import { describeSaga } from "./display.ts";
import { createPendingEvents, type PendingEvents } from "./pendingEvents.ts";

/** The shortest timer for a deadline. With clock skew, a shorter one would become a busy loop. */
const WAIT_MIN_MS = 1_000;

/** The reason of a release by cancelling the saga. */
const CANCELLED = "The saga was cancelled";

/**
 * The saga of the reservations that it opens. It posts its operations, then sleeps until the earliest deadline, expires
 * reservations that are due by the database's clock, and repeats until none is open. Its state is in the ledger: the
 * workflow keeps no list of its reservations. Pending events are published concurrently, at the latest before it ends.
 * Cancelling it releases its reservation where exactly one is open. Where more are open, the signal `release` selects
 * one.
 */
export async function reservation(input: SagaInput): Promise<CarrierResult> {
  const signals = registerHandlers();
  return await CancellationScope.nonCancellable(async () => {
    const { workflowId } = workflowInfo();
    const details = createDetails();
    const events = createPendingEvents(workflowId, details);
    const { counts, saga } = await (input.isPosted
      ? onLedger(details).expire(workflowId)
      : carry({ workflowId, isSaga: true }, input, details, events));
    const end = await settleAll(workflowId, saga, signals, details, events);
    await events.allPublished();
    return { counts: input.isPosted ? [] : counts, ...(end && { saga: endOf(end) }) };
  });
}

/** Handlers are registered first: a signal may arrive before the first activity. */
type Signals = { wake: boolean; isCancelled: boolean; releases: OperatorRelease[] };

function registerHandlers(): Signals {
  const signals: Signals = { wake: false, isCancelled: false, releases: [] };
  setHandler(defineSignal<[Changed]>(CHANGED_SIGNAL), () => {
    signals.wake = true;
  });
  // Operators type the payload in the Web UI. An invalid one must not fail the workflow task repeatedly.
  setHandler(defineSignal<[(Partial<OperatorRelease> | null)?]>(RELEASE_SIGNAL), (payload) => {
    const texts = Object.entries(payload ?? {}).filter(([, value]) => typeof value === "string");
    signals.releases.push({ reservationId: "a reservation without an id", ...Object.fromEntries(texts) });
    signals.wake = true;
  });
  CancellationScope.current().cancelRequested.catch(() => {
    signals.isCancelled = true;
    signals.wake = true;
  });
  return signals;
}

/**
 * Returns the last summary when no reservation is open. `saga` is the summary after the post, so the first deadline
 * needs no activity.
 */
async function settleAll(
  workflowId: string,
  saga: SagaSummary | undefined,
  signals: Signals,
  details: Details,
  events: PendingEvents,
): Promise<SagaSummary | undefined> {
  let current = saga;
  let notes: string[] = [];
  while (current?.due) {
    const { due, openCount, onlyOpenId } = current;
    if (signals.isCancelled && openCount > 1) {
      notes.push(
        `Cancelling releases nothing here: ${openCount} reservations are open. Send the signal release for one.`,
      );
    }
    if (signals.isCancelled && onlyOpenId) signals.releases.push({ reservationId: onlyOpenId, reason: CANCELLED });
    signals.isCancelled = false;
    details.show([describeSaga(current), ...notes].join("\n\n"));

    if (signals.releases.length === 0) {
      // With pending events there is no continue-as-new. It would have to wait for them, and expire nothing meanwhile.
      if (workflowInfo().continueAsNewSuggested && !signals.wake && !events.hasPending()) {
        await continueAsNew<typeof reservation>({ operations: [], isPosted: true });
      }
      await condition(() => signals.wake, Math.max(due.inMs, WAIT_MIN_MS));
    }
    signals.wake = false;
    notes = await release(workflowId, signals.releases.splice(0), details, events);
    const expired: PostingResult = await onLedger(details).expire(workflowId);
    events.publishIfWaiting(expired);
    current = expired.saga;
  }
  if (current) details.show([describeSaga(current), ...notes].join("\n\n"));
  return current;
}

function endOf({ reserved, recognized, released, expired, settlements }: SagaSummary): SagaEnd {
  return { reserved, recognized, released, expired, ...(settlements && { settlements }) };
}

/**
 * Releases the reservations of `release` signals and of a cancellation.
 * @returns a note on each that could not be released
 */
async function release(
  workflowId: string,
  releases: OperatorRelease[],
  details: Details,
  events: PendingEvents,
): Promise<string[]> {
  const notes: string[] = [];
  for (const one of releases) {
    const { reservationId } = one;
    const released = await onLedger(details).releaseByOperator(workflowId, one);
    if (!released) {
      notes.push(`Asked to release ${reservationId}, which this saga does not watch.`);
      continue;
    }
    events.publishIfWaiting(released);
    for (const { outcome } of released.counts) {
      if (outcome !== "completed") notes.push(`Asked to release ${reservationId}: ${outcome}.`);
    }
  }
  return notes;
}
