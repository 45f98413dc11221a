import type { BalanceAsOf } from "../ledger/records.ts";
import { type QuickChance, RecentTrouble } from "./quickChance.ts";
import type { RecentPostings } from "./recentPostings.ts";

export type Caching = {
  /** Brings the balances of all accounts that the operations, which this carrier posted, touched into the cache. */
  refreshBalances(workflowId: string, operationIds: string[]): Promise<void>;
};

/** `onTried` hears of the carrier's operations once the cache has had its chance, whether it took it or not. */
export function createCaching(
  ledger: { readBalancesTouched(operationIds: string[]): Promise<BalanceAsOf[]> },
  cache: { write(balances: BalanceAsOf[]): Promise<void> },
  recent: Pick<RecentPostings, "find">,
  quickly: QuickChance,
  onTried: (workflowId: string, operationIds: string[]) => void,
): Caching {
  return {
    async refreshBalances(workflowId, operationIds) {
      try {
        const posted = recent.find(workflowId, operationIds);
        const balances = posted?.balances ?? (await ledger.readBalancesTouched(operationIds));
        await quickly(() => cache.write(balances));
      } catch (error) {
        // That it was not even asked is no news: its first failure was.
        if (!(error instanceof RecentTrouble)) throw error;
      } finally {
        onTried(workflowId, operationIds);
      }
    },
  };
}
