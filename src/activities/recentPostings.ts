import type { Posted } from "../ledger/posted.ts";

/** One or two carriers are on their way at a time, and few wait for their effects; those that wait for longer find theirs in the ledger. */
const CARRIERS_MAX = 8;

/** A run that comes back later, from a freeze say, is to tell of the present, which is the ledger's. */
const FRESH_MS = 2_000;

export type RecentPostings = ReturnType<typeof createRecentPostings>;

/**
 * What the last carriers of this process have just written, so that its effects need not be read back: at full speed those readings were as
 * much work for the database as the posting. A carrier whose posting is not here, for whatever reason, is read from the ledger, which says
 * the same.
 */
export function createRecentPostings(nowMs: () => number = () => performance.now()) {
  const byWorkflowId = new Map<string, { posted: Posted; written: ReadonlySet<string>; atMs: number }>();

  return {
    remember(workflowId: string, posted: Posted): void {
      byWorkflowId.delete(workflowId);
      const written = new Set(posted.operations.map(({ operationId }) => operationId));
      byWorkflowId.set(workflowId, { posted, written, atMs: nowMs() });
      const [oldest] = byWorkflowId.keys();
      if (byWorkflowId.size > CARRIERS_MAX) byWorkflowId.delete(oldest!);
    },

    /** What the carrier has written last, if these operations are among it, and it was just now. */
    find(workflowId: string, operationIds: readonly string[]): Posted | undefined {
      const remembered = byWorkflowId.get(workflowId);
      return remembered &&
        nowMs() - remembered.atMs < FRESH_MS &&
        operationIds.every((operationId) => remembered.written.has(operationId))
        ? remembered.posted
        : undefined;
    },
  };
}
