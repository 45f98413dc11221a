import { Type } from "@sinclair/typebox";
import { t } from "elysia";
import { AMOUNT_PATTERN } from "../ledger/money.ts";
import { ID_PATTERN, UUID_PATTERN, UUID_PATTERN_ANY_CASE } from "../ledger/operationId.ts";
import { DECLINE_RESERVATIONS_MAX } from "../ledger/operations.ts";

/**
 * Schemas of the values in requests and responses.
 *
 * `error` is the message for an invalid value, `examples` the example of the API document. `title` is the schema's name
 * there, under which routes refer to it. `documented` replaces the pattern in the document where it is hard to read, or
 * where regular expressions of other languages do not support it.
 */

const TEXT_MESSAGE = "must have no control characters and no unpaired surrogates, and be at most 255 characters long";

export const UserId = id("UserId", "The id of a user, assigned by another service; compared byte for byte.", "anna");
export const ServiceId = id("ServiceId", "The id of the service that the user pays for.", "promotion");
export const OrderId = id("OrderId", "The id of the order, which may contain the same service twice.", "order-1001");

function id(title: string, description: string, example: string) {
  return t.String({
    title,
    pattern: ID_PATTERN,
    description,
    examples: [example],
    error: "must be 1 to 64 characters of A–Z a–z 0–9 . _ : -, the first a letter or digit",
  });
}

export const Amount = t.String({
  title: "Amount",
  pattern: AMOUNT_PATTERN,
  description: "A decimal string greater than zero, with at most two decimals.",
  examples: ["150.00"],
  error:
    'must be a decimal string greater than zero, with at most 13 digits before the point and two after, like "150.00"',
});

export const Comment = text("Comment", "The reason of the operation, shown to the user.", "Top-up by card");
export const Source = text("Source", "The origin of the money.", "visa");
export const Destination = text("Destination", "The destination of the money.", "mastercard");

export const Reference = t.String({
  title: "Reference",
  ...textOf(1, 255),
  description: "An id of the caller's world, such as a payment provider's. Not unique; operations are found by it.",
  examples: ["visa-7f3a-2026-11-23"],
  error: "must have no control characters and no unpaired surrogates, and be 1 to 255 characters long",
});

const METADATA_PAIRS_MAX = 20;

export const Metadata = t.Record(
  t.String({ pattern: "^[A-Za-z0-9._-]{1,40}$" }),
  t.String({
    ...textOf(0, 500),
    examples: ["spring"],
    error: "must have no control characters and no unpaired surrogates, and be at most 500 characters long",
  }),
  {
    title: "Metadata",
    additionalProperties: false,
    maxProperties: METADATA_PAIRS_MAX,
    description: `Names and values of the caller, at most ${METADATA_PAIRS_MAX} pairs.`,
    examples: [{ campaign: "spring" }],
    error: `must be an object of at most ${METADATA_PAIRS_MAX} strings`,
    nameError: "is not a name of 1 to 40 characters of A–Z a–z 0–9 . _ -",
  },
);

/** That of a request is compared with the configured currency. */
export const Currency = t.String({
  title: "Currency",
  description: "The currency of all amounts. A request in another one is refused.",
  examples: ["RUB"],
});

/** The fields of every request that moves money, without effect on it. */
export const COMMON_FIELDS = {
  reference: t.Optional(Reference),
  metadata: t.Optional(Metadata),
  currency: t.Optional(Currency),
};

const nameTexts = {
  description: "The name of the service, shown to users and in revenue reports.",
  examples: ["Ad promotion"],
};
/** In responses. */
export const ServiceName = t.String({ title: "ServiceName", ...textOf(1, 200), ...nameTexts });
/** In requests. A byte order mark is refused: a report that begins with the name would hide it from readers. */
export const NewServiceName = t.String({
  title: "NewServiceName",
  ...textOf(1, 200, "\\ufeff"),
  ...nameTexts,
  error:
    "must have no control characters, no byte order mark and no unpaired surrogates, and be 1 to 200 characters long",
});

/**
 * TypeBox's own integer type, not the framework's.
 *
 * The framework's converts "60" to 60, and rebuilds the body without the unknown fields, which must be refused.
 */
export const TtlSeconds = Type.Integer({
  title: "TtlSeconds",
  minimum: 1,
  maximum: 2_592_000,
  description: "The time until the reservation expires, in seconds; at most 30 days.",
  examples: [86_400],
  error: "must be a whole number from 1 to 2592000",
});

