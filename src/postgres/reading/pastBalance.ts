import type { Pool } from "pg";
import type { PastBalance } from "../../ledger/records.ts";
import { pollUntil } from "../../lib/polling.ts";
import { firstVersionSince } from "./versions.ts";

/** A posting usually ends within milliseconds. Many readers of one locked account then cost little. */
const POLL_MS = 50;

/** As long as any statement waits for a lock. */
const POSTING_TIMEOUT_MS = 2_000;

/**
 * Reads the balance as of the last entry before `at`. Without one it is zero, at version 0. Undefined before the
 * user's first credit.
 * The answer is final where `at` is not later than `clock`. A posting reads the clock after it has locked the account.
 * So one that began before `clock` has ended, and a later one makes no entry before `clock`.
 * @throws where the account stays locked
 */
export async function readPastBalance(pool: Pool, userId: string, at: Date): Promise<PastBalance | undefined> {
  const clock = await awaitPosting(pool, userId);
  return clock && (await readLastBefore(pool, userId, at, clock));
}

/**
 * Waits for the running posting of the account, without a connection between the looks.
 * It has ended once the account is unlocked, or has a later version: then other postings may hold the lock.
 * @returns a time before the wait
 */
async function awaitPosting(pool: Pool, userId: string): Promise<Date | undefined> {
  const first = await lookAtLock(pool, userId);
  if (!first || first.is_free) return first?.clock;
  const hasEnded = await pollUntil(POLL_MS, Date.now() + POSTING_TIMEOUT_MS, async () => {
    const next = await lookAtLock(pool, userId);
    return next?.is_free || (next && next.version > first.version) || undefined;
  });
  if (!hasEnded) throw new Error(`A posting locks an account for more than ${POSTING_TIMEOUT_MS} ms`);
  return first.clock;
}

type Look = { clock: Date; version: bigint; is_free: boolean | null };

/** `now()` is earlier than the snapshot. So a posting with an earlier time has locked the account, or has ended. */
async function lookAtLock(pool: Pool, userId: string): Promise<Look | undefined> {
  const { rows } = await pool.query<Look>({
    name: "look-at-lock",
    text: `
      select now() as clock, version,
             (select true from accounts where user_id = $1 for key share skip locked) as is_free
      from accounts
      where user_id = $1`,
    values: [userId],
  });
  return rows[0];
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
