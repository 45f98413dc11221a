import type { Pool } from "pg";
import type { ListedReservation, ReservationPage, ReservationsOfAllPage } from "../../ledger/records.ts";
import { inTransaction } from "../pool.ts";
import { findOperationsOn } from "../posting/operations.ts";
import { findReservations, type ReservationRow, toReservation } from "../posting/reservations.ts";

/** Reads a reservation and its operations from one snapshot, so that they add up. Undefined where it does not exist. */
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

/** A user's reservations, the newest first, at most `limit` of those behind `after`. */
export async function listReservations(
  pool: Pool,
  userId: string,
  { state, after, limit }: ReservationPage,
): Promise<ListedReservation[]> {
  const { rows } = await pool.query<ListedRow>({
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
  return rows.map(toListed);
}

const CONDITIONS = {
  open: "remaining_minor > 0",
  settled: "remaining_minor = 0",
  expired: "expired_minor > 0",
  // `now()` is stable within a statement, so it bounds the scan of the index.
  overdue: "remaining_minor > 0 and expires_at <= now()",
};

/**
 * Reservations of all users, at most `limit` of those behind `after`.
 * Those of an order come by user, service and age, from `reservations_by_order`, which leaves the state to be checked.
 * Expired ones come by deadline, the latest first, and all others the earliest first. Both have an index by deadline.
 */
export async function findReservationsOfAll(
  pool: Pool,
  { state, orderId, after, limit }: ReservationsOfAllPage,
): Promise<ListedReservation[]> {
  const condition = state ? CONDITIONS[state] : "true";
  const byDeadline = state === "expired" ? LATEST_FIRST : EARLIEST_FIRST;
  const { rows } = await pool.query<ListedRow>(
    orderId === undefined
      ? {
          name: `reservations-by-deadline-${state}`,
          text: `
            select * from reservations
            where ${condition} and (expires_at, id) ${byDeadline.beyond} ($1::timestamptz, $2::uuid)
            order by expires_at ${byDeadline.order}, id ${byDeadline.order}
            limit $3`,
          values: [after?.expiresAt ?? byDeadline.start, after?.reservationId ?? byDeadline.startId, limit],
        }
      : {
          name: `reservations-of-order-${state}`,
          text: `
            select * from reservations
            where order_id = $1 and ${condition} and (user_id, service_id, ordinal) > ($2, $3, $4::bigint)
            order by user_id, service_id, ordinal
            limit $5`,
          values: [orderId, after?.userId ?? "", after?.serviceId ?? "", after?.ordinal ?? 0n, limit],
        },
  );
  return rows.map(toListed);
}

const EARLIEST_FIRST = {
  order: "asc",
  beyond: ">",
  start: "-infinity",
  startId: "00000000-0000-0000-0000-000000000000",
};
const LATEST_FIRST = { order: "desc", beyond: "<", start: "infinity", startId: "ffffffff-ffff-ffff-ffff-ffffffffffff" };

type ListedRow = ReservationRow & { ordinal: bigint };

function toListed(row: ListedRow): ListedReservation {
  return { ...toReservation(row), ordinal: row.ordinal };
}
