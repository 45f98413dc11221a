import type { Pool } from "pg";
import type { BalanceAsOf } from "../../ledger/records.ts";
import { type BalanceRow, toBalance } from "../posting/accounts.ts";

/**
 * Reads one user's balance and the database's clock; undefined before the first credit. Version 0 is an account without
 * an entry.
 */
export async function readBalance(pool: Pool, userId: string): Promise<BalanceAsOf | undefined> {
  const { rows } = await pool.query<BalanceRow & { as_of: Date }>({
    name: "read-balance",
    text: `
      select user_id, available_minor, reserved_minor, version, clock_timestamp() as as_of
      from accounts
      where user_id = $1 and version > 0`,
    values: [userId],
  });
  return rows[0] && { ...toBalance(rows[0]), asOf: rows[0].as_of };
}

/**
 * Reads the present balances of all accounts that these operations changed, and the database's clock. The accounts are
 * found through the operations' primary keys. A declined operation has users too, but no versions.
 */
export async function readBalancesTouched(pool: Pool, operationIds: string[]): Promise<BalanceAsOf[]> {
  const { rows } = await pool.query<BalanceRow & { as_of: Date }>({
    name: "read-balances-touched",
    text: `
      select user_id, available_minor, reserved_minor, version, clock_timestamp() as as_of
      from accounts
      where user_id = any (array(
        select unnest(array[operations.user_id, counterparty_user_id])
        from operations
        where id = any ($1::uuid[]) and operations.version is not null
      ))`,
    values: [operationIds],
  });
  return rows.map((row) => ({ ...toBalance(row), asOf: row.as_of }));
}
