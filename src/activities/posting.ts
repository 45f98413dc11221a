import type { Operation, Outcome } from "../ledger/operations.ts";

export type Posting = {
  /** Brings the operations into the ledger and returns their outcomes in order; what is stored already answers as it is stored. */
  post(workflowId: string, operations: Operation[]): Promise<Outcome[]>;
};

/** `onCommitted` hears of each carrier whose operations are in the ledger: a hint to whoever waits for it in this process. */
export function createPosting(
  ledger: { post(workflowId: string, operations: Operation[]): Promise<Outcome[]> },
  onCommitted: (workflowId: string, outcomes: Outcome[]) => void,
): Posting {
  return {
    async post(workflowId, operations) {
      const outcomes = await ledger.post(workflowId, operations);
      onCommitted(workflowId, outcomes);
      return outcomes;
    },
  };
}
