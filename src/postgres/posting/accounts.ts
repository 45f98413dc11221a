import type { PoolClient } from "pg";
import type { Account, Balance } from "../../ledger/records.ts";
import { bareArray } from "../arrays.ts";

type AccountRow = {
  user_id: string;
  available_minor: bigint;
  reserved_minor: bigint;
  version: bigint;
  last_entry_at: Date | null;
};

/**
 * Inserts missing accounts at version 0, with `on conflict do nothing`, in the order of ids.
 * Transactions that create the same account wait for each other here. The order prevents deadlocks, and the wait ends
 * before the statements that read balances take their snapshots.
 */
export async function createAccounts(client: PoolClient, userIds: string[]): Promise<void> {
  if (userIds.length === 0) return;
  await client.query({
    name: "create-accounts",
    text: `
      insert into accounts (user_id)
      select user_id from unnest($1::text[]) as credited (user_id)
      order by user_id collate "C"
      on conflict do nothing`,
    values: [userIds],
  });
}

/**
 * Locks the accounts `for update` in the order of ids, and returns the locked rows.
 * The order prevents deadlocks. After a wait for a lock PostgreSQL reads the row again, so the balances are current. A
 * posting takes no other explicit row locks.
 */
export async function lockAccounts(client: PoolClient, userIds: string[]): Promise<Account[]> {
  const { rows } = await client.query<AccountRow>({
    name: "lock-accounts",
    text: `
      select user_id, available_minor, reserved_minor, version, last_entry_at
      from accounts
      where user_id = any ($1::text[])
      order by user_id
      for update`,
    values: [userIds],
  });
  return rows.map((row) => ({ ...toBalance(row), lastEntryAt: row.last_entry_at }));
}

/** Writes the balances of accounts that this transaction has locked, with one `update … from unnest`. */
export async function updateAccounts(client: PoolClient, accounts: Account[]): Promise<void> {
  if (accounts.length === 0) return;
  const { rowCount } = await client.query({
    name: "update-accounts",
    text: `
      update accounts
      set available_minor = changed.available_minor,
          reserved_minor = changed.reserved_minor,
          version = changed.version,
          last_entry_at = changed.last_entry_at
      from unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::timestamptz[])
        as changed (user_id, available_minor, reserved_minor, version, last_entry_at)
      where accounts.user_id = changed.user_id`,
    values: [
      accounts.map((account) => account.userId),
      bareArray(accounts.map((account) => account.availableMinor)),
      bareArray(accounts.map((account) => account.reservedMinor)),
      bareArray(accounts.map((account) => account.version)),
      bareArray(accounts.map((account) => account.lastEntryAt?.toISOString() ?? null)),
    ],
  });
  if (rowCount !== accounts.length) throw new Error(`Updated ${rowCount} accounts of ${accounts.length}`);
}

export type BalanceRow = Omit<AccountRow, "last_entry_at">;

export function toBalance(row: BalanceRow): Balance {
  return {
    userId: row.user_id,
    availableMinor: row.available_minor,
    reservedMinor: row.reserved_minor,
    version: Number(row.version),
  };
}
