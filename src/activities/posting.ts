import type { Carrier, CarrierInput, PullingCarrier } from "../ledger/carriers.ts";
import { UUID_PATTERN } from "../ledger/operationId.ts";
import type { Operation, Origin } from "../ledger/operations.ts";
import { makeOwnOperation, type OperatorRelease } from "../ledger/ownOperations.ts";
import type { DueReservation } from "../ledger/records.ts";
import {
  createPostingRuns,
  type PostingResult,
  type PostingRun,
  type PostingRunDependencies,
  type PostingRunLedger,
} from "./postingRun.ts";

export type Posting = {
  /**
   * Posts the carrier's input, then operations that it pulls from its process's queue. Stored operations keep their
   * outcomes.
   */
  post(carrier: Carrier, input: CarrierInput): Promise<PostingResult>;
  /**
   * Expires the saga's due reservations by the database's clock. In a burst it also expires overdue ones of other
   * sagas.
   */
  expire(workflowId: string): Promise<PostingResult>;
  /** Releases all that remains of one of the saga's reservations, once. Undefined where the saga does not own it. */
  releaseByOperator(workflowId: string, release: OperatorRelease): Promise<PostingResult | undefined>;
  /** Expires overdue reservations of any saga. */
  expireOverdue(workflowId: string): Promise<PostingResult>;
};

export type PostingLedger = PostingRunLedger & {
  findDue(sagaWorkflowId: string, exceptIds: string[], limit: number): Promise<DueReservation[]>;
  findOverdue(graceSeconds: number, exceptIds: string[], limit: number): Promise<DueReservation[]>;
  findReservations(reservationIds: string[]): Promise<{ sagaWorkflowId: string }[]>;
};

export type PostingDependencies = PostingRunDependencies & {
  /** Called once the carrier's input is committed. Resolves when the carrier has finished pulling. Never rejects. */
  pull(carrier: PullingCarrier): Promise<void>;
  /** Called at a carrier's end with the number of operations that it posted. */
  onCarried(operations: number): void;
};

const EXPIRY_PIECE = 500;
/** Keeps an expiry below the activity's timeout of 10 s. The rest is due at once, and the saga calls `expire` again. */
const EXPIRY_PIECES_MAX = 20;
/** The age of an overdue reservation that other sagas may expire. Its own saga then waits for Temporal. */
const BURST_OVERDUE_SECONDS = 1;
/**
 * Interval of the query for overdue reservations. In a burst, more than a hundred sagas a second call `expire`, until
 * Temporal has caught up.
 */
const BURST_QUERY_INTERVAL_MS = 1_000;

/** Grace period of the sweep: by then a running saga has expired its reservation. */
const OVERDUE_GRACE_SECONDS = 5;

const UUID = new RegExp(UUID_PATTERN);

/** The origins of Saldo's own operations. An operator may give another name. */
const BY_SAGA: Origin = { by: "expiry" };
const BY_SWEEP: Origin = { by: "sweep" };
const OPERATOR = "operator";

/** The length of an operator's name and reason, in characters. */
const TYPED_MAX = 255;

/**
 * The posting activities. Each posting is followed by one attempt at the cache and one at the events, concurrently with
 * the next posting. Separate activities would cost a carrier of one operation a third of its work.
 */
