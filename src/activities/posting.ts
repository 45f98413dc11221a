import { formatAmount } from "../ledger/money.ts";
import { deriveOwnOperationId } from "../ledger/operationId.ts";
import type { Operation, Outcome } from "../ledger/operations.ts";
import { type Reservation, remainingMinor } from "../ledger/records.ts";

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

export type SagaConcerned = { sagaWorkflowId: string; operationIds: string[] };

export type Posting = {
  /**
   * Brings the operations into the ledger, all or none of them where it is atomic, and returns their outcomes in order; what is stored
   * already answers as it is stored.
   */
  post(workflowId: string, operations: Operation[], isAtomic?: boolean): Promise<Outcome[]>;
  /**
   * Expires what is due of these reservations, by the database's clock, and says how those stand that the workflow watches over, with those
   * that are known to be settled. What of these reservations has expired before answers as it is stored.
   */
  expire(
    workflowId: string,
    reservationIds: string[],
    settledIds: string[],
  ): Promise<{ outcomes: Outcome[]; standing: Standing }>;
  /** Releases all that remains of a reservation on an operator's word. A reservation is released so once. */
  releaseByOperator(workflowId: string, reservationId: string): Promise<Outcome[]>;
  /** The sagas that should hear of these operations, which another workflow has carried. */
  findSagasConcerned(workflowId: string, operationIds: string[]): Promise<SagaConcerned[]>;
  /** Expires what is open well past its deadline, since no saga does. Returns the outcomes. */
  expireOverdue(workflowId: string): Promise<Outcome[]>;
};

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

/**
 * `onCommitted` hears of all that is in the ledger now, before the activity ends: it tells whoever waits for it in this process, and gives the
 * cache its chance. An activity of its own for that would cost a carrier of one operation a sixth of its work.
 */
export function createPosting(
  ledger: PostingLedger,
  onCommitted: (workflowId: string, outcomes: Outcome[]) => Promise<void>,
): Posting {
  async function post(workflowId: string, operations: Operation[], isAtomic?: boolean): Promise<Outcome[]> {
    const outcomes = await ledger.post(workflowId, operations, isAtomic);
    await onCommitted(workflowId, outcomes);
    return outcomes;
  }

  async function expire(workflowId: string, reservationIds: string[], settledIds?: string[]) {
    const expired = await ledger.expire(workflowId, reservationIds, settledIds);
    await onCommitted(workflowId, expired.outcomes);
    return expired;
  }

  return {
    post,

    async expire(workflowId, reservationIds, settledIds) {
      const { outcomes, reservations, clock } = await expire(workflowId, reservationIds, settledIds);
      // The same request carried twice has two sagas, of which the ledger names one: only that one hears of what others settle. The other
      // would sleep until the deadline over what is settled long since.
      const watched = reservations.filter(({ sagaWorkflowId }) => sagaWorkflowId === workflowId);
      return { outcomes, standing: stand(watched, clock) };
    },

    releaseByOperator: (workflowId, reservationId) =>
      post(workflowId, [
        {
          operationId: deriveOwnOperationId("release", reservationId),
          caller: null,
          idempotencyKey: null,
          acceptedAt: new Date().toISOString(),
          kind: "release",
          request: { reservationId },
        },
      ]),

    findSagasConcerned: (workflowId, operationIds) => ledger.findSagasConcerned(workflowId, operationIds),

    async expireOverdue(workflowId) {
      const overdue = await ledger.findOverdue(OVERDUE_GRACE_SECONDS, OVERDUE_PIECE);
      return overdue.length > 0 ? (await expire(workflowId, overdue)).outcomes : [];
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
