import type { PoolClient } from "pg";
import type { Owners } from "../../ledger/accountsTouched.ts";
import type { Operation } from "../../ledger/operations.ts";
import type { Recognition } from "../../ledger/records.ts";
import { columnsOf } from "../arrays.ts";

/**
 * Reads the owners of reservations and recognitions by id, without locks.
 * An owner never changes. Runs before the locks, because the owners determine which accounts to lock.
 */
export async function readOwners(client: PoolClient, ids: string[]): Promise<Owners> {
  if (ids.length === 0) return new Map();
  const { rows } = await client.query<{ id: string; user_id: string }>({
    name: "read-owners",
    text: `
      select id, user_id from reservations where id = any ($1::uuid[])
      union all
      select id, user_id from recognitions where id = any ($1::uuid[])`,
    values: [ids],
  });
  return new Map(rows.map((row) => [row.id, row.user_id]));
}

/** Returns the ids of the recognitions that refunds name. */
export function recognitionIdsOf(operations: readonly Operation[]): string[] {
  return operations.flatMap(({ request }) => ("recognitionId" in request ? [request.recognitionId] : []));
}

/** Reads recognitions by primary key, under their owners' locks. */
export async function readRecognitions(client: PoolClient, ids: string[]): Promise<Recognition[]> {
  if (ids.length === 0) return [];
  const { rows } = await client.query({
    name: "read-recognitions",
    text: "select * from recognitions where id = any ($1::uuid[])",
    values: [ids],
  });
  return rows.map((row) => ({
    recognitionId: row.id,
    reservationId: row.reservation_id,
    userId: row.user_id,
    serviceId: row.service_id,
    orderId: row.order_id,
    amountMinor: row.amount_minor,
    refundedMinor: row.refunded_minor,
  }));
}

/**
 * Inserts new recognitions, and updates `refunded_minor` of existing ones: an upsert by id. Their owners are locked.
 */
export async function writeRecognitions(client: PoolClient, recognitions: Recognition[]): Promise<void> {
  if (recognitions.length === 0) return;
  await client.query({
    name: "write-recognitions",
    text: `
      insert into recognitions (id, reservation_id, user_id, service_id, order_id, amount_minor, refunded_minor)
      select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[])
      on conflict (id) do update set refunded_minor = excluded.refunded_minor`,
    values: [
      ...columnsOf(recognitions, "recognitionId", "reservationId", "userId", "serviceId", "orderId"),
      ...columnsOf(recognitions, "amountMinor", "refundedMinor"),
    ],
  });
}
