import { Type } from "@sinclair/typebox";
import { t } from "elysia";
import { AMOUNT_PATTERN } from "../ledger/money.ts";
import { ID_PATTERN, UUID_PATTERN } from "../ledger/operationId.ts";
import { DECLINE_RESERVATIONS_MAX } from "../ledger/operations.ts";

/**
 * The values of spec.md §1, each with the sentence that a caller reads who got it wrong, and an example for the API document. `documented`
 * is how the document says what the pattern says, where the pattern is nothing for readers or for other languages' engines.
 */

const TEXT_MESSAGE = "must have no control characters and no unpaired surrogates, and be at most 255 characters long";

export const UserId = id("A user's id, owned by other services; compared byte for byte.", "anna");
export const ServiceId = id("The id of the service that is paid for.", "promotion");
export const OrderId = id("The id of the order; it may hold the same service twice.", "order-1001");

function id(description: string, example: string) {
  return t.String({
    pattern: ID_PATTERN,
    description,
    examples: [example],
    error: "must be 1 to 64 characters of A–Z a–z 0–9 . _ : - that begin with a letter or digit",
  });
}

export const Amount = t.String({
  pattern: AMOUNT_PATTERN,
  description: "A decimal string of more than zero, with at most two decimals.",
  examples: ["150.00"],
  error: 'must be a decimal string of more than zero with at most 13 digits and two decimals, like "150.00"',
});

export const Comment = text("Why the money moves; users see it.", "Top-up by card");
export const Source = text("Where the money came from.", "visa");
export const Destination = text("Where the money goes.", "mastercard");
const named = { description: "What users and accounting call the service.", examples: ["Ad promotion"] };
/** As it is told. */
export const ServiceName = t.String({ ...textOf(1, 200), ...named });
/** As it is given: a report that begins with it must not begin with a byte order mark, which hides from a reader what is behind it. */
export const GivenServiceName = t.String({
  ...textOf(1, 200, "\\ufeff"),
  ...named,
  error:
    "must have no control characters, no byte order mark and no unpaired surrogates, and be 1 to 200 characters long",
});

/** TypeBox's own: the framework's takes "60" for 60, and rebuilds the whole body, without what it must refuse in it. */
export const TtlSeconds = Type.Integer({
  minimum: 1,
  maximum: 2_592_000,
  description: "How long the reservation holds, in seconds: at most 30 days.",
  examples: [86_400],
  error: "must be a whole number from 1 to 2592000",
});

function text(description: string, example: string) {
  return t.String({ ...textOf(0, 255), description, examples: [example], error: TEXT_MESSAGE });
}

/** No control characters, none of `nor`, and surrogates in pairs only; a pair is one character, as JSON Schema counts them. */
function textOf(lengthMin: number, lengthMax: number, nor = "") {
  return {
    pattern: `^(?:[^\\u0000-\\u001f\\u007f-\\u009f${nor}\\ud800-\\udfff]|[\\ud800-\\udbff][\\udc00-\\udfff]){${lengthMin},${lengthMax}}$`,
    documented: {
      type: "string",
      pattern: `^[^\\u0000-\\u001f\\u007f-\\u009f${nor}]*$`,
      ...(lengthMin > 0 && { minLength: lengthMin }),
      maxLength: lengthMax,
    },
  };
}

export const OperationId = uuid("The operation's id.");
export const ReservationId = uuid("The reservation's id, which is the id of the operation that reserved.");
export const RecognitionId = uuid("The recognition's id, which is the id of the operation that recognized.");

/** What a decline says that could not choose. */
export const RESERVATIONS_IN_QUESTION = `The open reservations that were in question; of more than ${DECLINE_RESERVATIONS_MAX}, those with the earliest deadlines.`;

function uuid(description: string) {
  return t.String({
    pattern: UUID_PATTERN,
    description,
    examples: ["6f7f5a3c-1f1b-8f0e-9d58-0f4b8f5f6c11"],
    error: "must be a UUID in lower case",
  });
}

/** Of a route that reads nothing from its query: what somebody puts there is as wrong as an unknown field. */
export const NoQuery = t.Object({}, { additionalProperties: false });

/** Visible ASCII characters. */
export const IDEMPOTENCY_KEY_PATTERN = "^[\\x21-\\x7e]{1,255}$";

export const BatchedKey = t.String({
  pattern: IDEMPOTENCY_KEY_PATTERN,
  description: "The operation's own Idempotency-Key.",
  examples: ["payout-2026-11-23-0001"],
  error: "must be 1 to 255 visible ASCII characters",
});

export const Money = t.String({
  pattern: "^[0-9]{1,17}\\.[0-9]{2}$",
  description: "A decimal string with two decimals.",
  examples: ["1150.00"],
});

export const Time = t.String({
  format: "date-time",
  description: "RFC 3339, in UTC.",
  examples: ["2026-11-23T12:00:00.000Z"],
});

export const Balance = t.Object(
  {
    available: Money,
    reserved: Money,
    version: t.Integer({
      description: "The number of entries of the account, the last of which left this balance.",
      examples: [7],
    }),
  },
  { description: "The balance after the operation (a transfer's is the sender's)." },
);
