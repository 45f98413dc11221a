import { type Static, Type } from "@sinclair/typebox";
import { type TSchema, t } from "elysia";
import { BatchAnswer } from "../batches/answer.ts";
import { RESERVATION_IDS_DESCRIPTION } from "../fields.ts";
import { isRetryable, PROBLEMS, type ProblemCode } from "../http/problems.ts";

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

/** The response schemas of a route's problems, by status. */
export function problemResponses(...codes: ProblemCode[]): Record<never, TSchema> {
  // Every route that requires a token is rate limited.
  const limited = codes.includes("unauthenticated") ? (["rate_limited"] as const) : [];
  const codesByStatus = Map.groupBy([...codes, ...limited, "internal" as const], (code) => PROBLEMS[code].status);
  return Object.fromEntries([...codesByStatus].map(([status, ofStatus]) => [status, problemSchema(status, ofStatus)]));
}

function problemSchema(status: number, codes: ProblemCode[]): TSchema {
  const [first] = codes as [ProblemCode];
  const schema = t.Object(
    {
      type: t.String({ description: "A URN that contains the code.", examples: [`urn:saldo:problem:${first}`] }),
      title: t.String({ examples: [PROBLEMS[first].title] }),
      status: t.Literal(status),
      detail: t.String({ description: "The remedy, or the exact error." }),
      instance: t.String({ description: "The path of the request.", examples: ["/v1/deposits"] }),
      code: t.Union(
        codes.map((code) => t.Literal(code)),
        { description: "Stable: decide on this value." },
      ),
      retryable: t.Boolean({
        enum: [isRetryable(first)],
        description: "Whether to repeat the request with the same key.",
      }),
      ...((status === 400 || status === 415) && {
        errors: t.Optional(
          t.Array(
            t.Object({ field: t.String({ examples: ["amount"] }), message: t.String({ examples: ["is required"] }) }),
            { description: "The wrong fields, parameters or headers." },
          ),
        ),
      }),
      ...((status === 422 || status === 503) && {
        operationId: t.Optional(t.String()),
        workflowId: t.Optional(t.String()),
      }),
      ...(codes.some((code) => code === "reservation_ambiguous" || code === "amount_mismatch") && {
        reservationIds: t.Optional(t.Array(t.String(), { description: RESERVATION_IDS_DESCRIPTION })),
      }),
      ...(codes.includes("idempotency_payload_mismatch") && { differingFields: t.Optional(t.Array(t.String())) }),
      ...(codes.includes("batch_aborted") && {
        links: t.Optional(BatchAnswer.properties.links),
        operations: t.Optional(BatchAnswer.properties.operations),
      }),
      ...(status === 500 && { requestId: t.Optional(t.String({ description: "The id of the request in the log." })) }),
    },
    { description: codes.map((code) => `\`${code}\`: ${PROBLEMS[code].title}.`).join("\n\n") },
  );
  return answer(schema);
}
