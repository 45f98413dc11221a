import { deriveOperationId } from "../../../src/ledger/operationId.ts";
import type { Operation, RequestOfKind } from "../../../src/ledger/operations.ts";

/** A user id that no other test uses. */
export function uniqueUserId(name = "user"): string {
  return `${name}-${crypto.randomUUID().slice(0, 8)}`;
}

/** An operation as the API creates it, with a unique key unless given. */
export function operation(content: RequestOfKind, idempotencyKey: string = crypto.randomUUID()): Operation {
  const caller = "test";
  return {
    operationId: deriveOperationId(caller, idempotencyKey),
    caller,
    idempotencyKey,
    acceptedAt: new Date().toISOString(),
    ...content,
  };
}

export function deposit(userId: string, amount: string, key?: string): Operation {
  return operation({ kind: "deposit", request: { userId, amount } }, key);
}

export function withdrawal(userId: string, amount: string, key?: string): Operation {
  return operation({ kind: "withdrawal", request: { userId, amount } }, key);
}

export function transfer(fromUserId: string, toUserId: string, amount: string, key?: string): Operation {
  return operation({ kind: "transfer", request: { fromUserId, toUserId, amount } }, key);
}
