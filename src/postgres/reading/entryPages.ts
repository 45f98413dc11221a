import type { Pool } from "pg";
import type { EntryKey, StoredEntry } from "../../ledger/records.ts";
import { type EntryRow, toStoredEntry } from "../posting/entries.ts";

/** Selects entries made from `from` on and before `to`, optionally of one user. */
export type EntryRange = { userId?: string; from?: Date; to?: Date };

/** Entries scanned for a page, however few match. It bounds the duration of the statement. */
const PAGE_LOOKED_AT_MAX = 2_000;

/**
 * Reads the matching entries among the next `lookedAtMax` after `after`, by user, then by version.
 * `last` is the position to continue from, undefined at the end. The first statement finds that position in the primary
 * key, the second reads up to it. Entries have no index by time: they are rarely read by period.
 */
export async function readEntryPage(
  pool: Pool,
  { userId, from, to }: EntryRange,
  after: EntryKey | undefined,
  lookedAtMax = PAGE_LOOKED_AT_MAX,
): Promise<{ entries: StoredEntry[]; last: EntryKey | undefined }> {
  const begin = after ?? { userId: userId ?? "", version: 0 };
  const looked = await pool.query<{ user_id: string; version: bigint }>({
    text: `
      select user_id, version
      from (select user_id, version from entries
            where (user_id, version) > ($1::text, $2::bigint) ${userId === undefined ? "" : "and user_id = $4"}
            order by user_id, version limit $3) as looked_at
      order by user_id desc, version desc limit 1`,
    values: [begin.userId, begin.version, lookedAtMax, ...(userId === undefined ? [] : [userId])],
  });
  const [end] = looked.rows;
  if (!end) return { entries: [], last: undefined };
  const { rows } = await pool.query<EntryRow>({
    text: `
      select entries.*, operations.workflow_id, operations.request, operations.service_name
      from entries
      join operations on operations.id = entries.operation_id
      where (entries.user_id, entries.version) > ($1::text, $2::bigint) and (entries.user_id, entries.version) <= ($3::text, $4::bigint)
        and ($5::timestamptz is null or entries.created_at >= $5) and ($6::timestamptz is null or entries.created_at < $6)
      order by entries.user_id, entries.version`,
    values: [begin.userId, begin.version, end.user_id, end.version, from ?? null, to ?? null],
  });
  return { entries: rows.map(toStoredEntry), last: { userId: end.user_id, version: Number(end.version) } };
}
