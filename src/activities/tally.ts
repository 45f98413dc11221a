import { requestUserIds } from "../ledger/accountsTouched.ts";
import { type OutcomeCount, SEARCH_VALUES_MAX, type SearchValues } from "../ledger/carriers.ts";
import type { Kind, Outcome, RequestOfKind } from "../ledger/operations.ts";
import type { Posted } from "../ledger/posted.ts";

export type Tally = ReturnType<typeof createTally>;

/** Counts the outcomes of one carrier's postings and collects its search values. */
export function createTally() {
  const counts = new Map<string, OutcomeCount>();
  const found = { kinds: new Set(), userIds: new Set(), orderIds: new Set(), reservationIds: new Set() } as {
    [List in keyof SearchValues]: Set<SearchValues[List][number]>;
  };

  function note<List extends keyof SearchValues>(list: List, value: SearchValues[List][number] | null): void {
    const values = found[list] as Set<unknown>;
    // One more than the maximum marks the list as not searchable.
    if (value !== null && values.size <= SEARCH_VALUES_MAX) values.add(value);
  }

  return {
    add(operations: readonly RequestOfKind[], { outcomes, operations: decided }: Posted): void {
      for (const [index, operation] of operations.entries()) {
        count(counts, operation.kind, outcomes[index]!);
        note("kinds", operation.kind);
        for (const userId of requestUserIds(operation)) note("userIds", userId);
        if ("orderId" in operation.request) note("orderIds", operation.request.orderId);
      }
      // A settlement by id contains neither user nor order; its row does.
      for (const { kind, reservationId, userId, orderId } of decided) {
        note("kinds", kind);
        note("reservationIds", reservationId);
        note("userIds", userId);
        note("orderIds", orderId);
      }
    },

    counts: (): OutcomeCount[] => [...counts.values()],

    found: (): SearchValues => ({
      kinds: [...found.kinds],
      userIds: [...found.userIds],
      orderIds: [...found.orderIds],
      reservationIds: [...found.reservationIds],
    }),
  };
}

function count(counts: Map<string, OutcomeCount>, kind: Kind, outcome: Outcome): void {
  const name = outcome.status === "declined" ? outcome.code : outcome.status;
  const key = `${kind} ${name}`;
  const seen = counts.get(key);
  if (seen) seen.count += 1;
  else counts.set(key, { kind, outcome: name, count: 1 });
}
