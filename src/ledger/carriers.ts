import type { DeclineCode, Kind, Operation } from "./operations.ts";
import type { Posted } from "./posted.ts";

/** What carriers, their activities and the dispatcher share. */

/** What a carrier is started with. Once it has posted that, it pulls more from the queue of the process in which it runs. */
export type CarrierInput = {
  operations: Operation[];
  /** Whether all of them complete or none; where absent, each is decided by itself. */
  isAtomic?: boolean;
};

/** A workflow that posts. What a saga opens stays its own until it is settled. */
export type Carrier = { workflowId: string; isSaga: boolean };

/** A carrier that may pull: `isReady` resolves while its follow-up work is bounded, `post` as soon as the operations are committed. */
export type PullingCarrier = Carrier & {
  isReady(): Promise<void>;
  post(operations: Operation[]): Promise<Posted>;
};

/** How many operations of a kind had an outcome. */
export type OutcomeCount = { kind: Kind; outcome: "completed" | "mismatched" | DeclineCode; count: number };

/** What a carrier can be found by; a list with more than `SEARCH_VALUES_MAX` values is not searchable, and holds one more than that. */
export type SearchValues = { kinds: Kind[]; userIds: string[]; orderIds: string[]; reservationIds: string[] };

/** More values under one search attribute can make the server refuse the start (seen with 80 UUIDs). */
export const SEARCH_VALUES_MAX = 20;
