import { formatAmount } from "../ledger/money.ts";
import { deriveOwnOperationId } from "../ledger/operationId.ts";
import { completedIds, type Kind, type Operation, type Outcome } from "../ledger/operations.ts";
import { type Reservation, remainingMinor, type SagaConcerned } from "../ledger/records.ts";
import { withTimeLimit } from "../timeLimit.ts";
import type { Publication, TryPublishEvents } from "./publishing.ts";

/** How the reservations of a saga stand, in sums, as decimal strings. */
export type Standing = {
  reserved: string;
  recognized: string;
  released: string;
  expired: string;
  remaining: string;
  openReservationIds: string[];
  /**
   * The deadline to wait for, of those that are open, and how long from now, by the database's clock: the earliest to come. What is past its
   * deadline is asked for again after a while. Absent where none is open.
   */
  due?: { inMs: number; at: string };
  /** Those past their deadlines, which the ledger refuses to expire. Absent where there are none. */
  refusedIds?: string[];
};

/** What a posting came to, in the order of its operations, and what is left to do about it. */
export type Carried = { outcomes: Outcome[]; events: Publication; sagas: SagaConcerned[] };

export type Posting = {
  /** Brings the operations into the ledger, all or none of them where it is atomic; what is stored already answers as it is stored. */
  post(workflowId: string, operations: Operation[], isAtomic?: boolean): Promise<Carried>;
  /**
   * Expires what is due of these reservations, by the database's clock, and says how those stand that the workflow watches over, with those
   * that are known to be settled. What of these reservations has expired before answers as it is stored.
   */
  expire(workflowId: string, reservationIds: string[], settledIds: string[]): Promise<Carried & { standing: Standing }>;
  /** Releases all that remains of a reservation on an operator's word. A reservation is released so once. */
  releaseByOperator(workflowId: string, reservationId: string): Promise<Carried>;
  /** Expires what is open well past its deadline, since no saga does. */
  expireOverdue(workflowId: string): Promise<Carried>;
};

/** A ledger that is slow after the commit must not make the activity run out of time, and post all of it again. */
const FOLLOWING_LIMIT_MS = 2_000;

/** What another's operations of these kinds do to a reservation, its saga should hear of. */
const CHANGING_RESERVATIONS: ReadonlySet<Kind> = new Set<Kind>(["recognition", "release", "extension"]);

/** A saga that is alive has expired its reservation by then. */
const OVERDUE_GRACE_SECONDS = 5;
const OVERDUE_PIECE = 500;

/**
 * What the ledger refuses to expire, it refuses until someone has mended its books. Each try is an alert, and another step in a saga's history;
 * the sweep tries far more often, and tells the saga once it could.
 */
const REFUSED_AGAIN_MS = 600_000;

export type PostingLedger = {
  post(workflowId: string, operations: Operation[], isAtomic?: boolean): Promise<Outcome[]>;
  expire(
    workflowId: string,
    reservationIds: string[],
    settledIds?: string[],
  ): Promise<{ outcomes: Outcome[]; reservations: (Reservation & { sagaWorkflowId: string })[]; clock: Date }>;
  findSagasConcerned(workflowId: string, operationIds: string[]): Promise<SagaConcerned[]>;
  findOverdue(graceSeconds: number, limit: number): Promise<string[]>;
};

export type Following = {
  /** Hears of all that is in the ledger now: whoever waits for it in this process is told, and the cache has its chance. Never fails. */
  onCommitted(workflowId: string, outcomes: Outcome[]): Promise<void>;
  tryPublishEvents: TryPublishEvents;
  /** Hears why sagas will not hear of what was done to their reservations. */
  onTrouble(error: unknown): void;
};

/**
 * Each posting gives what follows it one quick chance at once: the cache, the events, a look at which sagas are concerned. Activities of their own for
 * that would cost a carrier of one operation a third of its work. What comes to nothing here is told to the workflow, or finds itself out.
 */
