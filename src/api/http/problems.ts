import { DECLINE_CODES, type DeclineCode } from "../../ledger/operations.ts";

/**
 * The closed list of problems: one code, one status.
 *
 * docs/reference/errors.md and the API document follow it. A decline is recorded under its key permanently; all other
 * codes record nothing.
 */
export const PROBLEMS = {
  invalid_request: { status: 400, title: "The request is not valid; nothing was recorded" },
  invalid_cursor: { status: 400, title: "The cursor does not belong to this list" },
  idempotency_key_required: { status: 400, title: "The Idempotency-Key header is missing" },
  idempotency_key_invalid: {
    status: 400,
    title: "The Idempotency-Key header is not 1 to 255 visible ASCII characters",
  },
  unauthenticated: { status: 401, title: "A valid bearer token is required" },
  insufficient_scope: { status: 403, title: "The token lacks the required scope" },
  link_invalid: { status: 403, title: "The signature of the link is not valid" },
  link_expired: { status: 403, title: "The link has expired" },
  account_unknown: { status: 404, title: "No credit has reached this user yet" },
  reservation_unknown: { status: 404, title: "There is no such reservation" },
  operation_unknown: { status: 404, title: "The operation was not found; this is no proof of failure" },
  audit_unknown: { status: 404, title: "No audit has finished yet" },
  not_found: { status: 404, title: "There is no such route" },
  method_not_allowed: { status: 405, title: "The path does not take this method" },
  body_too_large: { status: 413, title: "The body is larger than 1 MiB" },
  unsupported_media_type: { status: 415, title: "The body has another type or encoding; nothing was recorded" },
  rate_limited: { status: 429, title: "The caller exceeded its rate limit; nothing was accepted" },
  insufficient_funds: { status: 422, title: "The available balance does not cover the amount" },
  account_not_found: { status: 422, title: "The account does not exist" },
  balance_limit_exceeded: { status: 422, title: "The credit would exceed the balance limit of an account" },
  reservation_not_found: { status: 422, title: "There is no such reservation" },
  reservation_ambiguous: { status: 422, title: "Several open reservations match; name one by its id" },
  reservation_settled: { status: 422, title: "The reservation is settled already" },
  reservation_expired: { status: 422, title: "The reservation has expired" },
  amount_mismatch: { status: 422, title: "No open reservation holds exactly this amount" },
  exceeds_remaining: { status: 422, title: "The amount exceeds the remainder of the reservation" },
  recognition_not_found: { status: 422, title: "There is no such recognition" },
  exceeds_recognized: { status: 422, title: "The amount exceeds the part of the recognition that is not refunded" },
  batch_aborted: {
    status: 422,
    title: "Another operation of the atomic batch was refused, so this one was not applied",
  },
  refused_by_ledger: { status: 422, title: "The ledger refused the data of the operation" },
  idempotency_payload_mismatch: { status: 422, title: "The Idempotency-Key was used for another request" },
  internal: { status: 500, title: "An internal error occurred" },
  backpressure: { status: 503, title: "Too many operations are waiting for the ledger; nothing was accepted" },
  temporal_unavailable: { status: 503, title: "Temporal cannot be reached at the moment; nothing was accepted" },
  ledger_unavailable: { status: 503, title: "The ledger cannot be read at the moment" },
  outcome_unknown: { status: 503, title: "The operation may or may not have been accepted" },
} as const satisfies Record<string, { status: number; title: string }> & Record<DeclineCode, unknown>;

export type ProblemCode = keyof typeof PROBLEMS;

/**
 * Whether the request should be repeated with the same key.
 *
 * With 429 and 503 the condition ends by itself. After `internal` and `outcome_unknown` the operation may have been
 * accepted, and only its key shows the outcome. The other problems are the same each time.
 */
export function isRetryable(code: ProblemCode): boolean {
  const { status } = PROBLEMS[code];
  return status === 429 || status >= 500;
}

const DECLINED = "Nothing changed. The same key always gets this answer; a new attempt needs a new key.";
export const SAME_KEY = "Repeat the request with the same Idempotency-Key.";

