import type { BalanceAsOf } from "../ledger/records.ts";
import { withTimeLimit } from "../timeLimit.ts";
import { type CircuitBreaker, CircuitOpenError } from "./circuitBreaker.ts";
import type { RecentPostings } from "./recentPostings.ts";

/** The longest that whoever waits for an answer waits for the cache as well. */
export const CACHE_CHANCE_MS = 100;

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
  breaker: CircuitBreaker,
  onTrouble: (error: unknown) => void,
): RefreshBalances {
  async function refresh(workflowId: string, operationIds: string[]): Promise<void> {
    const posted = recent.find(workflowId, operationIds);
    const balances = posted?.balances ?? (await ledger.readBalancesTouched(operationIds));
    await breaker(() => cache.write(balances));
  }

  return async (workflowId, operationIds) => {
    if (operationIds.length === 0) return;
    try {
      // One limit around both: a slow ledger is not to be taken for a cache that is away.
      await withTimeLimit("Refreshing the cache", CACHE_CHANCE_MS, refresh(workflowId, operationIds));
    } catch (error) {
      if (!(error instanceof CircuitOpenError)) onTrouble(error);
    }
  };
}
