import type { Pool, PoolClient } from "pg";
import type { Operation, ReservationFields } from "../ledger/operations.ts";
import type { Reservation, SagaConcerned } from "../ledger/records.ts";
import { findOperationsOn } from "./operations.ts";
import { inTransaction } from "./pool.ts";

/** A reservation and the saga that watches over it. */
export type WatchedReservation = Reservation & { sagaWorkflowId: string };

type ReservationRow = {
  id: string;
  user_id: string;
  service_id: string;
  order_id: string;
  saga_workflow_id: string;
  amount_minor: bigint;
  recognized_minor: bigint;
  released_minor: bigint;
  expired_minor: bigint;
  expires_at: Date;
  created_at: Date;
};

/**
 * The reservations that the operations may be about: those named by id, and of those named by fields every open one, and the latest, which
 * says why none is open. Read under the owners' locks, in a statement that begins after they are held. Oldest first.
 */
export async function readReservations(
  client: PoolClient,
  operations: readonly Operation[],
): Promise<WatchedReservation[]> {
  const ids = operations.flatMap(({ request }) => ("reservationId" in request ? [request.reservationId] : []));
  const fields = operations.flatMap(fieldsNamed);
  if (ids.length === 0 && fields.length === 0) return [];
  const { rows } = await client.query<ReservationRow>({
    name: "read-reservations",
    text: `
      select * from reservations where id = any ($1::uuid[])
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
    values: [
      ids,
      fields.map(({ userId }) => userId),
      fields.map(({ serviceId }) => serviceId),
      fields.map(({ orderId }) => orderId),
    ],
  });
  return rows.map(toReservation);
}

/** Inserts reservations that this carrier opened, and writes what became of those that were there. Their owners are locked. */
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
         expired_minor, expires_at, created_at)
      select id, user_id, service_id, order_id, $1, amount_minor, recognized_minor, released_minor,
             expired_minor, expires_at, created_at
      from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[],
                  $9::bigint[], $10::timestamptz[], $11::timestamptz[]) with ordinality
        as written (id, user_id, service_id, order_id, amount_minor, recognized_minor, released_minor,
                    expired_minor, expires_at, created_at, place)
      order by place
      on conflict (id) do update
      set recognized_minor = excluded.recognized_minor,
          released_minor = excluded.released_minor,
          expired_minor = excluded.expired_minor,
          expires_at = excluded.expires_at`,
    values: [
      workflowId,
      reservations.map((one) => one.reservationId),
      reservations.map((one) => one.userId),
      reservations.map((one) => one.serviceId),
      reservations.map((one) => one.orderId),
      reservations.map((one) => one.amountMinor),
      reservations.map((one) => one.recognizedMinor),
      reservations.map((one) => one.releasedMinor),
      reservations.map((one) => one.expiredMinor),
      reservations.map((one) => one.expiresAt),
      reservations.map((one) => one.createdAt),
    ],
  });
}

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

/** A reservation and all operations on it, as of one moment, so that they add up. Undefined where there is none. */
export function readReservation(pool: Pool, reservationId: string) {
  return inTransaction(
    pool,
    async (client) => {
      const [reservation] = await findReservations(client, [reservationId]);
      return reservation && { reservation, operations: await findOperationsOn(client, reservationId) };
    },
    "repeatable read",
  );
}

/** Where a page of a user's reservations ends: the next one begins behind it. */
export type ReservationPosition = { createdAt: Date; reservationId: string };

export type ReservationPage = {
  /** Both where undefined. */
  state: "open" | "settled" | undefined;
  after: ReservationPosition | undefined;
  limit: number;
};

/** A user's reservations, the newest first, at most `limit` of those behind `after`. */
export async function listReservations(
  pool: Pool,
  userId: string,
  { state, after, limit }: ReservationPage,
): Promise<WatchedReservation[]> {
  const { rows } = await pool.query<ReservationRow>({
    name: "list-reservations",
    text: `
      select * from reservations
      where user_id = $1
        and ($2::boolean is null or (remaining_minor > 0) = $2)
        and ($3::timestamptz is null or (created_at, id) < ($3, $4::uuid))
      order by created_at desc, id desc
      limit $5`,
    values: [
      userId,
      state === undefined ? null : state === "open",
      after?.createdAt ?? null,
      after?.reservationId ?? null,
      limit,
    ],
  });
  return rows.map(toReservation);
}

/** Reservations that are open some time past their deadline, by the database's clock: no saga expires them. The earliest due first. */
export async function findOverdue(pool: Pool, graceSeconds: number, limit: number): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>({
    name: "find-overdue",
    text: `
      select id from reservations
      where remaining_minor > 0 and expires_at <= clock_timestamp() - make_interval(secs => $1)
      order by expires_at
      limit $2`,
    values: [graceSeconds, limit],
  });
  return rows.map(({ id }) => id);
}

/**
 * The sagas that should hear of these operations: those that have nothing open left, and those of a single reservation, whose story is
 * shown as it goes. Never `workflowId` itself.
 */
export async function findSagasConcerned(
  pool: Pool,
  workflowId: string,
  operationIds: string[],
): Promise<SagaConcerned[]> {
  const { rows } = await pool.query<{ saga_workflow_id: string; operation_ids: string[] }>({
    name: "find-sagas-concerned",
    text: `
      select changed.saga_workflow_id, array_agg(operations.id) as operation_ids
      from operations
      join reservations as changed on changed.id = operations.reservation_id
      where operations.id = any ($1::uuid[]) and changed.saga_workflow_id <> $2
      group by changed.saga_workflow_id
      having not exists (
          select from reservations as open
          where open.saga_workflow_id = changed.saga_workflow_id and open.remaining_minor > 0
        )
        or (select count(*) from reservations as all_of_it where all_of_it.saga_workflow_id = changed.saga_workflow_id) = 1`,
    values: [operationIds, workflowId],
  });
  return rows.map((row) => ({ sagaWorkflowId: row.saga_workflow_id, operationIds: row.operation_ids }));
}

function fieldsNamed({ kind, request }: Operation): ReservationFields[] {
  return (kind === "recognition" || kind === "release") && "orderId" in request ? [request] : [];
}

function toReservation(row: ReservationRow): WatchedReservation {
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
    expiresAt: row.expires_at,
    createdAt: row.created_at,
  };
}
