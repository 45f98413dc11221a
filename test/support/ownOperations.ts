import { deriveOwnOperationId } from "../../src/ledger/operationId.ts";
import type { OperationOf } from "../../src/ledger/operations.ts";

/** What Saldo itself asks once a deadline has passed. */
export function expiry(reservationId: string): OperationOf<"expiry"> {
  return {
    operationId: deriveOwnOperationId("expiry", reservationId),
    caller: null,
    idempotencyKey: null,
    acceptedAt: new Date().toISOString(),
    kind: "expiry",
    request: { reservationId },
  };
}
