import { type TObject, Type } from "@sinclair/typebox";
import type { DeclineCode } from "../../ledger/operations.ts";
import { answer, problemResponses } from "../openapi/responses.ts";
import { CompletedOperation, type KindAsked, PendingOperation } from "./model.ts";
import type { OperationBody } from "./view.ts";

/**
 * Everything that a route which moves money may answer. `request` are the fields of its path and its body, `declines` the business
 * answers of its kind. The document has the schema of its kind; the compiler knows only that it is an operation.
 */
export function submissionResponses(kind: KindAsked, request: TObject, declines: readonly DeclineCode[]) {
  return {
    200: answer(Type.Unsafe<OperationBody>(CompletedOperation(kind, request))),
    202: answer(Type.Unsafe<OperationBody>(PendingOperation(kind, request))),
    ...problemResponses(
      "invalid_request",
      "idempotency_key_required",
      "idempotency_key_invalid",
      "unauthenticated",
      "insufficient_scope",
      "body_too_large",
      ...declines,
      "refused_by_ledger",
      "idempotency_payload_mismatch",
      "backpressure",
      "temporal_unavailable",
      "outcome_unknown",
    ),
  };
}