/** The remedies that are the same in all cases of a code. Other titles are enough. */
const DETAILS: { [code in ProblemCode]?: string } = {
  ...Object.fromEntries(DECLINE_CODES.map((code) => [code, DECLINED])),
  invalid_cursor:
    "Send nextCursor unchanged, with the same user and filters, or omit the cursor to start at the first page.",
  idempotency_key_required:
    "Send an Idempotency-Key that is unique to this operation, and the same key with every retry.",
  unauthenticated: "Send Authorization: Bearer with an unexpired RS256 token of the expected issuer and audience.",
  rate_limited: "Repeat the request after Retry-After, with the same Idempotency-Key if it has one.",
  operation_unknown:
    "Neither the ledger nor a running workflow contains it. To be certain, repeat the POST with the same key.",
  backpressure: SAME_KEY,
  temporal_unavailable: SAME_KEY,
  outcome_unknown: "Repeat the request with the same Idempotency-Key only: the answer is the outcome of the operation.",
};

export type FieldError = { field: string; message: string };

export type ProblemDetails = {
  detail?: string;
  /** Members in addition to those of RFC 9457, by code. */
  extensions?: {
    errors?: FieldError[];
    operationId?: string;
    workflowId?: string;
    reservationIds?: string[];
    differingFields?: string[];
    requestId?: string;
    /** The operations of a batch. */
    operations?: object[];
    links?: { temporal: string };
  };
  /** Whether this repeats the outcome of an earlier identical request. */
  replayed?: boolean;
  /** The time until a retry, where it is known. */
  retryAfterSeconds?: number | undefined;
  headers?: Record<string, string>;
  cause?: unknown;
};

/** Thrown in any route. The server's error handler answers it as `application/problem+json`. */
export class Problem extends Error {
  override name = "Problem";
  readonly code: ProblemCode;
  readonly details: ProblemDetails;

  constructor(code: ProblemCode, details: ProblemDetails = {}) {
    super(code, { cause: details.cause });
    this.code = code;
    this.details = details;
  }
}

/** Awaits a query of the ledger. @throws Problem `ledger_unavailable` if it fails */
export async function orUnavailable<Result>(query: Promise<Result>, details?: ProblemDetails): Promise<Result> {
  try {
    return await query;
  } catch (cause) {
    throw new Problem("ledger_unavailable", { ...details, cause });
  }
}

/** Marks a response that repeats the outcome of an earlier identical request. */
export const REPLAYED = { "idempotency-replayed": "true" };

/** The `WWW-Authenticate` header of RFC 6750. The values contain no quotes. */
export function challenge(parameters: { error?: "invalid_token" | "insufficient_scope"; scope?: string } = {}) {
  const pairs = Object.entries({ realm: "saldo", ...parameters }).map(([name, value]) => `${name}="${value}"`);
  return { "www-authenticate": `Bearer ${pairs.join(", ")}` };
}

/** The `Retry-After` of a condition that is expected to end by itself. */
const RETRY_AFTER_SECONDS = 2;

/**
 * The `Retry-After` of a 503, from half to one and a half of the time.
 *
 * Callers that were refused together then return one by one.
 */
function spread(seconds: number): number {
  return Math.ceil(seconds * (0.5 + Math.random()));
}

/** Headers of a 415 response: the accepted media type and content coding. */
const ACCEPTED = { "accept-post": "application/json", "accept-encoding": "identity" };

/** The members of RFC 9457 and of the code. `instance` is the path of the request. */
export function toProblemBody({ code, details }: Problem, instance: string) {
  const { status, title } = PROBLEMS[code];
  const detail = details.detail ?? DETAILS[code] ?? `${title}.`;
  const retryable = isRetryable(code);
  return { type: `urn:saldo:problem:${code}`, title, status, detail, instance, code, retryable, ...details.extensions };
}

/** The RFC 9457 response; `instance` is the path of the request. */
export function toProblemResponse(problem: Problem, instance: string): Response {
  const { status } = PROBLEMS[problem.code];
  return new Response(JSON.stringify(toProblemBody(problem, instance)), {
    status,
    headers: {
      "content-type": "application/problem+json",
      // The end of a rate limit's window is exact.
      ...(status === 429 && { "retry-after": String(problem.details.retryAfterSeconds ?? RETRY_AFTER_SECONDS) }),
      ...(status === 503 && {
        "retry-after": String(spread(problem.details.retryAfterSeconds ?? RETRY_AFTER_SECONDS)),
      }),
      ...(status === 415 ? ACCEPTED : {}),
      ...(status === 401 && challenge()),
      ...(problem.details.replayed && REPLAYED),
      ...problem.details.headers,
    },
  });
}
