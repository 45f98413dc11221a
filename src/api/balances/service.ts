import type { BalanceAsOf, PastBalance } from "../../ledger/records.ts";
import { invalidRequest } from "../http/fieldErrors.ts";
import { orUnavailable, Problem } from "../http/problems.ts";
import { toBalanceView } from "../operations/view.ts";
import { parseInstant } from "../period.ts";

export type BalancesDependencies = {
  readBalance(userId: string): Promise<BalanceAsOf | undefined>;
  /** Undefined where the user has had no credit yet. */
  readPastBalance(userId: string, at: Date): Promise<PastBalance | undefined>;
  /** Undefined where no cached balance may be shown. Its timeout is 100 ms; it never fails. */
  readCached(userId: string): Promise<BalanceAsOf | undefined>;
  /** Caches the balance in the background. Never fails. */
  writeBack(balance: BalanceAsOf): void;
  /** Called with each past balance before it is shown. */
  rememberShown(balance: BalanceAsOf): void;
  currency: string;
};

export type Balances = ReturnType<typeof createBalances>;

export function createBalances(dependencies: BalancesDependencies) {
  const { readBalance, readPastBalance, readCached, writeBack, rememberShown, currency } = dependencies;

  const view = (balance: BalanceAsOf, source: "cache" | "ledger") => ({
    userId: balance.userId,
    ...toBalanceView(balance),
    currency,
    asOf: balance.asOf.toISOString(),
    source,
  });

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

    /**
     * Reads a user's balance as of the last entry before a time, from the ledger. It never changes afterwards.
     *
     * @throws Problem `invalid_request`, `account_unknown`, `ledger_unavailable`
     */
    async readAt(userId: string, time: string) {
      const asOf = parseInstant(time);
      const past = await orUnavailable(readPastBalance(userId, asOf));
      if (!past) throw new Problem("account_unknown");
      if (asOf > past.clock) throw invalidRequest([{ field: "at", message: "must not be in the future" }]);
      const balance = { ...past.balance, asOf };
      rememberShown(balance);
      return view(balance, "ledger");
    },
  };
}
