import type { Pool, PoolClient } from "pg";
import type { OutboxCount, OutboxPiece, OutboxRow } from "../../ledger/records.ts";
import { bareArray } from "../arrays.ts";
import { inTransaction } from "../pool.ts";

/**
 * Adds the outbox row of a posting, in the transaction that inserts its entries.
 * The row holds the ids of the operations whose events have to be published.
 * @returns the row's id; undefined without operations
 */
export async function insertOutbox(
  client: PoolClient,
  workflowId: string,
  operationIds: string[],
): Promise<string | undefined> {
  if (operationIds.length === 0) return undefined;
  const { rows } = await client.query<{ id: bigint }>({
    name: "insert-outbox",
    text: "insert into outbox (workflow_id, operation_ids) values ($1, $2::uuid[]) returning id",
    values: [workflowId, bareArray(operationIds)],
  });
  return `${rows[0]!.id}`;
}

/**
 * Deletes outbox rows whose events Kafka has acknowledged, with `synchronous_commit` off.
 * A deletion that is lost in a database crash causes a duplicate event, which consumers drop by its id. `set_config` in
 * a CTE limits the setting to this statement's transaction.
 */
export async function deleteOutbox(pool: Pool, ids: readonly string[]): Promise<void> {
  await pool.query({
    name: "delete-outbox",
    text: `
      with asynchronous as materialized (select set_config('synchronous_commit', 'off', true) as setting)
      delete from outbox using asynchronous where id = any ($1::bigint[]) and asynchronous.setting is not null`,
    values: [bareArray(ids)],
  });
}

/**
 * Publishes the oldest outbox rows of at least `ageSeconds`, and deletes them, in one transaction.
 * Rows are deleted once `publish` has resolved. `for update skip locked` lets several processes drain concurrently
 * without duplicates. The locks last as long as `publish`. They cover up to ROWS_MAX rows, even where the running sum
 * ends the piece at fewer.
 * @returns how many rows were published; 0 at the end
 */
export async function drainOutbox(
  pool: Pool,
  { ageSeconds, workflowId, operationsMax, exceptIds }: OutboxPiece,
  publish: (rows: OutboxRow[]) => Promise<void>,
): Promise<number> {
  const drained = await inTransaction<number | { error: unknown }>(pool, async (client) => {
    const { rows } = await client.query<{ id: bigint; workflow_id: string; operation_ids: string[] }>({
      name: "take-outbox",
      text: `
        select id, workflow_id, operation_ids
        from (
          select *, sum(cardinality(operation_ids)) over (order by created_at, id) as total
          from (
            select * from outbox
            where created_at <= now() - make_interval(secs => $1) and id <> all ($3::bigint[])
              and ($4::text is null or workflow_id = $4)
            order by created_at, id
            limit ${ROWS_MAX}
            for update skip locked
          ) as oldest
        ) as counted
        where total <= $2 or total = cardinality(operation_ids)
        order by created_at, id`,
      values: [ageSeconds, operationsMax, bareArray(exceptIds), workflowId ?? null],
    });
    if (rows.length === 0) return 0;
    const taken = rows.map((row) => ({
      id: `${row.id}`,
      workflowId: row.workflow_id,
      operationIds: row.operation_ids,
    }));
    try {
      await publish(taken);
    } catch (error) {
      // The transaction ends in order. A broken connection would hold the locks for moments, and the next piece skip
      // its rows.
      return { error };
    }
    await client.query({
      name: "delete-outbox-taken",
      text: "delete from outbox where id = any ($1::bigint[])",
      values: [bareArray(rows.map(({ id }) => id))],
    });
    return rows.length;
  });
  if (typeof drained === "object") throw drained.error;
  return drained;
}

/** Most rows of a piece, reached where each has one operation. */
const ROWS_MAX = 500;

/** Returns whether the carrier has outbox rows, and their events. Counts such carriers up to `limit`. */
export async function countOutbox(pool: Pool, workflowId: string, limit: number): Promise<OutboxCount> {
  const { rows } = await pool.query<{ own: boolean; events: bigint; carriers: bigint }>({
    name: "count-outbox",
    text: `
      select exists (select from outbox where workflow_id = $1) as own,
             (
               select count(version) + count(counterparty_version)
               from outbox cross join unnest(operation_ids) as waiting (id) join operations on operations.id = waiting.id
               where outbox.workflow_id = $1
             ) as events,
             (select count(*) from (select distinct workflow_id from outbox limit $2) as waiting) as carriers`,
    values: [workflowId, limit],
  });
  const [row] = rows;
  return { isWaiting: row!.own, events: Number(row!.events), carriers: Number(row!.carriers) };
}
