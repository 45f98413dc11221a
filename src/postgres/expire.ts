import type { Pool, PoolClient } from "pg";
import { decide } from "../ledger/decide.ts";
import { deriveOwnOperationId } from "../ledger/operationId.ts";
import type { Operation, Outcome } from "../ledger/operations.ts";
import { type Reservation, remainingMinor } from "../ledger/records.ts";
import { lockAccounts } from "./accounts.ts";
import { commit, type PostingOptions, readBooks, readClock, withLocked } from "./post.ts";
import { readOwners } from "./recognitions.ts";
import { readReservations, type WatchedReservation } from "./reservations.ts";
import { classifyTrouble } from "./trouble.ts";

/** What has expired, now or before, and how the reservations stand after it: by `clock`, none but what was refused is past its deadline. */
export type Expiry = { outcomes: Outcome[]; reservations: WatchedReservation[]; clock: Date };

/**
 * Expires those of the reservations that are due by the database's clock, and says how all of them stand, and those that are known to be
 * settled, which nothing changes any more. What is not due leaves no trace: asking is no request. What has expired before answers with its
 * stored outcome, since whoever expired it may have died before its event was out.
 *
 * All of them expire in one transaction, unless one is refused: then the list is halved until that one stands alone. It is alerted, and stays
 * open. No decline is stored for it, as for a caller's operation: the id of an expiry is the reservation's own, so that a decline would keep
 * the money reserved for ever, also once the books are mended. Nobody waits for its outcome, and it is asked for again.
 */
export async function expire(
  pool: Pool,
  workflowId: string,
  reservationIds: string[],
  settledIds: string[],
  options: Pick<PostingOptions, "alertRefused" | "onDecided">,
): Promise<Expiry> {
  try {
    return await expireTogether(pool, workflowId, reservationIds, settledIds, options);
  } catch (error) {
    if (classifyTrouble(error) !== "refused" || reservationIds.length === 0) throw error;
    if (reservationIds.length === 1) {
      options.alertRefused(expiryOf(reservationIds[0]!, new Date()), error);
      return await expireTogether(pool, workflowId, [], [...reservationIds, ...settledIds], options);
    }
  }
  const half = Math.ceil(reservationIds.length / 2);
  const first = await expire(pool, workflowId, reservationIds.slice(0, half), settledIds, options);
  const second = await expire(pool, workflowId, reservationIds.slice(half), [], options);
  return {
    outcomes: [...first.outcomes, ...second.outcomes],
    reservations: [...first.reservations, ...second.reservations],
    // The earlier one: what came due between the two has not been asked for.
    clock: first.clock,
  };
}

/** The statements come in the order of a post, for the same reasons. */
async function expireTogether(
  pool: Pool,
  workflowId: string,
  reservationIds: string[],
  settledIds: string[],
  { onDecided }: Pick<PostingOptions, "onDecided">,
): Promise<Expiry> {
  const asked = new Set(reservationIds);
  let reservations: WatchedReservation[] = [];
  let clock = new Date(0);
  const deciding = async (client: PoolClient) => {
    const owners = await readOwners(client, reservationIds);
    const accounts = await lockAccounts(client, [...new Set(owners.values())]);
    clock = await readClock(client);
    const expiries = [...reservationIds, ...settledIds].map((reservationId) => expiryOf(reservationId, clock));
    const found = await readReservations(client, expiries);
    const operations = found
      .filter((one) => asked.has(one.reservationId) && (one.expiredMinor > 0n || isDue(one, clock)))
      .map(({ reservationId }) => expiryOf(reservationId, clock));
    const decision = decide(
      operations,
      withLocked(accounts, { ...(await readBooks(client, operations)), defaultTtlSeconds: 0 }),
    );
    const after = new Map(decision.reservations.map((one) => [one.reservationId, one]));
    reservations = found.map((one) => ({ ...one, ...after.get(one.reservationId) }));
    return decision;
  };
  const { outcomes } = await commit(pool, workflowId, deciding, onDecided);
  return { outcomes, reservations, clock };
}

function isDue(reservation: Reservation, clock: Date): boolean {
  return remainingMinor(reservation) > 0n && reservation.expiresAt <= clock;
}

function expiryOf(reservationId: string, clock: Date): Operation {
  return {
    operationId: deriveOwnOperationId("expiry", reservationId),
    caller: null,
    idempotencyKey: null,
    acceptedAt: clock.toISOString(),
    kind: "expiry",
    request: { reservationId },
  };
}
