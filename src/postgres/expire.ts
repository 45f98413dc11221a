import type { Pool, PoolClient } from "pg";
import { decide } from "../ledger/decide.ts";
import { deriveOwnOperationId } from "../ledger/operationId.ts";
import type { Operation, Outcome } from "../ledger/operations.ts";
import { type Reservation, remainingMinor } from "../ledger/records.ts";
import { lockAccounts } from "./accounts.ts";
import { commit, readBooks, readClock } from "./post.ts";
import { readOwners } from "./recognitions.ts";
import { readReservations } from "./reservations.ts";

/** What has expired now, and how the reservations stand after it. */
export type Expiry = { outcomes: Outcome[]; reservations: Reservation[]; clock: Date };

/**
 * Expires those of the reservations that are due by the database's clock, and says how all of them stand. What is not due leaves no trace:
 * asking is no request. The statements come in the order of a post, for the same reasons.
 */
export async function expire(pool: Pool, workflowId: string, reservationIds: string[]): Promise<Expiry> {
  let reservations: Reservation[] = [];
  let clock = new Date(0);
  const outcomes = await commit(pool, workflowId, async (client: PoolClient) => {
    const owners = await readOwners(client, reservationIds);
    const accounts = await lockAccounts(client, [...new Set(owners.values())]);
    clock = await readClock(client);
    const asked = reservationIds.map((reservationId) => expiryOf(reservationId, clock));
    const found = await readReservations(client, asked);
    const operations = found
      .filter((one) => remainingMinor(one) > 0n && one.expiresAt <= clock)
      .map(({ reservationId }) => expiryOf(reservationId, clock));
    const decision = decide(operations, await readBooks(client, operations, accounts, 0));
    const after = new Map(decision.reservations.map((one) => [one.reservationId, one]));
    reservations = found.map((one) => after.get(one.reservationId) ?? one);
    return decision;
  });
  return { outcomes, reservations, clock };
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
