import type { PostingResult } from "../../../src/activities/index.ts";
import type { OutcomeCount, SearchValues } from "../../../src/ledger/carriers.ts";
import type { RequestOfKind } from "../../../src/ledger/operations.ts";

export const NOTHING_FOUND: SearchValues = { kinds: [], userIds: [], orderIds: [], reservationIds: [] };

/** What a posting activity returns that leaves nothing to do, or only what is given. */
export function carried(given: Partial<PostingResult> = {}): PostingResult {
  return { counts: [], found: NOTHING_FOUND, events: "published", sagaWorkflowIds: [], ...given };
}

/** The counts of operations that all have this outcome. */
export function countsOf(
  operations: readonly RequestOfKind[],
  outcome: OutcomeCount["outcome"] = "completed",
): OutcomeCount[] {
  const kinds = Map.groupBy(operations, ({ kind }) => kind);
  return [...kinds].map(([kind, ofKind]) => ({ kind, outcome, count: ofKind.length }));
}
