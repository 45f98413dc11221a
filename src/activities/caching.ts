import type { Posted } from "../ledger/posted.ts";
import type { BalanceAsOf } from "../ledger/records.ts";
import { type QuickChance, RecentTrouble } from "./quickChance.ts";
import type { RecentPostings } from "./recentPostings.ts";

export type Caching = {
  /** Brings the balances of all accounts that the operations, which this carrier posted, touched into the cache. */
  refreshBalances(workflowId: string, operationIds: string[]): Promise<void>;
};

/**
 * What was just posted here is refreshed once, whoever asks first: the process itself, at the commit, or the carrier a moment later.
 * `onTried` hears of the carrier's operations once the cache has had its chance, whether it took it or not.
 */
export function createCaching(
  ledger: { readBalancesTouched(operationIds: string[]): Promise<BalanceAsOf[]> },
  cache: { write(balances: BalanceAsOf[]): Promise<void> },
  recent: Pick<RecentPostings, "find">,
  quickly: QuickChance,
  onTried: (workflowId: string, operationIds: string[]) => void,
): Caching {
  const tries = new WeakMap<Posted, Promise<void>>();

  async function refresh(workflowId: string, operationIds: string[], known?: BalanceAsOf[]): Promise<void> {
    try {
      const balances = known ?? (await ledger.readBalancesTouched(operationIds));
      await quickly(() => cache.write(balances));
    } catch (error) {
      // That it was not even asked is no news: its first failure was.
      if (!(error instanceof RecentTrouble)) throw error;
    } finally {
      onTried(workflowId, operationIds);
    }
  }

  return {
    async refreshBalances(workflowId, operationIds) {
      const posted = recent.find(workflowId, operationIds);
      if (!posted) return await refresh(workflowId, operationIds);
      const trying = tries.get(posted) ?? refresh(workflowId, operationIds, posted.balances);
      tries.set(posted, trying);
      return await trying;
    },
  };
}
