import type { OperationOf, Origin } from "./operations.ts";
import { makeOwnOperation } from "./ownOperations.ts";
import { type Reservation, remainingMinor } from "./records.ts";

/** Whether the reservation's deadline has passed, so that it may expire. */
export function isPastDeadline({ expiresAt }: Reservation, at: Date): boolean {
  return expiresAt <= at;
}

/** Makes the expiries of the open reservations that are past their deadlines. */
export function dueExpiries(
  books: { reservations: readonly Reservation[]; clock: Date },
  origin: Origin,
): OperationOf<"expiry">[] {
  return books.reservations
    .filter((one) => remainingMinor(one) > 0n && isPastDeadline(one, books.clock))
    .map(({ reservationId }) => makeOwnOperation("expiry", reservationId, books.clock, origin));
}
