import {
  CancellationScope,
  condition,
  continueAsNew,
  defineSignal,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from "@temporalio/workflow";
import type { Carried, SagaSummary } from "../activities/index.ts";
import { carry, onLedger } from "./carry.ts";
import {
  type CarrierResult,
  CHANGED_SIGNAL,
  type Changed,
  RELEASE_SIGNAL,
  type Release,
  type SagaInput,
} from "./contract.ts";
import { describeSaga } from "./display.ts";
import { createEventsAwaited, type EventsAwaited } from "./eventsAwaited.ts";

/** The shortest wait for a deadline. Where clocks differ, a shorter timer would become a busy loop. */
const WAIT_MIN_MS = 1_000;

/**
 * The saga of the reservations that it opens. It carries its operations, then sleeps until the earliest deadline, expires what is due by the
 * database's clock, and sleeps again until nothing is open. The ledger knows which reservations are its own: it keeps no list. Events that
 * wait for Kafka are published beside all of it, and before its end.
 * Cancelling it releases its reservation where exactly one is open. Where more are open, the signal `release` names one.
 */
export async function reservation(input: SagaInput): Promise<CarrierResult> {
  const signals = registerHandlers();
  return await CancellationScope.nonCancellable(async () => {
    const { workflowId } = workflowInfo();
    const events = createEventsAwaited(workflowId);
    const { counts, saga } = await (input.isPosted
      ? onLedger.expire(workflowId)
      : carry({ workflowId, isSaga: true }, input, events));
    await settleAll(workflowId, saga, signals, events);
    await events.areOut();
    return { counts: input.isPosted ? [] : counts };
  });
}

/** Set from the first line on: a signal may arrive before anything else is done. */
type Signals = { isWoken: boolean; isCancelled: boolean; releases: string[] };

function registerHandlers(): Signals {
  const signals: Signals = { isWoken: false, isCancelled: false, releases: [] };
  setHandler(defineSignal<[Changed]>(CHANGED_SIGNAL), () => {
    signals.isWoken = true;
  });
  // Typed by hand in the Web UI: a payload of another shape must not fail the workflow task again and again.
  setHandler(defineSignal<[(Partial<Release> | null)?]>(RELEASE_SIGNAL), (payload) => {
    const reservationId = payload?.reservationId;
    signals.releases.push(typeof reservationId === "string" ? reservationId : "a reservation without an id");
    signals.isWoken = true;
  });
  CancellationScope.current().cancelRequested.catch(() => {
    signals.isCancelled = true;
    signals.isWoken = true;
  });
  return signals;
}

/** Ends when nothing is open. `saga` is the state after the post: its first deadline needs no activity. */
async function settleAll(
  workflowId: string,
  saga: SagaSummary | undefined,
  signals: Signals,
  events: EventsAwaited,
): Promise<void> {
  let current = saga;
  let notes: string[] = [];
  while (current?.due) {
    const { due, openCount, onlyOpenId } = current;
    if (signals.isCancelled && openCount > 1) {
      notes.push(
        `Cancelling releases nothing here: ${openCount} reservations are open. Send the signal release for one.`,
      );
    }
    if (signals.isCancelled && onlyOpenId) signals.releases.push(onlyOpenId);
    signals.isCancelled = false;
    setCurrentDetails([describeSaga(current), ...notes].join("\n\n"));

    if (signals.releases.length === 0) {
      // With events waiting it goes on as it is: a new run would have to wait for them, and would watch over nothing meanwhile.
      if (workflowInfo().continueAsNewSuggested && !signals.isWoken && !events.areWaiting()) {
        await continueAsNew<typeof reservation>({ operations: [], isPosted: true });
      }
      await condition(() => signals.isWoken, Math.max(due.inMs, WAIT_MIN_MS));
    }
    signals.isWoken = false;
    notes = await release(workflowId, signals.releases.splice(0), events);
    const expired: Carried = await onLedger.expire(workflowId);
    events.publishIfWaiting(expired.events);
    current = expired.saga;
  }
  if (current) setCurrentDetails([describeSaga(current), ...notes].join("\n\n"));
}

/** Releases what operators named. @returns a note on each that could not be released */
async function release(workflowId: string, reservationIds: string[], events: EventsAwaited): Promise<string[]> {
  const notes: string[] = [];
  for (const reservationId of reservationIds) {
    const released = await onLedger.releaseByOperator(workflowId, reservationId);
    if (!released) {
      notes.push(`Asked to release ${reservationId}, which this saga does not watch.`);
      continue;
    }
    events.publishIfWaiting(released.events);
    for (const { outcome } of released.counts) {
      if (outcome !== "completed") notes.push(`Asked to release ${reservationId}: ${outcome}.`);
    }
  }
  return notes;
}
