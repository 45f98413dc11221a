import type { PostingResult } from "../../../src/activities/index.ts";
import type { OutcomeCount, SearchValues } from "../../../src/ledger/carriers.ts";
import type { RequestOfKind } from "../../../src/ledger/operations.ts";

export const NOTHING_FOUND: SearchValues = { kinds: [], userIds: [], orderIds: [], reservationIds: [] };

/** The result of a posting activity that leaves no follow-up, except as given. */
export function carried(given: Partial<PostingResult> = {}): PostingResult {
  return { counts: [], found: NOTHING_FOUND, events: "published", sagaWorkflowIds: [], ...given };
}

/** Counts of operations that all have this outcome. */
export function countsOf(
  operations: readonly RequestOfKind[],
  outcome: OutcomeCount["outcome"] = "completed",
): OutcomeCount[] {
  const kinds = Map.groupBy(operations, ({ kind }) => kind);
  return [...kinds].map(([kind, ofKind]) => ({ kind, outcome, count: ofKind.length }));
}
