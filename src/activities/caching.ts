import type { BalanceAsOf } from "../ledger/records.ts";
import { type QuickChance, RecentTrouble } from "./quickChance.ts";
import type { RecentPostings } from "./recentPostings.ts";

export type RefreshBalances = (workflowId: string, operationIds: string[]) => Promise<void>;

/**
 * Brings the balances of all accounts that the operations, which this carrier posted, touched into the cache. It has one chance, and never
 * fails: what the cache holds ends with its time to live, and every later operation writes the present balance. `onTrouble` hears of a chance
 * that came to nothing, but not of one that was left out since the last one had.
 */
export function createCaching(
  ledger: { readBalancesTouched(operationIds: string[]): Promise<BalanceAsOf[]> },
  cache: { write(balances: BalanceAsOf[]): Promise<void> },
  recent: Pick<RecentPostings, "find">,
  quickly: QuickChance,
  onTrouble: (error: unknown) => void,
): RefreshBalances {
  return async (workflowId, operationIds) => {
    if (operationIds.length === 0) return;
    try {
      const posted = recent.find(workflowId, operationIds);
      const balances = posted?.balances ?? (await ledger.readBalancesTouched(operationIds));
      await quickly(() => cache.write(balances));
    } catch (error) {
      if (!(error instanceof RecentTrouble)) onTrouble(error);
    }
  };
}
