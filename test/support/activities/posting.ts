import {
  createPosting,
  type Posting,
  type PostingDependencies,
  type PostingLedger,
} from "../../../src/activities/posting.ts";
import type { Operation } from "../../../src/ledger/operations.ts";
import { joinPosted, type Posted } from "../../../src/ledger/posted.ts";
import type { SagaReservations, StoredOperation } from "../../../src/ledger/records.ts";
import { NOTHING_SETTLED } from "../ledger/absentFields.ts";
import { deposit, withdrawal } from "../ledger/operations.ts";

export const reservationId = crypto.randomUUID();
export const due = { reservationId, userId: "alice", overdueMs: 0 };
const settledSaga: SagaReservations = {
  ...{ reservedMinor: 100n, recognizedMinor: 100n, releasedMinor: 0n, expiredMinor: 0n, remainingMinor: 0n },
  ...{ openCount: 0, openReservationId: null, nextDeadline: null, refusedCount: 0, refusedReservationId: null },
  settlements: [],
  clock: new Date(0),
};
export const never = () => new Promise<never>(() => {});

/** A posting result in which every operation completes. */
export function completing(operations: readonly Operation[], rest: Partial<Posted> = {}): Posted {
  return {
    ...joinPosted([]),
    outcomes: operations.map(({ operationId }) => ({ operationId, status: "completed" })),
    operations: operations.map((one) => ({ ...NOTHING_SETTLED, ...one }) as unknown as StoredOperation),
    ...rest,
  };
}

export const expiries = (count: number): Posted => {
  const operations = Array.from(
    { length: count },
    (_, index) => ({ operationId: `${index}`, kind: "expiry", request: { reservationId } }) as never,
  );
  return completing(operations);
};

type Step = [name: string, ...about: unknown[]];

/** A posting whose ledger completes everything, except for the overrides. `steps` records the calls in order. */
export function setUpPosting(ledger: Partial<PostingLedger> = {}, dependencies: Partial<PostingDependencies> = {}) {
  const steps: Step[] = [];
  const note =
    <Arguments extends unknown[], Result>(name: string, work: (...values: Arguments) => Promise<Result>) =>
    (...values: Arguments): Promise<Result> => {
      steps.push([name, ...values]);
      return work(...values);
    };
  const errors: unknown[] = [];
  const posting = createPosting(
    {
      post: note("post", ledger.post ?? (async (_, operations) => completing(operations))),
      expire: note("expire", ledger.expire ?? (async (_, list) => ({ posted: expiries(list.length), refusedIds: [] }))),
      findDue: note("findDue", ledger.findDue ?? (async () => [])),
      findOverdue: note("findOverdue", ledger.findOverdue ?? (async () => [])),
      findReservations: note("findReservations", ledger.findReservations ?? (async () => [])),
      findSagasToSignal: note("findSagasToSignal", ledger.findSagasToSignal ?? (async (ids) => ids)),
      readSagaReservations: note("readSagaReservations", ledger.readSagaReservations ?? (async () => settledSaga)),
    },
    {
      onPosted: note("onPosted", dependencies.onPosted ?? (async () => {})),
      publishPosted: note("publishPosted", dependencies.publishPosted ?? (async () => true)),
      readPublication: note(
        "readPublication",
        dependencies.readPublication ?? (async () => ({ events: "waiting" as const })),
      ),
      pull: note("pull", dependencies.pull ?? (async () => {})),
      onCarried: (operations) => steps.push(["onCarried", operations]),
      onError: (error) => errors.push(error),
    },
  );
  return {
    posting,
    errors,
    stepsOf: (wanted: string) => steps.filter(([name]) => name === wanted).map(([, ...about]) => about),
    names: () => steps.map(([name]) => name),
  };
}

export const carrier = { workflowId: "carrier", isSaga: false };
export const input = () => ({ operations: [deposit("alice", "1.00"), withdrawal("bob", "1.00")] });

/** Returns the given items on the first call, then an empty list. */
export function once<Found>(found: Found[]): () => Promise<Found[]> {
  const pieces = [found];
  return async () => pieces.shift() ?? [];
}

export const POSTING_ACTIVITIES = [
  ["post", {}, ({ post }) => post(carrier, input())],
  ["expire", { findDue: () => once([due])() }, ({ expire }) => expire("carrier")],
  [
    "releaseByOperator",
    { findReservations: async () => [{ sagaWorkflowId: "carrier" }] },
    ({ releaseByOperator }) => releaseByOperator("carrier", { reservationId }),
  ],
  ["expireOverdue", { findOverdue: async () => [due] }, ({ expireOverdue }) => expireOverdue("carrier")],
] as const satisfies [keyof Posting, Partial<PostingLedger>, (posting: Posting) => Promise<unknown>][];

/** A ledger whose expiry queries return their items once. */
export function ledgerOf(way: Partial<PostingLedger>): Partial<PostingLedger> {
  return {
    ...way,
    ...(way.findDue && { findDue: once([due]) }),
    ...(way.findOverdue && { findOverdue: once([due]) }),
  };
}
