import type { BalanceAsOf } from "../ledger/records.ts";
import { type QuickChance, RecentTrouble } from "./quickChance.ts";

export type Caching = {
  /** Brings the present balances of all accounts that the operations touched into the cache. */
  refreshBalances(operationIds: string[]): Promise<void>;
};

/** `onTried` hears of the operations once the cache has had its chance, whether it took it or not. */
export function createCaching(
  ledger: { readBalancesTouched(operationIds: string[]): Promise<BalanceAsOf[]> },
  cache: { write(balances: BalanceAsOf[]): Promise<void> },
  quickly: QuickChance,
  onTried: (operationIds: string[]) => void,
): Caching {
  return {
    async refreshBalances(operationIds) {
      try {
        const balances = await ledger.readBalancesTouched(operationIds);
        await quickly(() => cache.write(balances));
      } catch (error) {
        // That it was not even asked is no news: its first failure was.
        if (!(error instanceof RecentTrouble)) throw error;
      } finally {
        onTried(operationIds);
      }
    },
  };
}
