import { deriveOwnOperationId } from "./operationId.ts";
import type { OperationOf, Origin } from "./operations.ts";

/** An operator's release of all that remains of a reservation. */
export type OperatorRelease = { reservationId: string } & Partial<Origin>;

/**
 * Makes Saldo's own operation on a reservation. It has an origin in place of a caller, and one id for each kind and
 * reservation.
 */
export function makeOwnOperation<Own extends "expiry" | "release">(
  kind: Own,
  reservationId: string,
  acceptedAt: Date,
  origin: Origin,
): OperationOf<Own> {
  const operationId = deriveOwnOperationId(kind, reservationId);
  const shared = { operationId, caller: null, idempotencyKey: null, acceptedAt: acceptedAt.toISOString(), ...origin };
  return { ...shared, kind, request: { reservationId } } as OperationOf<Own>;
}
