import {
  CancellationScope,
  condition,
  continueAsNew,
  defineSignal,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from "@temporalio/workflow";
import { completedIds, type Outcome } from "../ledger/operations.ts";
import { carry, onLedger } from "./carry.ts";
import {
  type CarrierResult,
  CHANGED_SIGNAL,
  type Changed,
  RELEASE_SIGNAL,
  type Release,
  type SagaInput,
} from "./contract.ts";
import { describeStanding } from "./display.ts";
import { createEventsAwaited, type EventsAwaited } from "./eventsAwaited.ts";

/** A timer in the past, or of a few milliseconds, would turn the wait for a deadline into a busy loop where clocks differ. */
const WAIT_MIN_MS = 1_000;

/**
 * The saga of what one list of operations reserves. It carries the list, then waits until all of it is settled or the earliest deadline, asks
 * the ledger to expire what is due by the database's clock, and sleeps again, until nothing is open. Events that wait for Kafka wait beside
 * all of it, and are out before the saga ends.
 * Cancelling it is the compensation by hand: where exactly one reservation is open, it is released. Where more are, cancelling must not
 * free strangers' reservations; the signal `release` names the one.
 */
export async function reservation(input: SagaInput): Promise<CarrierResult> {
  const wishes = listen();
  return await CancellationScope.nonCancellable(async () => {
    const { workflowId } = workflowInfo();
    const events = createEventsAwaited(workflowId);
    const outcomes = input.watched?.outcomes ?? (await carry(input, events));
    const reservationIds = input.watched?.reservationIds ?? opened(input, outcomes);
    await watchOver({ workflowId, reservationIds, wishes, outcomes, events });
    await events.areOut();
    return { outcomes };
  });
}

/** What others want of the saga, as it comes in: from the first line on, since a signal may arrive before anything else is done. */
type Wishes = { isWoken: boolean; isCancelled: boolean; releases: string[] };

function listen(): Wishes {
  const wishes: Wishes = { isWoken: false, isCancelled: false, releases: [] };
  setHandler(defineSignal<[Changed]>(CHANGED_SIGNAL), () => {
    wishes.isWoken = true;
  });
  // Typed in by hand in the Web UI: a payload that is none must not break the saga, which would fail over it for ever.
  setHandler(defineSignal<[(Partial<Release> | null)?]>(RELEASE_SIGNAL), (asked) => {
    const reservationId = asked?.reservationId;
    wishes.releases.push(typeof reservationId === "string" ? reservationId : "a reservation without an id");
    wishes.isWoken = true;
  });
  CancellationScope.current().cancelRequested.catch(() => {
    wishes.isCancelled = true;
    wishes.isWoken = true;
  });
  return wishes;
}

type Saga = {
  workflowId: string;
  /** Those that it watches over. */
  reservationIds: string[];
  wishes: Wishes;
  /** Of the list that it has carried. */
  outcomes: Outcome[];
  events: EventsAwaited;
};

async function watchOver(saga: Saga): Promise<void> {
  const { workflowId, reservationIds, wishes, outcomes, events } = saga;
  let open = reservationIds;
  while (reservationIds.length > 0) {
    wishes.isWoken = false;
    const notes = await release(saga, wishes.releases.splice(0));
    // Only what was open before is asked for: all that has expired answers again, and would be published at every later wake-up.
    const settled = reservationIds.filter((reservationId) => !open.includes(reservationId));
    const { standing, ...expired } = await onLedger.expire(workflowId, open, settled);
    events.publishIfWaiting(expired.events);

    open = standing.openReservationIds;
    if (wishes.isCancelled && open.length === 1) {
      wishes.isCancelled = false;
      wishes.releases.push(open[0]!);
      continue;
    }
    if (wishes.isCancelled && open.length > 1) {
      wishes.isCancelled = false;
      notes.push(
        `Cancelling releases nothing here: ${open.length} reservations are open. Send the signal release for one.`,
      );
    }
    setCurrentDetails([describeStanding(standing), ...notes].join("\n\n"));
    if (!standing.due) return;

    // With events waiting it goes on as it is: a new run would have to wait for them, and would watch over nothing meanwhile.
    if (workflowInfo().continueAsNewSuggested && !wishes.isWoken && !events.areWaiting()) {
      await continueAsNew<typeof reservation>({ operations: [], watched: { outcomes, reservationIds: open } });
    }
    await condition(() => wishes.isWoken, Math.max(standing.due.inMs, WAIT_MIN_MS));
  }
}

/** Releases what operators named, and says what came of each that could not be. */
async function release({ workflowId, reservationIds, events }: Saga, releases: string[]): Promise<string[]> {
  const notes: string[] = [];
  for (const reservationId of releases) {
    if (!reservationIds.includes(reservationId)) {
      notes.push(`Asked to release ${reservationId}, which this saga does not watch.`);
      continue;
    }
    const released = await onLedger.releaseByOperator(workflowId, reservationId);
    events.publishIfWaiting(released.events);
    for (const outcome of released.outcomes) {
      if (outcome.status === "declined") notes.push(`Asked to release ${reservationId}: ${outcome.code}.`);
    }
  }
  return notes;
}

/** The reservations that came into being with the list. */
function opened({ operations }: SagaInput, outcomes: Outcome[]): string[] {
  const completed = new Set(completedIds(outcomes));
  return operations
    .filter(({ kind, operationId }) => kind === "reservation" && completed.has(operationId))
    .map(({ operationId }) => operationId);
}
