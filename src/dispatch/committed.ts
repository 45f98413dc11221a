import { completedIds, type Outcome } from "../ledger/operations.ts";
import type { BalanceAsOf, StoredOperation } from "../ledger/records.ts";
import type { Answers } from "./answers.ts";
import type { Dispatcher } from "./dispatcher.ts";

export type CommittedDependencies = {
  dispatcher: Pick<Dispatcher, "onCommitted">;
  answers: Pick<Answers, "onAnswerable">;
  /** What the carrier has just written, if it was here and these operations are among it. */
  recent: {
    find(
      workflowId: string,
      operationIds: readonly string[],
    ): { operations: readonly StoredOperation[]; balances: readonly BalanceAsOf[] } | undefined;
  };
  refreshBalances(balances: readonly BalanceAsOf[]): Promise<void>;
  refreshTouched(operationIds: string[]): Promise<void>;
};

/** What follows a commit in the process that made it: the next carrier may start, the cache has its chance, and whoever waits is answered. */
export function createOnCommitted({
  dispatcher,
  answers,
  recent,
  refreshBalances,
  refreshTouched,
}: CommittedDependencies) {
  return async (workflowId: string, outcomes: Outcome[]): Promise<void> => {
    dispatcher.onCommitted(workflowId);
    const tell = (operationIds: string[]) =>
      answers.onAnswerable(operationIds, recent.find(workflowId, operationIds)?.operations);
    // A decline leaves nothing for the cache: whoever waits for it need not wait for that.
    tell(outcomes.filter(({ status }) => status === "declined").map(({ operationId }) => operationId));
    const completed = completedIds(outcomes);
    const posted = recent.find(workflowId, completed);
    await (posted ? refreshBalances(posted.balances) : refreshTouched(completed));
    tell(completed);
  };
}
