import { DECLINE_CODES } from "../../ledger/operations.ts";
import {
  type FieldError,
  PROBLEMS,
  Problem,
  type ProblemCode,
  type ProblemDetails,
  toProblemBody,
} from "../http/problems.ts";
import { EXAMPLES } from "./examples.ts";

const { operationId, workflowId } = EXAMPLES.deposit.completed;
const reservationIds = [EXAMPLES.reserve.completed.operationId, "8b1f0c52-7d3e-8a64-9c1b-5e2f7a9d4c30"];
const field = "Idempotency-Key";

/** The members of an example that depend on its case, by code. */
const CASES: { [code in ProblemCode]?: ProblemDetails } = {
  ...Object.fromEntries(DECLINE_CODES.map((code) => [code, { extensions: { operationId, workflowId } }])),
  reservation_ambiguous: { extensions: { operationId, workflowId, reservationIds } },
  amount_mismatch: { extensions: { operationId, workflowId, reservationIds } },
  idempotency_payload_mismatch: {
    detail: "The key was used for a request that differs in: amount. Use a new key for a new operation.",
    extensions: { operationId, workflowId, differingFields: ["amount"] },
  },
  idempotency_key_required: { extensions: { errors: [{ field, message: "is required" }] } },
  idempotency_key_invalid: {
    extensions: { errors: [{ field, message: "must be 1 to 255 visible ASCII characters" }] },
  },
  invalid_cursor: { extensions: { errors: [{ field: "cursor", message: "is not a cursor of this list" }] } },
  unsupported_media_type: {
    extensions: { errors: [{ field: "Content-Encoding", message: "must be identity or absent" }] },
  },
  internal: { extensions: { requestId: "5c2d9a4e-0b1f-4f7e-8a53-2f6f0f4f1d11" } },
  backpressure: { extensions: { operationId } },
  outcome_unknown: { extensions: { operationId } },
};

/** An example of each problem, by its code. `badField` is the error that `invalid_request` lists. */
export function problemExamples(codes: readonly ProblemCode[], instance: string, badField: FieldError) {
  const examples = codes.map((code) => {
    const details = code === "invalid_request" ? { extensions: { errors: [badField] } } : CASES[code];
    return [code, { summary: PROBLEMS[code].title, value: toProblemBody(new Problem(code, details), instance) }];
  });
  return Object.fromEntries(examples);
}
