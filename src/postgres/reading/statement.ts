import type { Pool } from "pg";
import type { StatementPage, StoredEntry } from "../../ledger/records.ts";
import { type EntryRow, toStoredEntry } from "../posting/entries.ts";
import { composePage } from "./statementPage.ts";
import { findVersions } from "./versions.ts";

/**
 * Reads a page of a user's entries; undefined before the user's first credit.
 * Two statements without a common snapshot: entries never change, so a range of versions stays valid.
 */
export async function readStatement(
  pool: Pool,
  userId: string,
  page: StatementPage,
): Promise<StoredEntry[] | undefined> {
  const found = await findVersions(pool, userId, page);
  if (!found) return undefined;
  const range = page.last === undefined ? found : { ...found, end: smaller(found.end, BigInt(page.last) + 1n) };
  const { rows } = await pool.query<EntryRow>(composePage(userId, page, range));
  return rows.map(toStoredEntry);
}

function smaller(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}
