import type { BalanceAsOf } from "../../ledger/records.ts";
import { orUnavailable, Problem } from "../http/problems.ts";
import { toBalanceView } from "../operations/view.ts";

export type BalancesDependencies = {
  readBalance(userId: string): Promise<BalanceAsOf | undefined>;
  /** Undefined where no cached balance may be shown. Its timeout is 100 ms; it never fails. */
  readCached(userId: string): Promise<BalanceAsOf | undefined>;
  /** Caches the balance in the background. Never fails. */
  writeBack(balance: BalanceAsOf): void;
};

export type Balances = ReturnType<typeof createBalances>;

export function createBalances({ readBalance, readCached, writeBack }: BalancesDependencies) {
  return {
    /**
     * Reads a user's balance, from the cache unless `strong`.
     *
     * @throws Problem `account_unknown`, `ledger_unavailable`
     */
    async read(userId: string, strong: boolean) {
      const cached = strong ? undefined : await readCached(userId);
      if (cached) return view(cached, "cache");

      const balance = await orUnavailable(readBalance(userId));
      if (!balance) throw new Problem("account_unknown");
      writeBack(balance);
      return view(balance, "ledger");
    },
  };
}

function view(balance: BalanceAsOf, source: "cache" | "ledger") {
  return { userId: balance.userId, ...toBalanceView(balance), asOf: balance.asOf.toISOString(), source };
}
