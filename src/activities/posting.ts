import type { Carrier, CarrierInput, PullingCarrier } from "../ledger/carriers.ts";
import { deriveOwnOperationId, UUID_PATTERN } from "../ledger/operationId.ts";
import type { Operation } from "../ledger/operations.ts";
import {
  type Carriage,
  type CarriageDependencies,
  type CarriageLedger,
  type Carried,
  createCarriages,
  type Due,
} from "./carriage.ts";

export type Posting = {
  /** Posts the carrier's input, then what it pulls from its process's queue. Stored operations answer as they are stored. */
  post(carrier: Carrier, input: CarrierInput): Promise<Carried>;
  /** Expires what is due of the saga's reservations, by the database's clock. Where many are overdue, those of other sagas too. */
  expire(workflowId: string): Promise<Carried>;
  /** Releases all that remains of one of the saga's reservations, once; undefined where it is none of the saga's. */
  releaseByOperator(workflowId: string, reservationId: string): Promise<Carried | undefined>;
  /** Expires what is open well past its deadline. */
  expireOverdue(workflowId: string): Promise<Carried>;
};

export type PostingLedger = CarriageLedger & {
  findDue(sagaWorkflowId: string, exceptIds: string[], limit: number): Promise<Due[]>;
  findOverdue(graceSeconds: number, exceptIds: string[], limit: number): Promise<Due[]>;
  findReservations(reservationIds: string[]): Promise<{ sagaWorkflowId: string }[]>;
};

export type PostingDependencies = CarriageDependencies & {
  /** Called once the carrier's input is committed; resolves when the carrier has pulled all that it will. Never fails. */
  pull(carrier: PullingCarrier): Promise<void>;
  /** Called with the number of operations that a carrier has brought in, at its end. */
  onCarried(operations: number): void;
};

const EXPIRY_PIECE = 500;
/** A bound for an activity of 10 s; what is left is due at once, and the saga asks again. */
const EXPIRY_PIECES_MAX = 20;
/** A saga that finds its own reservation so late takes this for a burst, and expires what is as late of other sagas. */
const BURST_OVERDUE_SECONDS = 1;

/** By then a saga has expired its reservation, unless it is gone. */
const OVERDUE_GRACE_SECONDS = 5;

const UUID = new RegExp(UUID_PATTERN);

/**
 * The activities that lead to the ledger. Each posting is followed by one attempt at the cache and one at the events, beside the next
 * posting. Separate activities for these would cost a carrier of one operation a third of its work.
 */
export function createPosting(ledger: PostingLedger, dependencies: PostingDependencies): Posting {
  const { pull, onCarried } = dependencies;
  const begin = createCarriages(ledger, dependencies);
  let isExpiringBurst = false;

  /** Expires in pieces until nothing is found. @returns those that the database refuses, and whether any was late */
  async function expireAll(
    carriage: Carriage,
    find: (exceptIds: string[]) => Promise<Due[]>,
    exceptIds: string[] = [],
  ) {
    const refusedIds = [...exceptIds];
    let isBehind = false;
    for (let piece = 0; piece < EXPIRY_PIECES_MAX; piece += 1) {
      const due = await find(refusedIds);
      if (due.length === 0) break;
      isBehind ||= due.some(({ overdueMs }) => overdueMs > BURST_OVERDUE_SECONDS * 1_000);
      refusedIds.push(...(await carriage.expire(due)));
    }
    return { refusedIds, isBehind };
  }

  /** One at a time in a process: the other sagas of the burst then find nothing left. */
  async function expireBurst(carriage: Carriage, exceptIds: string[]): Promise<void> {
    if (isExpiringBurst) return;
    isExpiringBurst = true;
    try {
      await expireAll(carriage, (except) => ledger.findOverdue(BURST_OVERDUE_SECONDS, except, EXPIRY_PIECE), exceptIds);
    } finally {
      isExpiringBurst = false;
    }
  }

  return {
    async post({ workflowId, isSaga }, { operations, isAtomic }) {
      const carriage = begin(workflowId);
      const posted = await carriage.post(operations, isAtomic);
      let last: Promise<unknown> | undefined;
      const post = (pulled: readonly Operation[]) => {
        const posting = carriage.post(pulled);
        last = posting;
        return posting;
      };
      await pull({ workflowId, isSaga, isReady: carriage.isReady, post });
      // A posting that was given up may still commit, under this carrier's id. Where it fails, its outcome is unknown: the next run of this
      // activity finds in the ledger what was committed, so that neither events nor an earlier deadline are missed.
      await last;
      onCarried(carriage.count());
      // Pulled operations are in no input: a carrier that runs again finds their events in the outbox by its own id.
      return await carriage.finish(posted.stored.length > 0, isSaga ? [] : undefined);
    },

    async expire(workflowId) {
      const carriage = begin(workflowId);
      const { refusedIds, isBehind } = await expireAll(carriage, (exceptIds) =>
        ledger.findDue(workflowId, exceptIds, EXPIRY_PIECE),
      );
      if (isBehind) await expireBurst(carriage, refusedIds);
      return await carriage.finish(true, refusedIds);
    },

    async releaseByOperator(workflowId, idGiven) {
      // Typed by hand, and the id of the release is derived from it.
      const reservationId = idGiven.toLowerCase();
      if (!UUID.test(reservationId)) return undefined;
      const [found] = await ledger.findReservations([reservationId]);
      if (found?.sagaWorkflowId !== workflowId) return undefined;
      const carriage = begin(workflowId);
      const { stored } = await carriage.post([releaseOf(reservationId)]);
      return await carriage.finish(stored.length > 0);
    },

    async expireOverdue(workflowId) {
      const carriage = begin(workflowId);
      await expireAll(carriage, (exceptIds) => ledger.findOverdue(OVERDUE_GRACE_SECONDS, exceptIds, EXPIRY_PIECE));
      return await carriage.finish(false);
    },
  };
}

function releaseOf(reservationId: string): Operation {
  return {
    operationId: deriveOwnOperationId("release", reservationId),
    caller: null,
    idempotencyKey: null,
    acceptedAt: new Date().toISOString(),
    kind: "release",
    request: { reservationId },
  };
}
