import type { Pool } from "pg";
import type { StatementEntry, StatementPage } from "../../ledger/records.ts";
import { type EntryRow, toStoredEntry } from "../posting/entries.ts";
import { composePage, type VersionRange } from "./statementPage.ts";

/**
 * A page of a user's entries, or undefined where no credit has reached the user yet. Two statements that need no common snapshot: what is
 * found to be a range of versions stays one, because entries are never changed.
 */
export async function readStatement(
  pool: Pool,
  userId: string,
  page: StatementPage,
): Promise<StatementEntry[] | undefined> {
  const range = await findVersions(pool, userId, page);
  if (!range) return undefined;
  const { rows } = await pool.query<EntryRow & { service_name: string | null }>(composePage(userId, page, range));
  return rows.map((row) => ({
    ...toStoredEntry(row),
    source: row.request.source ?? null,
    destination: row.request.destination ?? null,
    serviceName: row.service_name,
  }));
}

/** The versions of a user's entries from `from` on and before `to`, all of them where neither is given. */
async function findVersions(
  pool: Pool,
  userId: string,
  { from, to }: Pick<StatementPage, "from" | "to">,
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
 * Bisection: versions are gapless and times never decrease along them, so the version that a time begins with is found by as many looks into
 * the primary key as the account's version has bits, and times need no index, which every write would pay for. Where no entry is as
 * late, it is the version after the last.
 */
function firstVersionSince(time: string): string {
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
