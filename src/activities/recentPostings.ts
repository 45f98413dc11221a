import type { Posted } from "../ledger/posted.ts";

/** One carrier is on its way at a time, and few wait for their effects; those that wait for longer find theirs in the ledger. */
const CARRIERS_MAX = 8;

export type RecentPostings = ReturnType<typeof createRecentPostings>;

/**
 * What the last carriers of this process have just written, so that its effects need not be read back: at full speed those readings were as
 * much work for the database as the posting. A carrier whose posting is not here, for whatever reason, is read from the ledger, which says
 * the same.
 */
export function createRecentPostings() {
  const byWorkflowId = new Map<string, { posted: Posted; written: ReadonlySet<string> }>();

  return {
    remember(workflowId: string, posted: Posted): void {
      byWorkflowId.delete(workflowId);
      const written = new Set(posted.operations.map(({ operationId }) => operationId));
      byWorkflowId.set(workflowId, { posted, written });
      const [oldest] = byWorkflowId.keys();
      if (byWorkflowId.size > CARRIERS_MAX) byWorkflowId.delete(oldest!);
    },

    /** What the carrier has written last, if these operations are among it. */
    find(workflowId: string, operationIds: readonly string[]): Posted | undefined {
      const remembered = byWorkflowId.get(workflowId);
      return remembered && operationIds.every((operationId) => remembered.written.has(operationId))
        ? remembered.posted
        : undefined;
    },
  };
}
