import type { Pool, PoolClient } from "pg";
import type { Decision } from "../ledger/decide.ts";
import type { DeclineCode, Kind, Recorded } from "../ledger/operations.ts";
import type { StoredOperation } from "../ledger/records.ts";
import { ShortCount } from "./trouble.ts";

/** Those of `operationIds` that are stored, by id, with what decides how a repetition is answered. */
export async function readRecorded(client: PoolClient, operationIds: string[]): Promise<Map<string, Recorded>> {
  const { rows } = await client.query<{ id: string; kind: Kind; request: object; decline_code: DeclineCode | null }>({
    name: "read-recorded",
    text: "select id, kind, request, decline_code from operations where id = any ($1::uuid[])",
    values: [operationIds],
  });
  return new Map(rows.map((row) => [row.id, { kind: row.kind, request: row.request, declineCode: row.decline_code }]));
}

/** Those of `operationIds` that are stored, whole. */
export async function findOperations(pool: Pool, operationIds: string[]): Promise<StoredOperation[]> {
  const { rows } = await pool.query({
    name: "find-operations",
    text: `
      select operations.id, operations.workflow_id, operations.kind, operations.request, operations.decline_code,
             operations.created_at, operations.completed_at,
             entries.available_after_minor, entries.reserved_after_minor, entries.version
      from operations
      left join entries
        on entries.operation_id = operations.id
        and entries.user_id = coalesce(operations.request ->> 'fromUserId', operations.request ->> 'userId')
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
