import type { OutcomeCount, SearchValues } from "../ledger/carriers.ts";
import type { Operation, Origin, RequestOfKind } from "../ledger/operations.ts";
import type { Posted } from "../ledger/posted.ts";
import type { DueReservation, SagaReservations } from "../ledger/records.ts";
import { succeeds, withTimeout } from "../lib/timeout.ts";
import type { PostedEvents, Publication } from "./publishing.ts";
import { type SagaSummary, summarizeSaga } from "./sagaSummary.ts";
import { createTally } from "./tally.ts";

/** The result of one activity's postings, with the follow-up work for its workflow. */
export type PostingResult = {
  counts: OutcomeCount[];
  found: SearchValues;
  events: Publication;
  /** The number of events that are in the outbox. Absent where there is none, or it is unknown. */
  eventsWaiting?: number;
  /** Sagas to signal, since their reservations were changed. */
  sagaWorkflowIds: string[];
  /** Only for sagas. */
  saga?: SagaSummary;
};

export type PostingRunLedger = {
  post(workflowId: string, operations: readonly Operation[], isAtomic?: boolean): Promise<Posted>;
  expire(
    workflowId: string,
    due: readonly DueReservation[],
    origin: Origin,
  ): Promise<{ posted: Posted; refusedIds: string[] }>;
  findSagasToSignal(sagaWorkflowIds: string[]): Promise<string[]>;
  readSagaReservations(sagaWorkflowId: string, refusedIds: string[]): Promise<SagaReservations>;
};

export type PostingRunDependencies = Pick<PostedEvents, "publishPosted" | "readPublication"> & {
  /** Called after each commit: refreshes the cache and resolves waiting callers. Never rejects; ends within 100 ms. */
  onPosted(posted: Posted, isFresh: boolean): Promise<void>;
  onError(error: unknown): void;
};

/**
 * The most entries of one carrier with events in flight; above it, pulling waits. Kafka acknowledges or times out
 * within half a second.
 */
const ENTRIES_IN_FLIGHT_MAX = 4_000;

/** Timeout of the work after a commit. A slow ledger or Kafka must not make the activity time out and post again. */
const FOLLOW_UP_TIMEOUT_MS = 2_000;

/**
 * Rows of a slower posting may be out of date, for instance after a freeze. The cache is then refreshed from the
 * ledger.
 */
const FRESH_MS = 2_000;

/** The postings of one activity, each with its follow-up. */
export type PostingRun = ReturnType<ReturnType<typeof createPostingRuns>>;

/** Creates the function that begins the postings of one activity for a workflow. */
export function createPostingRuns(
  ledger: PostingRunLedger,
  { onPosted, publishPosted, readPublication, onError }: PostingRunDependencies,
) {
  /** Best effort: a saga without the signal reads the ledger at its next deadline. */
  async function findSagas(changed: string[]): Promise<string[]> {
    if (changed.length === 0) return [];
    try {
      const found = ledger.findSagasToSignal(changed);
      return await withTimeout("The query for sagas to signal", FOLLOW_UP_TIMEOUT_MS, found);
    } catch (error) {
      onError(error);
      return [];
    }
  }

  return function begin(workflowId: string) {
    const tally = createTally();
    const sagas = new Set<string>();
    const cached: Promise<void>[] = [];
    const publications = new Set<Promise<boolean>>();
    let entriesInFlight = 0;
    let mayHaveEvents = false;

    function follow(operations: readonly RequestOfKind[], posted: Posted, startedAtMs: number): void {
      tally.add(operations, posted);
      for (const saga of posted.sagaWorkflowIds) sagas.add(saga);
      cached.push(onPosted(posted, performance.now() - startedAtMs < FRESH_MS));
      const entries = posted.entries.length;
      entriesInFlight += entries;
      const publication = publishPosted(posted).then((isPublished) => {
        publications.delete(publication);
        entriesInFlight -= entries;
        if (!isPublished) mayHaveEvents = true;
        return isPublished;
      });
      publications.add(publication);
    }

    async function post(operations: readonly Operation[], isAtomic?: boolean): Promise<Posted> {
      const startedAtMs = performance.now();
      const posted = await ledger.post(workflowId, operations, isAtomic);
      follow(operations, posted, startedAtMs);
      return posted;
    }

    return {
      post,

      /** The number of operations so far. */
      count: () => tally.counts().reduce((sum, { count }) => sum + count, 0),

      /** @returns ids of reservations that the database refuses to expire */
      async expire(due: readonly DueReservation[], origin: Origin): Promise<string[]> {
        const startedAtMs = performance.now();
        const { posted, refusedIds } = await ledger.expire(workflowId, due, origin);
        follow(posted.operations, posted, startedAtMs);
        return refusedIds;
      },

      async isReady(): Promise<void> {
        while (entriesInFlight > ENTRIES_IN_FLIGHT_MAX) await Promise.race(publications);
      },

      /**
       * `mayHaveRun`: an earlier run may have left events in the outbox. With `refusedIds` the result contains the
       * saga's summary.
       */
      async finish(mayHaveRun: boolean, refusedIds?: string[]): Promise<PostingResult> {
        const followed = Promise.all([...cached, ...publications]);
        const isInTime = await succeeds(withTimeout("The follow-up of the postings", FOLLOW_UP_TIMEOUT_MS, followed));
        const isUncertain = mayHaveRun || mayHaveEvents || !isInTime;
        const [publication, sagaWorkflowIds, reservations] = await Promise.all([
          isUncertain ? readPublication(workflowId) : { events: "published" as const },
          findSagas([...sagas]),
          refusedIds && ledger.readSagaReservations(workflowId, refusedIds),
        ]);
        return {
          counts: tally.counts(),
          found: tally.found(),
          ...publication,
          sagaWorkflowIds,
          ...(reservations && { saga: summarizeSaga(reservations) }),
        };
      },
    };
  };
}