export function createPosting(ledger: PostingLedger, dependencies: PostingDependencies): Posting {
  const { pull, onCarried } = dependencies;
  const begin = createPostingRuns(ledger, dependencies);
  let isExpiringBurst = false;
  let lastBurstQueryAtMs = Number.NEGATIVE_INFINITY;

  /**
   * Expires in pieces until none is due.
   * @returns ids that the database refuses, and the longest time past a deadline
   */
  async function expireAll(
    run: PostingRun,
    find: (exceptIds: string[]) => Promise<DueReservation[]>,
    origin: Origin,
    exceptIds: string[] = [],
  ) {
    const refusedIds = [...exceptIds];
    let overdueMs: number | undefined;
    for (let piece = 0; piece < EXPIRY_PIECES_MAX; piece += 1) {
      const due = await find(refusedIds);
      if (due.length === 0) break;
      overdueMs = Math.max(overdueMs ?? 0, ...due.map((one) => one.overdueMs));
      refusedIds.push(...(await run.expire(due, origin)));
    }
    return { refusedIds, overdueMs };
  }

  /** One at a time in a process, at most once a second. The other sagas of the burst then find nothing due. */
  async function expireBurst(run: PostingRun, exceptIds: string[]): Promise<void> {
    const nowMs = performance.now();
    if (isExpiringBurst || nowMs < lastBurstQueryAtMs + BURST_QUERY_INTERVAL_MS) return;
    lastBurstQueryAtMs = nowMs;
    isExpiringBurst = true;
    try {
      const find = (except: string[]) => ledger.findOverdue(BURST_OVERDUE_SECONDS, except, EXPIRY_PIECE);
      await expireAll(run, find, BY_SAGA, exceptIds);
    } finally {
      isExpiringBurst = false;
    }
  }

  return {
    async post({ workflowId, isSaga }, { operations, isAtomic }) {
      const run = begin(workflowId);
      const posted = await run.post(operations, isAtomic);
      let last: Promise<unknown> | undefined;
      const post = (pulled: readonly Operation[]) => {
        const posting = run.post(pulled);
        last = posting;
        return posting;
      };
      await pull({ workflowId, isSaga, isReady: run.isReady, post });
      // A posting that timed out may still commit under this carrier's id. Where it rejects, its outcome is unknown.
      // The retry of this activity reads it from the ledger, so it misses neither events nor an earlier deadline.
      await last;
      onCarried(run.count());
      // Pulled operations are not in the input. A retried carrier finds their events in the outbox by its own id.
      return await run.finish(posted.stored.length > 0, isSaga ? [] : undefined);
    },

    async expire(workflowId) {
      const run = begin(workflowId);
      const find = (exceptIds: string[]) => ledger.findDue(workflowId, exceptIds, EXPIRY_PIECE);
      const { refusedIds, overdueMs } = await expireAll(run, find, BY_SAGA);
      // Nothing is due where another saga of a burst was first. While Temporal is behind, each saga that runs expires
      // for all.
      const isBurst = overdueMs === undefined || overdueMs > BURST_OVERDUE_SECONDS * 1_000;
      if (isBurst) await expireBurst(run, refusedIds);
      return await run.finish(true, refusedIds);
    },

    async releaseByOperator(workflowId, release: OperatorRelease | string) {
      // Release 0.2.0 scheduled it with the reservation's id alone.
      const { reservationId: given, ...typed } = typeof release === "string" ? { reservationId: release } : release;
      const { by = OPERATOR, reason } = typed as Partial<Origin>;
      // Typed by an operator, perhaps in upper case. The release's operation id is derived from it.
      const reservationId = given.toLowerCase();
      if (!UUID.test(reservationId)) return undefined;
      const [found] = await ledger.findReservations([reservationId]);
      if (found?.sagaWorkflowId !== workflowId) return undefined;
      const run = begin(workflowId);
      const origin = { by: toStorable(by) || OPERATOR, ...(reason !== undefined && { reason: toStorable(reason) }) };
      const { stored } = await run.post([makeOwnOperation("release", reservationId, new Date(), origin)]);
      return await run.finish(stored.length > 0);
    },

    async expireOverdue(workflowId) {
      const run = begin(workflowId);
      const find = (exceptIds: string[]) => ledger.findOverdue(OVERDUE_GRACE_SECONDS, exceptIds, EXPIRY_PIECE);
      await expireAll(run, find, BY_SWEEP);
      return await run.finish(false);
    },
  };
}

/** An operator's text without control characters, which the ledger refuses, and within its length. */
function toStorable(text: string): string {
  return [...text.replace(/\p{Cc}/gu, " ").trim()].slice(0, TYPED_MAX).join("");
}
