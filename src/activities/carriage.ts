import type { OutcomeCount, SearchValues } from "../ledger/carriers.ts";
import type { Operation, RequestOfKind } from "../ledger/operations.ts";
import type { Posted } from "../ledger/posted.ts";
import type { SagaReservations } from "../ledger/records.ts";
import { withTimeout } from "../lib/timeout.ts";
import type { PostedEvents, Publication } from "./publishing.ts";
import { type SagaSummary, summarizeSaga } from "./sagaSummary.ts";
import { createTally } from "./tally.ts";

/** What the postings of one activity came to, and what is left to do about it. */
export type Carried = {
  counts: OutcomeCount[];
  found: SearchValues;
  events: Publication;
  /** Sagas to signal: their reservations were changed. */
  sagaWorkflowIds: string[];
  /** Where a saga posted. */
  saga?: SagaSummary;
};

/** A reservation that may be due, and how long ago its deadline was. */
export type Due = { reservationId: string; userId: string; overdueMs: number };

export type CarriageLedger = {
  post(workflowId: string, operations: readonly Operation[], isAtomic?: boolean): Promise<Posted>;
  expire(workflowId: string, due: readonly Due[]): Promise<{ posted: Posted; refusedIds: string[] }>;
  findSagasToSignal(sagaWorkflowIds: string[]): Promise<string[]>;
  readSagaReservations(sagaWorkflowId: string, refusedIds: string[]): Promise<SagaReservations>;
};

export type CarriageDependencies = Pick<PostedEvents, "publishPosted" | "readPublication"> & {
  /** Called with what was just committed: the cache is refreshed and waiting callers are answered. Never fails, ends within 100 ms. */
  onPosted(posted: Posted, isFresh: boolean): Promise<void>;
  onError(error: unknown): void;
};

/** Entries of one carrier whose events may be under way at once; beyond, pulling waits. Kafka answers or times out in half a second. */
const UNPUBLISHED_ENTRIES_MAX = 4_000;

/** What follows a commit is given up after this time: a slow ledger or Kafka must not make the activity time out and post again. */
const FOLLOW_UP_TIMEOUT_MS = 2_000;

/** The rows of a posting that took longer may be out of date, for instance after a freeze: the cache is then refreshed from the ledger. */
const FRESH_MS = 2_000;

/** The postings of one activity, and what follows each of them. */
export type Carriage = ReturnType<ReturnType<typeof createCarriages>>;

/** @returns what begins the postings of one activity, on behalf of its workflow */
export function createCarriages(
  ledger: CarriageLedger,
  { onPosted, publishPosted, readPublication, onError }: CarriageDependencies,
) {
  /** Best effort: a saga that is not signalled asks the ledger at its next deadline. */
  async function findSagas(changed: string[]): Promise<string[]> {
    if (changed.length === 0) return [];
    try {
      return await withTimeout("The look for sagas", FOLLOW_UP_TIMEOUT_MS, ledger.findSagasToSignal(changed));
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
    let unpublishedEntries = 0;
    let mayHaveEvents = false;

    function follow(operations: readonly RequestOfKind[], posted: Posted, startedAtMs: number): void {
      tally.add(operations, posted);
      for (const saga of posted.sagaWorkflowIds) sagas.add(saga);
      cached.push(onPosted(posted, performance.now() - startedAtMs < FRESH_MS));
      const entries = posted.entries.length;
      unpublishedEntries += entries;
      const publication = publishPosted(posted).then((isPublished) => {
        publications.delete(publication);
        unpublishedEntries -= entries;
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

      /** Operations so far. */
      count: () => tally.counts().reduce((sum, { count }) => sum + count, 0),

      /** @returns those that the database refuses to expire */
      async expire(due: readonly Due[]): Promise<string[]> {
        const startedAtMs = performance.now();
        const { posted, refusedIds } = await ledger.expire(workflowId, due);
        follow(posted.operations, posted, startedAtMs);
        return refusedIds;
      },

      async isReady(): Promise<void> {
        while (unpublishedEntries > UNPUBLISHED_ENTRIES_MAX) await Promise.race(publications);
      },

      /** `mayHaveRun`: an earlier run may have left events in the outbox. `refusedIds` where a saga asks for its summary. */
      async finish(mayHaveRun: boolean, refusedIds?: string[]): Promise<Carried> {
        const followed = Promise.all([...cached, ...publications]);
        const isInTime = await withTimeout("What follows a posting", FOLLOW_UP_TIMEOUT_MS, followed).then(
          () => true,
          () => false,
        );
        const isUncertain = mayHaveRun || mayHaveEvents || !isInTime;
        const [events, sagaWorkflowIds, reservations] = await Promise.all([
          isUncertain ? readPublication(workflowId) : ("published" as const),
          findSagas([...sagas]),
          refusedIds && ledger.readSagaReservations(workflowId, refusedIds),
        ]);
        return {
          counts: tally.counts(),
          found: tally.found(),
          events,
          sagaWorkflowIds,
          ...(reservations && { saga: summarizeSaga(reservations) }),
        };
      },
    };
  };
}
