import { t } from "elysia";
import type { RequestOfKind } from "../../ledger/operations.ts";
import { IDEMPOTENCY_KEY_PATTERN } from "../fields.ts";
import { assertConnected } from "../http/connection.ts";
import { ASK_AGAIN, parsePrefer, preferenceApplied } from "../http/preferences.ts";
import { Problem, type ProblemCode, REPLAYED } from "../http/problems.ts";
import type { Operations } from "./service.ts";

/** Not in the schema: a missing and an invalid key have their own error codes. */
const KEY_PATTERN = new RegExp(IDEMPOTENCY_KEY_PATTERN);

/** A string of RFC 8941, the form of the IETF draft. Inside it, only quotes and backslashes are escaped. */
const QUOTED_KEY = /^"((?:[^"\\]|\\["\\])*)"$/;

export const SubmissionHeaders = t.Object({
  "idempotency-key": t.Optional(
    t.String({
      title: "IdempotencyKey",
      description:
        "Identifies the operation: 1 to 255 visible ASCII characters. The same key from the same caller is the same operation, and its outcome never changes. A value in double quotes is the key inside them.",
      documented: { type: "string", pattern: "^[!-~]+$", minLength: 1, maxLength: 255 },
    }),
  ),
  prefer: t.Optional(
    t.String({
      description:
        "`wait=N`: wait N seconds for the outcome, at most 30, before a 202. `respond-async`: 202 at once. Without either the answer waits for the service's default, 5 seconds unless configured.",
      examples: ["wait=5"],
    }),
  ),
});

type Context = {
  caller: string;
  request: Request;
  headers: Record<string, string | undefined>;
  requestId: string;
  defaultWaitSeconds: number;
};

/** Submits an operation, and converts its outcome to status, headers and body. */
export async function answerSubmission(
  operations: Operations,
  operationRequest: RequestOfKind,
  { caller, request, headers, requestId, defaultWaitSeconds }: Context,
) {
  const preferences = parsePrefer(headers.prefer, defaultWaitSeconds);
  const { operation, replayed } = await operations.submit({
    operationRequest,
    caller,
    idempotencyKey: parseKey(headers["idempotency-key"]),
    requestId,
    waitSeconds: preferences.waitSeconds,
    assertConnected: () => assertConnected(request),
  });
  const isPending = operation.status === "pending";
  return {
    status: isPending ? 202 : 200,
    headers: {
      ...(replayed && REPLAYED),
      ...(isPending && { location: operation.links.operation, ...ASK_AGAIN }),
      ...preferenceApplied(preferences, isPending),
    },
    body: operation,
  };
}

/** The key of an `Idempotency-Key` header. @throws Problem `idempotency_key_required`, `idempotency_key_invalid` */
export function parseKey(header: string | undefined): string {
  const refuse = (code: ProblemCode, message: string) =>
    new Problem(code, { extensions: { errors: [{ field: "Idempotency-Key", message }] } });
  if (header === undefined || header === "") throw refuse("idempotency_key_required", "is required");
  const key = QUOTED_KEY.exec(header)?.[1]?.replace(/\\(.)/g, "$1") ?? header;
  if (KEY_PATTERN.test(key)) return key;
  throw refuse("idempotency_key_invalid", "must be 1 to 255 visible ASCII characters");
}
