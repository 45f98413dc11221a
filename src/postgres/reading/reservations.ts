import type { Pool } from "pg";
import type { ReservationPage, WatchedReservation } from "../../ledger/records.ts";
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
