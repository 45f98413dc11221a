import type { Pool, PoolClient } from "pg";
import type { Decision } from "../ledger/decide.ts";
import type { StoredOperation } from "../ledger/records.ts";
import { ShortCount } from "./trouble.ts";

/**
 * Those of `operationIds` that are stored, in no order. Of a transfer's two entries the debit, which is the sender's, gives the balance.
 * The request is read whole and never taken apart in SQL, which would fail on what a refused one may hold.
 */
export async function findOperations(database: Pool | PoolClient, operationIds: string[]): Promise<StoredOperation[]> {
  const { rows } = await database.query({
    name: "find-operations",
    text: `
      select operations.*, entry.available_after_minor, entry.reserved_after_minor, entry.version
      from operations
      left join lateral (
        select available_after_minor, reserved_after_minor, version
        from entries
        where entries.operation_id = operations.id
        order by available_delta_minor
        limit 1
      ) as entry on true
      where operations.id = any ($1::uuid[])`,
    values: [operationIds],
  });
  return rows.map((row) => ({
    operationId: row.id,
    workflowId: row.workflow_id,
    kind: row.kind,
    request: row.request,
    declineCode: row.decline_code,
    createdAt: row.created_at,
    completedAt: row.completed_at,
    balance:
      row.version === null
        ? null
        : {
            availableMinor: row.available_after_minor,
            reservedMinor: row.reserved_after_minor,
            version: Number(row.version),
          },
  }));
}

/**
 * Inserts the decided operations, in the order of ids, so that two transactions which bring the same ones wait for each other in line.
 * @throws ShortCount where one of them is stored by now: the decision was made without knowing it, and must be made again.
 */
export async function insertOperations(client: PoolClient, workflowId: string, decision: Decision): Promise<void> {
  const { decided, at } = decision;
  if (decided.length === 0) return;
  const { rowCount } = await client.query({
    name: "insert-operations",
    text: `
      insert into operations
        (id, caller, idempotency_key, workflow_id, kind, request, status, decline_code, created_at, completed_at)
      select id, caller, idempotency_key, $1, kind, request::json,
             case when decline_code is null then 'completed' else 'declined' end, decline_code,
             least(accepted_at, $2::timestamptz), $2
      from unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[])
        as decided (id, caller, idempotency_key, kind, request, decline_code, accepted_at)
      order by id
      on conflict do nothing`,
    values: [
      workflowId,
      at,
      decided.map(({ operation }) => operation.operationId),
      decided.map(({ operation }) => operation.caller),
      decided.map(({ operation }) => operation.idempotencyKey),
      decided.map(({ operation }) => operation.kind),
      decided.map(({ operation }) => JSON.stringify(operation.request)),
      decided.map(({ declineCode }) => declineCode),
      decided.map(({ operation }) => operation.acceptedAt),
    ],
  });
  if (rowCount !== decided.length) throw new ShortCount(`Stored ${rowCount} operations of ${decided.length}`);
}