function text(title: string, description: string, example: string) {
  return t.String({ title, ...textOf(0, 255), description, examples: [example], error: TEXT_MESSAGE });
}

/**
 * Text without control characters, unpaired surrogates and the `excluded` characters.
 *
 * A pair of surrogates counts as one character, as in JSON Schema.
 */
function textOf(lengthMin: number, lengthMax: number, excluded = "") {
  return {
    pattern: `^(?:[^\\u0000-\\u001f\\u007f-\\u009f${excluded}\\ud800-\\udfff]|[\\ud800-\\udbff][\\udc00-\\udfff]){${lengthMin},${lengthMax}}$`,
    documented: {
      type: "string",
      pattern: `^[^\\u0000-\\u001f\\u007f-\\u009f${excluded}]*$`,
      ...(lengthMin > 0 && { minLength: lengthMin }),
      maxLength: lengthMax,
    },
  };
}

const UUID_DESCRIPTIONS = {
  OperationId: "The operation's id.",
  ReservationId: "The reservation's id: the id of the operation that created it.",
  RecognitionId: "The recognition's id: its operation id.",
};
/** In responses, in lower case. */
export const OperationId = uuid("OperationId", UUID_PATTERN);
export const ReservationId = uuid("ReservationId", UUID_PATTERN);
export const RecognitionId = uuid("RecognitionId", UUID_PATTERN);
/** In requests, in either case (RFC 9562, §4). Services convert them to lower case before any other use. */
export const GivenOperationId = uuid("OperationId", UUID_PATTERN_ANY_CASE);
export const GivenReservationId = uuid("ReservationId", UUID_PATTERN_ANY_CASE);
export const GivenRecognitionId = uuid("RecognitionId", UUID_PATTERN_ANY_CASE);

/** Describes `reservationIds` of a decline for which no reservation could be chosen. */
export const RESERVATION_IDS_DESCRIPTION = `The candidates: open reservations of this user, service and order. Of more than ${DECLINE_RESERVATIONS_MAX}, those with the earliest deadlines.`;

/** The document has the format alone. Generated clients have a type for it, and readers of ids need no pattern. */
function uuid(title: keyof typeof UUID_DESCRIPTIONS, pattern: string) {
  return t.String({
    title,
    pattern,
    documented: { type: "string", format: "uuid" },
    description: UUID_DESCRIPTIONS[title],
    examples: ["6f7f5a3c-1f1b-8f0e-9d58-0f4b8f5f6c11"],
    error: "must be a UUID",
  });
}

/** The query of a route without parameters. A parameter is refused like an unknown field. */
export const NoQuery = t.Object({}, { additionalProperties: false });

export const IDEMPOTENCY_KEY_PATTERN = "^[\\x21-\\x7e]{1,255}$";
export const VISIBLE_ASCII = {
  pattern: IDEMPOTENCY_KEY_PATTERN,
  error: "must be 1 to 255 visible ASCII characters",
};

export const BatchedKey = t.String({
  title: "BatchedKey",
  ...VISIBLE_ASCII,
  description: "The operation's own Idempotency-Key.",
  examples: ["payout-2026-11-23-0001"],
});

/** A query parameter of one or several kinds, with commas. The document has an array. */
export function kindsParameter(kinds: readonly string[], description: string) {
  const oneKind = `(?:${kinds.join("|")})`;
  return t.String({
    pattern: `^${oneKind}(?:,${oneKind})*$`,
    documented: { type: "array", items: { type: "string", enum: kinds }, minItems: 1 },
    description,
    error: `must be one of ${kinds.join(", ")}, or several of them with commas`,
  });
}

export const Money = t.String({ title: "Money", ...moneyOf("A decimal string with two decimals.") });

/** An amount with a description of its own, which has no name in the document. */
export function moneyOf(description: string) {
  return { pattern: "^[0-9]{1,17}\\.[0-9]{2}$", description, examples: ["1150.00"] };
}

export const Time = t.String({
  title: "Time",
  format: "date-time",
  description: "RFC 3339, in UTC.",
  examples: ["2026-11-23T12:00:00.000Z"],
});

/** A user's balance after an operation. */
export const BalanceAfter = t.Object(
  {
    available: Money,
    reserved: Money,
    version: t.Integer({
      description: "The account's version: the number of its entries up to this balance.",
      examples: [7],
    }),
  },
  { title: "BalanceAfter", description: "The balance after the operation; after a transfer, the sender's." },
);
