import type { DeclineCode, Kind, Operation } from "./operations.ts";
import type { Posted } from "./posted.ts";

/** Types that carriers, their activities and the dispatcher share. */

/** The input of a carrier. After posting it, the carrier pulls more operations from the queue of its process. */
export type CarrierInput = {
  operations: Operation[];
  /** Whether all of them complete or none; by default each is decided by itself. */
  isAtomic?: boolean;
};

/** A workflow that posts. A saga owns the reservations that it opens until they are settled. */
export type Carrier = { workflowId: string; isSaga: boolean };

/**
 * A carrier that may pull. `isReady` resolves while its follow-up work is bounded, `post` as soon as the operations are
 * committed.
 */
export type PullingCarrier = Carrier & {
  isReady(): Promise<void>;
  post(operations: Operation[]): Promise<Posted>;
};

/** How many operations of a kind had an outcome. */
export type OutcomeCount = { kind: Kind; outcome: "completed" | "mismatched" | DeclineCode; count: number };

/**
 * The values that become a carrier's search attributes. A list with more than `SEARCH_VALUES_MAX` values is not
 * searchable; it is cut at one more than that.
 */
export type SearchValues = { kinds: Kind[]; userIds: string[]; orderIds: string[]; reservationIds: string[] };

/** With more values in one search attribute, Temporal can refuse the start. Seen with 80 UUIDs. */
export const SEARCH_VALUES_MAX = 20;
