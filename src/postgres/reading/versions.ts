import type { Pool } from "pg";

/** A range of versions; `end` is exclusive. */
export type VersionRange = { first: bigint; end: bigint };

/** Finds the versions of a user's entries from `from` on and before `to`, both optional. */
export async function findVersions(
  pool: Pool,
  userId: string,
  { from, to }: { from: Date | undefined; to: Date | undefined },
): Promise<VersionRange | undefined> {
  const times = [from, to].filter((time) => time !== undefined);
  const { rows } = await pool.query<VersionRange>({
    name: `find-versions${from ? "-from" : ""}${to ? "-to" : ""}`,
    text: `
      select ${from ? firstVersionSince("$2") : "1::bigint"} as first,
             ${to ? firstVersionSince(`$${times.length + 1}`) : "version + 1"} as end
      from accounts
      where user_id = $1 and version > 0`,
    values: [userId, ...times],
  });
  return rows[0];
}

/**
 * Finds the first version since a time by binary search in the primary key.
 * Versions are gapless, and times never decrease along them. The search takes as many lookups as the account's version
 * has bits. It saves an index by time, which every write would have to maintain. Where no entry is as late, it returns
 * the version after the last. The user is `$1`.
 */
export function firstVersionSince(time: string): string {
  return `(
    with recursive narrowed (low, high) as (
      select 1::bigint, accounts.version + 1
      union all
      select case when is_before then middle + 1 else low end, case when is_before then high else middle end
      from narrowed
      cross join lateral (
        select entries.version as middle, entries.created_at < ${time}::timestamptz as is_before
        from entries
        where entries.user_id = $1 and entries.version = (low + high) / 2
        limit 1
      ) as probe
      where low < high
    )
    select low from narrowed where low = high
  )`;
}
