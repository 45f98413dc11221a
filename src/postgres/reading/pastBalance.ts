import type { Pool } from "pg";
import type { PastBalance } from "../../ledger/records.ts";
import { firstVersionSince } from "./versions.ts";

/**
 * Reads the balance as of the last entry before `at`. Without one it is zero, at version 0. Undefined before the
 * user's first credit.
 * The answer is final where `at` is not later than `clock`. A posting reads the clock after it has locked the account.
 * So one that began before the first statement has ended, and a later one makes no entry before `clock`.
 */
export async function readPastBalance(pool: Pool, userId: string, at: Date): Promise<PastBalance | undefined> {
  const clock = await awaitPosting(pool, userId);
  return clock && (await readLastBefore(pool, userId, at, clock));
}

/** Waits for the running posting of the account. The lock ends with the statement, and readers share it. */
async function awaitPosting(pool: Pool, userId: string): Promise<Date | undefined> {
  const { rows } = await pool.query<{ clock: Date }>({
    name: "await-posting",
    text: "select clock_timestamp() as clock from accounts where user_id = $1 for key share",
    values: [userId],
  });
  return rows[0]?.clock;
}

async function readLastBefore(pool: Pool, userId: string, at: Date, clock: Date): Promise<PastBalance | undefined> {
  const { rows } = await pool.query<{ version: bigint; available_minor: bigint; reserved_minor: bigint }>({
    name: "read-last-before",
    text: `
      select coalesce(last.version, 0) as version,
             coalesce(last.available_after_minor, 0) as available_minor,
             coalesce(last.reserved_after_minor, 0) as reserved_minor
      from accounts
      left join lateral (
        select * from entries where entries.user_id = $1 and entries.version = ${firstVersionSince("$2")} - 1 limit 1
      ) as last on true
      where accounts.user_id = $1 and accounts.version > 0`,
    values: [userId, at],
  });
  const [row] = rows;
  if (!row) return undefined;
  const { version, available_minor: availableMinor, reserved_minor: reservedMinor } = row;
  return { balance: { userId, availableMinor, reservedMinor, version: Number(version) }, clock };
}
