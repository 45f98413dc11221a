import { type Static, Type } from "@sinclair/typebox";
import { type TSchema, t } from "elysia";
import { OperationId, RESERVATION_IDS_DESCRIPTION, ReservationId } from "../fields.ts";
import { PROBLEMS, type ProblemCode } from "../http/problems.ts";
import { named } from "./components.ts";

/**
 * The schema of a successful response, for the API document and the compiler.
 *
 * Responses are not validated when they are sent: an operation that is committed must not be answered 500. Tests
 * validate each response against the document.
 */
export function answer<Schema extends TSchema>(schema: Schema) {
  return Type.Unsafe<Static<Schema>>(Type.Any(schema));
}

/** The problems of every route that requires a scope. */
export const REFUSALS = ["invalid_request", "unauthenticated", "insufficient_scope"] as const satisfies ProblemCode[];

/** The one schema of all problems. Its codes are closed; a response has some of them. */
const ProblemBody = t.Object(
  {
    type: t.String({
      description: "A URN that contains the code.",
      examples: ["urn:saldo:problem:insufficient_funds"],
    }),
    title: t.String({ examples: [PROBLEMS.insufficient_funds.title] }),
    status: t.Integer({ minimum: 400, maximum: 599, examples: [PROBLEMS.insufficient_funds.status] }),
    detail: t.String({
      description: "The remedy, or the exact error.",
      examples: ["Nothing changed. The same key always gets this answer; a new attempt needs a new key."],
    }),
    instance: t.String({ description: "The path of the request.", examples: ["/v1/deposits"] }),
    code: t.Union(
      Object.keys(PROBLEMS).map((code) => t.Literal(code)),
      { title: "ProblemCode", description: "Stable: decide on this value.", examples: ["insufficient_funds"] },
    ),
    retryable: t.Boolean({ description: "Whether to repeat the request with the same key.", examples: [false] }),
    errors: t.Optional(
      t.Array(
        t.Object(
          { field: t.String({ examples: ["amount"] }), message: t.String({ examples: ["is required"] }) },
          { title: "FieldError" },
        ),
        { description: "Of 400 and 415: the wrong fields, parameters or headers." },
      ),
    ),
    operationId: t.Optional(OperationId),
    workflowId: t.Optional(t.String({ description: "Of a decline: the workflow that carried the operation." })),
    reservationIds: t.Optional(t.Array(ReservationId, { description: RESERVATION_IDS_DESCRIPTION })),
    differingFields: t.Optional(
      t.Array(t.String(), { description: "Of `idempotency_payload_mismatch`: the fields that differ." }),
    ),
    links: t.Optional(named("BatchLinks")),
    operations: t.Optional(
      t.Array(named("BatchedOperation"), { description: "Of `batch_aborted`: the operations of the batch." }),
    ),
    requestId: t.Optional(t.String({ description: "Of `internal`: the id of the request in the log." })),
  },
  { title: "Problem", description: "RFC 9457. `x-codes` of a response lists the codes of its route." },
);

/** The response schemas of a route's problems, by status, each with its codes. */
export function problemResponses(...codes: ProblemCode[]): Record<never, TSchema> {
  // Every route that requires a token is rate limited.
  const limited = codes.includes("unauthenticated") ? (["rate_limited"] as const) : [];
  const codesByStatus = Map.groupBy([...codes, ...limited, "internal" as const], (code) => PROBLEMS[code].status);
  return Object.fromEntries(
    [...codesByStatus].map(([status, ofStatus]) => [status, answer({ ...ProblemBody, codes: ofStatus })]),
  );
}