export function createPosting(ledger: PostingLedger, { onCommitted, tryPublishEvents, onTrouble }: Following): Posting {
  async function follow(workflowId: string, outcomes: Outcome[], mayConcernSagas: boolean): Promise<Carried> {
    const operationIds = completedIds(outcomes);
    const publish = (): Promise<Publication> =>
      withTimeLimit("Publishing", FOLLOWING_LIMIT_MS, tryPublishEvents(workflowId, operationIds)).catch(
        () => "waiting",
      );
    const [, events, sagas] = await Promise.all([
      onCommitted(workflowId, outcomes),
      operationIds.length > 0 ? publish() : ("published" as const),
      mayConcernSagas && operationIds.length > 0 ? findSagas(workflowId, operationIds) : [],
    ]);
    return { outcomes, events, sagas };
  }

  /** Best effort: a saga that does not hear of it finds out at its next deadline. */
  async function findSagas(workflowId: string, operationIds: string[]): Promise<SagaConcerned[]> {
    try {
      const found = ledger.findSagasConcerned(workflowId, operationIds);
      return await withTimeLimit("The look for sagas", FOLLOWING_LIMIT_MS, found);
    } catch (error) {
      onTrouble(error);
      return [];
    }
  }

  return {
    async post(workflowId, operations, isAtomic) {
      const outcomes = await ledger.post(workflowId, operations, isAtomic);
      return await follow(
        workflowId,
        outcomes,
        operations.some(({ kind }) => CHANGING_RESERVATIONS.has(kind)),
      );
    },

    async expire(workflowId, reservationIds, settledIds) {
      const { outcomes, reservations, clock } = await ledger.expire(workflowId, reservationIds, settledIds);
      // The same request carried twice has two sagas, of which the ledger names one: only that one hears of what others settle. The other
      // would sleep until the deadline over what is settled long since.
      const watched = reservations.filter(({ sagaWorkflowId }) => sagaWorkflowId === workflowId);
      return { ...(await follow(workflowId, outcomes, false)), standing: stand(watched, clock) };
    },

    async releaseByOperator(workflowId, reservationId) {
      const release: Operation = {
        operationId: deriveOwnOperationId("release", reservationId),
        caller: null,
        idempotencyKey: null,
        acceptedAt: new Date().toISOString(),
        kind: "release",
        request: { reservationId },
      };
      return await follow(workflowId, await ledger.post(workflowId, [release]), false);
    },

    async expireOverdue(workflowId) {
      const overdue = await ledger.findOverdue(OVERDUE_GRACE_SECONDS, OVERDUE_PIECE);
      const { outcomes } = overdue.length > 0 ? await ledger.expire(workflowId, overdue) : { outcomes: [] };
      return await follow(workflowId, outcomes, true);
    },
  };
}

function stand(reservations: Reservation[], clock: Date): Standing {
  const sum = (part: (one: Reservation) => bigint) =>
    formatAmount(reservations.reduce((all, one) => all + part(one), 0n));
  const open = reservations.filter((one) => remainingMinor(one) > 0n);
  const refused = open.filter(({ expiresAt }) => expiresAt <= clock);
  const [next] = open.map((one) => dueOf(one, clock)).toSorted((one, other) => one.inMs - other.inMs);
  return {
    reserved: sum((one) => one.amountMinor),
    recognized: sum((one) => one.recognizedMinor),
    released: sum((one) => one.releasedMinor),
    expired: sum((one) => one.expiredMinor),
    remaining: sum(remainingMinor),
    openReservationIds: open.map(({ reservationId }) => reservationId),
    ...(next && { due: next }),
    ...(refused.length > 0 && { refusedIds: refused.map(({ reservationId }) => reservationId) }),
  };
}

function dueOf({ expiresAt }: Reservation, clock: Date) {
  const inMs = expiresAt.getTime() - clock.getTime();
  return { inMs: inMs > 0 ? inMs : REFUSED_AGAIN_MS, at: expiresAt.toISOString() };
}
