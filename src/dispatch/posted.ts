import type { Posted } from "../ledger/posted.ts";
import type { BalanceAsOf, StoredOperation } from "../ledger/records.ts";

export type OnPostedDependencies = {
  /** Resolves waiting callers, where this process has an API. */
  resolve?: ((operations: readonly StoredOperation[], cached: Promise<void>) => void) | undefined;
  /** Neither refresh rejects; both end within 100 ms. */
  refreshBalances(balances: BalanceAsOf[]): Promise<void>;
  refreshTouched(operationIds: string[]): Promise<void>;
};

/**
 * Refreshes the cache after a commit and resolves waiting callers of this process. Balances are read from the ledger
 * where they may be out of date, and for operations that were stored before.
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
