import { deriveOwnOperationId } from "./operationId.ts";
import type { OperationOf } from "./operations.ts";
import { type Reservation, remainingMinor } from "./records.ts";

/** Whether the reservation may expire: its deadline has passed. The only place that compares it with a time. */
export function isPastDeadline({ expiresAt }: Reservation, at: Date): boolean {
  return expiresAt <= at;
}

/** Makes the expiries of the open reservations whose deadline has passed by the clock of the books. */
export function dueExpiries(books: { reservations: readonly Reservation[]; clock: Date }): OperationOf<"expiry">[] {
  return books.reservations
    .filter((one) => remainingMinor(one) > 0n && isPastDeadline(one, books.clock))
    .map(({ reservationId }) => makeExpiry(reservationId, books.clock));
}

/** The expiry of a reservation, accepted at the given time. */
export function makeExpiry(reservationId: string, acceptedAt: Date): OperationOf<"expiry"> {
  return {
    operationId: deriveOwnOperationId("expiry", reservationId),
    caller: null,
    idempotencyKey: null,
    acceptedAt: acceptedAt.toISOString(),
    kind: "expiry",
    request: { reservationId },
  };
}
