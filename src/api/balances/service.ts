import type { BalanceAsOf } from "../../ledger/records.ts";
import { toBalanceView } from "../operations/view.ts";
import { Problem } from "../problems.ts";

export type BalancesDependencies = {
  readBalance(userId: string): Promise<BalanceAsOf | undefined>;
  /** Both fail at once, or within 100 ms, where the cache is away. */
  readCached(userId: string): Promise<BalanceAsOf | undefined>;
  cacheBalance(balance: BalanceAsOf): Promise<void>;
};

export type Balances = ReturnType<typeof createBalances>;

export function createBalances({ readBalance, readCached, cacheBalance }: BalancesDependencies) {
  return {
    /** A user's balance, from the cache unless `strong`. @throws Problem `account_unknown`, `ledger_unavailable` */
    async read(userId: string, strong: boolean) {
      const cached = strong ? undefined : await readCached(userId).catch(() => undefined);
      if (cached) return view(cached, "cache");

      const balance = await readBalance(userId).catch((cause) => {
        throw new Problem("ledger_unavailable", { cause });
      });
      if (!balance) throw new Problem("account_unknown");
      // What a strong read found is as good for the next reader; that the cache may be away is no trouble of this one.
      void cacheBalance(balance).catch(() => {});
      return view(balance, "ledger");
    },
  };
}

function view(balance: BalanceAsOf, source: "cache" | "ledger") {
  return { userId: balance.userId, ...toBalanceView(balance), asOf: balance.asOf.toISOString(), source };
}
