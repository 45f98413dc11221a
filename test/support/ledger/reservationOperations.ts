import { deriveOwnOperationId } from "../../../src/ledger/operationId.ts";
import type {
  Operation,
  OperationOf,
  RecognitionRequest,
  ReleaseRequest,
  ReservationFields,
  ReservationRequest,
} from "../../../src/ledger/operations.ts";
import { operation, uniqueUserId } from "./operations.ts";

/** An order of a user, for a service that no other test uses. */
export function uniqueOrder(userId = uniqueUserId()): ReservationFields {
  return { userId, serviceId: uniqueUserId("service"), orderId: "order" };
}

export function reservation(
  order: ReservationFields,
  amount: string,
  more: Omit<ReservationRequest, keyof ReservationFields | "amount"> = {},
  key?: string,
): Operation {
  return operation({ kind: "reservation", request: { ...order, amount, ...more } }, key);
}

export function recognition(request: RecognitionRequest, key?: string): Operation {
  return operation({ kind: "recognition", request }, key);
}

export function release(request: ReleaseRequest, key?: string): Operation {
  return operation({ kind: "release", request }, key);
}

export function extension(reservationId: string, ttlSeconds: number, key?: string): Operation {
  return operation({ kind: "extension", request: { reservationId, ttlSeconds } }, key);
}

/** Refunds the rest of the recognition, or `amount` of it. */
export function refund(recognitionId: string, amount?: string, key?: string): Operation {
  return operation({ kind: "refund", request: { recognitionId, ...(amount !== undefined && { amount }) } }, key);
}

/** The operation that Saldo itself creates at a deadline. */
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
