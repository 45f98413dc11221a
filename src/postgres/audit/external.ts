import type { Pool } from "pg";
import type { Finding } from "../../ledger/audits.ts";
import type { BalanceAsOf, EntryKey, StoredEntry } from "../../ledger/records.ts";
import { bareArray } from "../arrays.ts";
import { money } from "../formats.ts";
import { type EntryRow, toStoredEntry } from "../posting/entries.ts";

/** Grace period after a balance's TTL. Clocks differ, and a write may be under way for seconds. */
const LAG_GRACE_SECONDS = 60;

/** Age from which an entry's event is due. Younger ones may be under way, and no transaction lasts as long. */
const EVENT_DUE_SECONDS = 60;

/** Accounts of one piece. */
const PIECE_ACCOUNTS_MAX = 2_000;
/** Missing entries of an account and of a piece. A new topic has none of the events, so memory needs the bound. */
const MISSING_MAX = 1_000;

/** Filters the users to those with an account in this ledger. */
export async function findAccounts(pool: Pool, userIds: string[]): Promise<string[]> {
  const { rows } = await pool.query<{ user_id: string }>({
    text: "select user_id from accounts where user_id = any ($1::text[])",
    values: [userIds],
  });
  return rows.map((row) => row.user_id);
}

/**
 * Finds cached balances that break promise 8.
 *
 * Each is compared with the entry of its version, which never changes, so later postings do not matter. A stale balance
 * is a finding only where its TTL should have removed it.
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
      select user_id, format('The cache has account %s at version %s as of %s, the ledger is at %s: it should have expired.', user_id,
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

/** Records events that are in the topic. Idempotent. */
export async function recordSeen(pool: Pool, seen: EntryKey[]): Promise<void> {
  if (seen.length === 0) return;
  await pool.query({
    text: `
      insert into events_seen as recorded (user_id, versions)
      select user_id, range_agg(int8range(version, version, '[]'))
      from unnest($1::text[], $2::bigint[]) as seen (user_id, version)
      group by user_id
      order by user_id
      on conflict (user_id) do update set versions = recorded.versions + excluded.versions`,
    values: [seen.map(({ userId }) => userId), bareArray(seen.map(({ version }) => version))],
  });
}

/** Accounts of one statement, far below the 3 s that it may take. */
const DELETED_ACCOUNTS_MAX = 10_000;

/** Deletes all recorded events, for a topic that is replaced. A deletion that fails may be repeated. */
export async function deleteSeen(pool: Pool, accountsMax = DELETED_ACCOUNTS_MAX): Promise<void> {
  for (let after = ""; ; ) {
    const { rows } = await pool.query<{ last: string | null }>(
      `select max(user_id) as last
       from (select user_id from events_seen where user_id > $1::text order by user_id limit ${accountsMax}) as piece`,
      [after],
    );
    const last = rows[0]?.last;
    if (!last) return;
    await pool.query("delete from events_seen where user_id > $1::text and user_id <= $2::text", [after, last]);
    after = last;
  }
}

/** Filters the entries to those whose events no audit has seen. */
export async function findUnseen(pool: Pool, entries: StoredEntry[]): Promise<StoredEntry[]> {
  const { rows } = await pool.query<{ place: number }>({
    text: `
      select place::int
      from unnest($1::text[], $2::bigint[]) with ordinality as candidate (user_id, version, place)
      where not exists (select from events_seen where events_seen.user_id = candidate.user_id and versions @> candidate.version)`,
    values: [entries.map(({ userId }) => userId), bareArray(entries.map(({ version }) => version))],
  });
  return rows.map(({ place }) => entries[place - 1]!);
}

/**
 * Finds entries older than a minute without an event, in the order of accounts.
 *
 * Entries in the outbox are left out: a carrier or the sweep will publish their events. The next call starts at `last`,
 * which is undefined after the last account. Where the piece was full, `last` is `after` again.
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
      select entries.*, operations.workflow_id, operations.request, operations.service_name
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
      cross join lateral (
        select workflow_id, request, service_name from operations where operations.id = entries.operation_id limit 1
      ) as operations
      where accounts.user_id > $1::text and accounts.user_id <= $2::text
      limit ${MISSING_MAX}`,
    values: [after, piece.last],
  });
  const isWhole = found.rows.length < MISSING_MAX;
  const isEnd = isWhole && Number(piece.count) < PIECE_ACCOUNTS_MAX;
  return { missing: found.rows.map(toStoredEntry), last: isEnd ? undefined : isWhole ? piece.last : after };
}
