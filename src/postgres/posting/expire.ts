import type { Pool } from "pg";
import { decide } from "../../ledger/decide.ts";
import { dueExpiries } from "../../ledger/expiries.ts";
import type { Origin } from "../../ledger/operations.ts";
import { makeOwnOperation } from "../../ledger/ownOperations.ts";
import { joinPosted, type Posted } from "../../ledger/posted.ts";
import type { DueReservation } from "../../ledger/records.ts";
import { inOrder } from "../pool.ts";
import { lockAccounts } from "./accounts.ts";
import { bisect } from "./bisect.ts";
import { type PostingOptions, readBooks, runTransaction, withLocked } from "./transaction.ts";

/** `refusedIds` are due reservations that stay open, because the database refuses their expiry. */
export type Expired = { posted: Posted; refusedIds: string[] };

/**
 * Expires the reservations that are due by the database's clock, read under the locks.
 * Idempotent: a reservation that is settled or not yet due is skipped, and no operation is stored for it.
 *
 * All expire in one transaction, unless the database refuses one. That one is alerted and stays open. A stored decline
 * would keep its money reserved even after a repair, because the id of an expiry derives from the reservation's.
 */
export async function expire(
  pool: Pool,
  workflowId: string,
  due: readonly DueReservation[],
  origin: Origin,
  options: PostingOptions,
): Promise<Expired> {
  const refusedIds: string[] = [];
  const pieces = await bisect(
    due,
    (piece) => expireTogether(pool, workflowId, piece, origin, options),
    async ({ reservationId }, reason) => {
      options.alertRefused(makeOwnOperation("expiry", reservationId, new Date(), origin), reason);
      refusedIds.push(reservationId);
      return joinPosted([]);
    },
  );
  return { posted: joinPosted(pieces), refusedIds };
}

/**
 * Runs the statements in the order of `post`, for the same reasons. Owners never change, so the ones in `due` are
 * valid.
 */
function expireTogether(
  pool: Pool,
  workflowId: string,
  due: readonly DueReservation[],
  origin: Origin,
  options: PostingOptions,
): Promise<Posted> {
  const ids = due.map(({ reservationId }) => reservationId);
  const candidates = ids.map((reservationId) => makeOwnOperation("expiry", reservationId, new Date(), origin));
  return runTransaction(pool, workflowId, {
    async read(client) {
      const [accounts, books] = await inOrder([
        lockAccounts(client, [...new Set(due.map(({ userId }) => userId))]),
        readBooks(client, candidates, { ids, fields: [] }),
      ]);
      return withLocked(accounts, { ...books, defaultTtlSeconds: 0 });
    },
    decide: (books) => decide(dueExpiries(books, origin), books),
    options,
  });
}
