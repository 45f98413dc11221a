import { deriveOwnOperationId } from "./operationId.ts";
import type { OperationOf } from "./operations.ts";

/** Makes Saldo's own operation on a reservation. It has no caller, and one id for each kind and reservation. */
export function makeOwnOperation<Own extends "expiry" | "release">(
  kind: Own,
  reservationId: string,
  acceptedAt: Date,
): OperationOf<Own> {
  const operationId = deriveOwnOperationId(kind, reservationId);
  const shared = { operationId, caller: null, idempotencyKey: null, acceptedAt: acceptedAt.toISOString() };
  return { ...shared, kind, request: { reservationId } } as OperationOf<Own>;
}
