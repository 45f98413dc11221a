import type { Pool } from "pg";
import type { Finding } from "../../ledger/audits.ts";
import type { BalanceAsOf, StoredEntry } from "../../ledger/records.ts";
import { bareArray } from "../arrays.ts";
import { type EntryRow, toStoredEntry } from "../posting/entries.ts";
import { money } from "./pieces.ts";

/** Beyond its time to live: clocks differ, and a write may be on its way for seconds. */
const LAG_GRACE_SECONDS = 60;

/** Younger entries may be on their way into the topic; no transaction lasts as long. */
const EVENT_DUE_SECONDS = 60;

/** An account with what it lacks in the topic. */
const PIECE_ACCOUNTS_MAX = 2_000;
const MISSING_MAX = 1_000;

/** By the database's clock. */
export async function readAuditClock(pool: Pool): Promise<Date> {
  const { rows } = await pool.query<{ clock: Date }>("select clock_timestamp() as clock");
  return rows[0]!.clock;
}

/** Those of the users who have an account here. */
export async function findAccounts(pool: Pool, userIds: string[]): Promise<string[]> {
  const { rows } = await pool.query<{ user_id: string }>({
    text: "select user_id from accounts where user_id = any ($1::text[])",
    values: [userIds],
  });
  return rows.map((row) => row.user_id);
}

/**
 * What is wrong with balances that were read from the cache before: promise 8. Each is compared with the entry of its own version, which never
 * changes, so it does not matter what has been posted since. One that lags is wrong only where it should be gone from the cache by now.
 */
export async function compareCached(pool: Pool, cached: BalanceAsOf[], ttlSeconds: number): Promise<Finding[]> {
  const { rows } = await pool.query<{ user_id: string; sentence: string }>({
    text: `
      with compared as (
        select cached.*, accounts.version as ledger_version, entries.available_after_minor, entries.reserved_after_minor
        from unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::timestamptz[])
          as cached (user_id, version, available_minor, reserved_minor, as_of)
        join accounts on accounts.user_id = cached.user_id
        left join entries on entries.user_id = cached.user_id and entries.version = cached.version
      )
      select user_id, format('The cache has account %s at version %s, the ledger at %s.', user_id, version, ledger_version) as sentence
      from compared
      where version > ledger_version or version < 1
      union all
      select user_id, format('The cache has account %s at version %s with %s available and %s reserved, its entry with %s and %s.', user_id,
        version, ${money("available_minor")}, ${money("reserved_minor")}, ${money("available_after_minor")}, ${money("reserved_after_minor")})
      from compared
      where (available_minor, reserved_minor) <> (available_after_minor, reserved_after_minor)
      union all
      select user_id, format('The cache has account %s at version %s as of %s, the ledger is at %s: it should have ended by itself.', user_id,
        version, to_json(as_of) #>> '{}', ledger_version)
      from compared
      where version < ledger_version and as_of < clock_timestamp() - make_interval(secs => $6)`,
    values: [
      cached.map(({ userId }) => userId),
      bareArray(cached.map(({ version }) => version)),
      bareArray(cached.map(({ availableMinor }) => availableMinor)),
      bareArray(cached.map(({ reservedMinor }) => reservedMinor)),
      bareArray(cached.map(({ asOf }) => asOf.toISOString())),
      ttlSeconds + LAG_GRACE_SECONDS,
    ],
  });
  return rows.map((row) => ({ promise: 8, sentence: row.sentence, accountId: row.user_id }));
}

/** Which versions of which account. */
export type Seen = { userId: string; version: number };

/** Notes events that are in the topic. Those that were noted before change nothing. */
export async function noteSeen(pool: Pool, seen: Seen[]): Promise<void> {
  if (seen.length === 0) return;
  await pool.query({
    text: `
      insert into events_seen as noted (user_id, versions)
      select user_id, range_agg(int8range(version, version, '[]'))
      from unnest($1::text[], $2::bigint[]) as seen (user_id, version)
      group by user_id
      order by user_id
      on conflict (user_id) do update set versions = noted.versions + excluded.versions`,
    values: [seen.map(({ userId }) => userId), bareArray(seen.map(({ version }) => version))],
  });
}

/** Forgets all that was seen, for a topic that is another by now. */
export async function forgetSeen(pool: Pool): Promise<void> {
  await pool.query("delete from events_seen");
}

/** Those of the entries whose events no audit has seen. */
export async function findUnseen(pool: Pool, entries: StoredEntry[]): Promise<StoredEntry[]> {
  const { rows } = await pool.query<{ place: number }>({
    text: `
      select place::int
      from unnest($1::text[], $2::bigint[]) with ordinality as asked (user_id, version, place)
      where not exists (select from events_seen where events_seen.user_id = asked.user_id and versions @> asked.version)`,
    values: [entries.map(({ userId }) => userId), bareArray(entries.map(({ version }) => version))],
  });
  return rows.map(({ place }) => entries[place - 1]!);
}

/**
 * Entries whose events were due a minute ago and were not seen, of the accounts behind `after`, in the order of ids. What a carrier, or the
 * sweep, is still to publish is not among them. `last` is where to go on: undefined after the last account; where there is
 * more of these accounts than a piece holds, it is `after` again.
 */
export async function findMissing(
  pool: Pool,
  after: string,
): Promise<{ missing: StoredEntry[]; last: string | undefined }> {
  const { rows } = await pool.query<{ count: bigint; last: string | null; missing: bigint }>({
    text: `
      select count(*), max(user_id) as last
      from (select user_id from accounts where user_id > $1::text order by user_id limit ${PIECE_ACCOUNTS_MAX}) as piece`,
    values: [after],
  });
  const [piece] = rows;
  if (!piece?.last) return { missing: [], last: undefined };
  const found = await pool.query<EntryRow>({
    text: `
      with waiting as materialized (select distinct unnest(operation_ids) as operation_id from outbox)
      select entries.*, operations.workflow_id, operations.request
      from accounts
      left join lateral (select versions from events_seen where events_seen.user_id = accounts.user_id limit 1) as seen on true
      cross join lateral unnest(int8multirange(int8range(1, accounts.version + 1)) - coalesce(seen.versions, '{}')) as gap
      cross join lateral (
        select * from entries
        where entries.user_id = accounts.user_id and entries.version >= lower(gap) and entries.version < upper(gap)
          and entries.created_at <= clock_timestamp() - make_interval(secs => ${EVENT_DUE_SECONDS})
          and not exists (select from waiting where waiting.operation_id = entries.operation_id)
        limit ${MISSING_MAX}
      ) as entries
      cross join lateral (select workflow_id, request from operations where operations.id = entries.operation_id limit 1) as operations
      where accounts.user_id > $1::text and accounts.user_id <= $2::text
      limit ${MISSING_MAX}`,
    values: [after, piece.last],
  });
  const isWhole = found.rows.length < MISSING_MAX;
  const isEnd = isWhole && Number(piece.count) < PIECE_ACCOUNTS_MAX;
  return { missing: found.rows.map(toStoredEntry), last: isEnd ? undefined : isWhole ? piece.last : after };
}
