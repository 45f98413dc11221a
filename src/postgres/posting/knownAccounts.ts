import type { Account } from "../../ledger/records.ts";
import { Collision } from "../sqlErrors.ts";

/** About 20 MB of ids. */
const USERS_MAX = 200_000;

export type KnownAccounts = ReturnType<typeof createKnownAccounts>;

/**
 * Caches the ids of users whose accounts exist, by process.
 * Accounts are never deleted. A posting skips `insert … on conflict do nothing` for these, a statement that nearly all
 * postings do not need.
 */
export function createKnownAccounts() {
  const known = new Set<string>();

  return {
    has: (userId: string): boolean => known.has(userId),

    /**
     * Adds the locked accounts.
     * @throws Collision where a credited account is missing, in a ledger that was restored to an earlier time: the
     * retry creates it
     */
    note(locked: readonly Account[], credited: readonly string[]): void {
      if (known.size > USERS_MAX) known.clear();
      for (const { userId } of locked) known.add(userId);
      const found = new Set(locked.map(({ userId }) => userId));
      const missing = credited.filter((userId) => !found.has(userId));
      for (const userId of missing) known.delete(userId);
      if (missing.length > 0) throw new Collision("A cached account does not exist");
    },
  };
}
