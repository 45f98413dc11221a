import type { Pool, PoolClient } from "pg";
import type { Operation, ReservationFields } from "../../ledger/operations.ts";
import type { Reservation, WatchedReservation } from "../../ledger/records.ts";
import { columnsOf } from "../arrays.ts";

export type ReservationRow = {
  id: string;
  user_id: string;
  service_id: string;
  order_id: string;
  saga_workflow_id: string;
  amount_minor: bigint;
  recognized_minor: bigint;
  released_minor: bigint;
  expired_minor: bigint;
  refunded_minor: bigint;
  expires_at: Date;
  created_at: Date;
};

/** Selects reservations by id, or by user, service and order. */
export type ReservationKeys = { ids: string[]; fields: ReservationFields[] };

/** Returns the keys of the reservations that the operations reference. */
export function reservationKeysOf(operations: readonly Operation[]): ReservationKeys {
  return {
    ids: operations.flatMap(({ request }) => ("reservationId" in request ? [request.reservationId] : [])),
    fields: operations.flatMap(fieldsOf),
  };
}

/**
 * Reads reservations, and those of recognitions, under their owners' locks, the oldest first.
 * The statement begins after the locks are held, so that it sees all that was committed before. By id it uses the
 * primary key. By user, service and order it uses `reservations_by_order`, and returns every open one and the latest.
 * The latest one's state is the reason of the decline where none is open.
 */
export async function readReservations(
  client: PoolClient,
  { ids, fields }: ReservationKeys,
  recognitionIds: string[],
): Promise<WatchedReservation[]> {
  if (ids.length === 0 && fields.length === 0 && recognitionIds.length === 0) return [];
  const { rows } = await client.query<ReservationRow>({
    name: "read-reservations",
    text: `
      select * from reservations where id = any ($1::uuid[])
      union
      select found.*
      from (select distinct reservation_id from recognitions where id = any ($5::uuid[])) as refunded
      cross join lateral (select * from reservations where id = refunded.reservation_id limit 1) as found
      union
      select found.*
      from (select distinct * from unnest($2::text[], $3::text[], $4::text[]) as f (user_id, service_id, order_id)) as named
      cross join lateral (
        select * from reservations
        where (user_id, service_id, order_id) = (named.user_id, named.service_id, named.order_id) and remaining_minor > 0
        union
        (select * from reservations
         where (user_id, service_id, order_id) = (named.user_id, named.service_id, named.order_id)
         order by ordinal desc
         limit 1)
      ) as found
      order by ordinal`,
    values: [ids, ...columnsOf(fields, "userId", "serviceId", "orderId"), recognitionIds],
  });
  return rows.map(toReservation);
}

/**
 * Inserts new reservations of this carrier, and updates the amounts of existing ones.
 * An upsert by id, in the order of the list, which their ordinals follow. The owners are locked.
 */
export async function writeReservations(
  client: PoolClient,
  workflowId: string,
  reservations: Reservation[],
): Promise<void> {
  if (reservations.length === 0) return;
  await client.query({
    name: "write-reservations",
    text: `
      insert into reservations
        (id, user_id, service_id, order_id, saga_workflow_id, amount_minor, recognized_minor, released_minor,
         expired_minor, refunded_minor, expires_at, created_at)
      select id, user_id, service_id, order_id, $1, amount_minor, recognized_minor, released_minor,
             expired_minor, refunded_minor, expires_at, created_at
      from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[],
                  $9::bigint[], $10::bigint[], $11::timestamptz[], $12::timestamptz[]) with ordinality
        as written (id, user_id, service_id, order_id, amount_minor, recognized_minor, released_minor,
                    expired_minor, refunded_minor, expires_at, created_at, place)
      order by place
      on conflict (id) do update
      set recognized_minor = excluded.recognized_minor,
          released_minor = excluded.released_minor,
          expired_minor = excluded.expired_minor,
          refunded_minor = excluded.refunded_minor,
          expires_at = excluded.expires_at`,
    values: [
      workflowId,
      ...columnsOf(reservations, "reservationId", "userId", "serviceId", "orderId", "amountMinor"),
      ...columnsOf(reservations, "recognizedMinor", "releasedMinor", "expiredMinor", "refundedMinor"),
      ...columnsOf(reservations, "expiresAt", "createdAt"),
    ],
  });
}

/** Reads reservations by primary key, without locks, the oldest first. */
export async function findReservations(
  database: Pool | PoolClient,
  reservationIds: string[],
): Promise<WatchedReservation[]> {
  const { rows } = await database.query<ReservationRow>({
    name: "find-reservations",
    text: "select * from reservations where id = any ($1::uuid[]) order by created_at, id",
    values: [reservationIds],
  });
  return rows.map(toReservation);
}

function fieldsOf({ kind, request }: Operation): ReservationFields[] {
  return (kind === "recognition" || kind === "release") && "orderId" in request ? [request] : [];
}

export function toReservation(row: ReservationRow): WatchedReservation {
  return {
    reservationId: row.id,
    userId: row.user_id,
    serviceId: row.service_id,
    orderId: row.order_id,
    sagaWorkflowId: row.saga_workflow_id,
    amountMinor: row.amount_minor,
    recognizedMinor: row.recognized_minor,
    releasedMinor: row.released_minor,
    expiredMinor: row.expired_minor,
    refundedMinor: row.refunded_minor,
    expiresAt: row.expires_at,
    createdAt: row.created_at,
  };
}
