import type { Account } from "../../ledger/records.ts";
import { Collision } from "../sqlErrors.ts";

/** Some 20 MB of ids. */
const USERS_MAX = 200_000;

export type KnownAccounts = ReturnType<typeof createKnownAccounts>;

/**
 * Users whose accounts were seen by this process. Accounts are never deleted, so these need no `insert … on conflict do nothing`, which is a
 * statement of each posting and of no use to nearly all.
 */
export function createKnownAccounts() {
  const known = new Set<string>();

  return {
    has: (userId: string): boolean => known.has(userId),

    /**
     * Notes the locked accounts. @throws Collision where a credited one is missing after all, in a ledger that was restored to an earlier time:
     * the posting is run again, and creates it
     */
    note(locked: readonly Account[], credited: readonly string[]): void {
      if (known.size > USERS_MAX) known.clear();
      for (const { userId } of locked) known.add(userId);
      const found = new Set(locked.map(({ userId }) => userId));
      const missing = credited.filter((userId) => !found.has(userId));
      for (const userId of missing) known.delete(userId);
      if (missing.length > 0) throw new Collision("A known account is not there");
    },
  };
}
