import type { Posted } from "../ledger/posted.ts";
import type { BalanceAsOf, StoredOperation } from "../ledger/records.ts";

export type OnPostedDependencies = {
  /** Answers waiting callers, where this process has an API. */
  resolve?: ((operations: readonly StoredOperation[], cached: Promise<void>) => void) | undefined;
  /** Both never fail, and end within 100 ms. */
  refreshBalances(balances: BalanceAsOf[]): Promise<void>;
  refreshTouched(operationIds: string[]): Promise<void>;
};

/**
 * What follows a commit in its process: the cache is refreshed, and waiting callers get their outcomes. Balances that may be out of date, and
 * those of operations that were stored before, are read from the ledger.
 */
export function createOnPosted({ resolve, refreshBalances, refreshTouched }: OnPostedDependencies) {
  return async ({ operations, stored, balances }: Posted, isFresh: boolean): Promise<void> => {
    const toRead = isFresh ? stored : [...stored, ...operations];
    const cached = Promise.all([
      isFresh && balances.length > 0 && refreshBalances(balances),
      toRead.length > 0 && refreshTouched(toRead.map(({ operationId }) => operationId)),
    ]).then(() => {});
    resolve?.([...operations, ...stored], cached);
    await cached;
  };
}
