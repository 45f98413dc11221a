import type { Pool, PoolClient } from "pg";
import type { Unpublished } from "../ledger/records.ts";
import { bareArray } from "./arrays.ts";

/**
 * Notes, in the transaction that makes the entries, that this carrier's events are to be published. A carrier that posts again, or in
 * pieces, adds to its row. Operations that were stored before count too: who stored them may have died before their events were out.
 */
export async function noteUnpublished(client: PoolClient, workflowId: string, operationIds: string[]): Promise<void> {
  if (operationIds.length === 0) return;
  await client.query({
    name: "note-unpublished",
    text: `
      insert into unpublished as noted (workflow_id, operation_ids)
      values ($1, $2::uuid[])
      on conflict (workflow_id) do update
      set operation_ids = array(select distinct unnest(noted.operation_ids || excluded.operation_ids))`,
    values: [workflowId, bareArray(operationIds)],
  });
}

/** What this carrier still has to publish; an empty list where it has nothing, or someone else has published it. */
export async function readUnpublished(pool: Pool, workflowId: string): Promise<string[]> {
  const { rows } = await pool.query<{ operation_ids: string[] }>({
    name: "read-unpublished",
    text: "select operation_ids from unpublished where workflow_id = $1",
    values: [workflowId],
  });
  return rows[0]?.operation_ids ?? [];
}

/** Takes the note back, unless the carrier has added to it since it was read: then the rest is still to be published. */
export async function deleteUnpublished(pool: Pool, workflowId: string, operationIds: string[]): Promise<void> {
  await pool.query({
    name: "delete-unpublished",
    text: "delete from unpublished where workflow_id = $1 and operation_ids <@ $2::uuid[]",
    values: [workflowId, bareArray(operationIds)],
  });
}

/** How many carriers have events to publish; counts no further than `limit`. */
export async function countUnpublished(pool: Pool, limit: number): Promise<number> {
  const { rows } = await pool.query<{ count: bigint }>({
    name: "count-unpublished",
    text: "select count(*) from (select from unpublished limit $1) as counted",
    values: [limit],
  });
  return Number(rows[0]!.count);
}

/** The carriers that were noted at least `ageSeconds` ago, at most `limit` of them behind the first `skip`, the oldest first. */
export async function findUnpublished(
  pool: Pool,
  ageSeconds: number,
  limit: number,
  skip: number,
): Promise<Unpublished[]> {
  const { rows } = await pool.query<{ workflow_id: string; operation_ids: string[] }>({
    name: "find-unpublished",
    text: `
      select workflow_id, operation_ids
      from unpublished
      where created_at <= clock_timestamp() - make_interval(secs => $1)
      order by created_at
      limit $2 offset $3`,
    values: [ageSeconds, limit, skip],
  });
  return rows.map((row) => ({ workflowId: row.workflow_id, operationIds: row.operation_ids }));
}
