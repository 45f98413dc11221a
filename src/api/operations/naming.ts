import { formatAmount, parseAmount } from "../../ledger/money.ts";
import { deriveOperationId } from "../../ledger/operationId.ts";
import type { Operation, RequestOfKind } from "../../ledger/operations.ts";

/** The operation that the caller means by the key, accepted now. */
export function nameOperation(asked: RequestOfKind, caller: string, idempotencyKey: string): Operation {
  return {
    operationId: deriveOperationId(caller, idempotencyKey),
    caller,
    idempotencyKey,
    acceptedAt: new Date().toISOString(),
    ...normalize(asked),
  };
}

/** Requests are compared by value, so an amount is written in one way only. */
function normalize<Asked extends RequestOfKind>(asked: Asked): Asked {
  const { request } = asked;
  if (!("amount" in request) || request.amount === undefined) return asked;
  return { ...asked, request: { ...request, amount: formatAmount(parseAmount(request.amount)) } };
}
