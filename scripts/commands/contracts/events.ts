import { ADDED_LATER } from "../../../src/kafka/comparison.ts";
import { ID_PATTERN, UUID_PATTERN } from "../../../src/ledger/operationId.ts";
import { ENTRY_KINDS, type EntryKind } from "../../../src/ledger/operations.ts";

type Schema = { [keyword: string]: unknown };

const id = (description: string): Schema => ({ type: "string", pattern: ID_PATTERN, description });
const uuid = (description: string): Schema => ({ type: "string", pattern: UUID_PATTERN, description });
const absent = (description: string): Schema => ({ type: "null", description });

/** Decimal strings by their sign. */
const AMOUNTS = {
  positive: "^(0\\.(0[1-9]|[1-9]\\d)|[1-9]\\d*\\.\\d\\d)$",
  negative: "^-(0\\.(0[1-9]|[1-9]\\d)|[1-9]\\d*\\.\\d\\d)$",
  notNegative: "^(0|[1-9]\\d*)\\.\\d\\d$",
  any: "^(0\\.\\d\\d|-0\\.(0[1-9]|[1-9]\\d)|-?[1-9]\\d*\\.\\d\\d)$",
  zero: "^0\\.00$",
} as const;
type Sign = keyof typeof AMOUNTS;
const money = (sign: Sign, description: string): Schema => ({ type: "string", pattern: AMOUNTS[sign], description });

/** The effect of each kind on the account of the event. */
const EFFECTS: Record<EntryKind, { title: string; available: Sign; reserved: Sign; isOrder: boolean }> = {
  deposit: { title: "Money came in from outside", available: "positive", reserved: "zero", isOrder: false },
  withdrawal: { title: "Money left for the outside", available: "negative", reserved: "zero", isOrder: false },
  transfer: { title: "Money was sent or received", available: "any", reserved: "zero", isOrder: false },
  reservation: { title: "Money was reserved for an order", available: "negative", reserved: "positive", isOrder: true },
  recognition: {
    title: "Reserved money became revenue",
    available: "notNegative",
    reserved: "negative",
    isOrder: true,
  },
  release: { title: "Reserved money became available", available: "positive", reserved: "negative", isOrder: true },
  expiry: { title: "Reserved money expired to available", available: "positive", reserved: "negative", isOrder: true },
  refund: { title: "Revenue was returned to the user", available: "positive", reserved: "zero", isOrder: true },
};

/**
 * The JSON Schema of each event type, by file name. Consumers must accept members that are added later. Members that
 * earlier events lack are not required.
 */
export function makeEventSchemas(): Map<string, string> {
  return new Map(
    ENTRY_KINDS.map((kind) => [`${kind}.schema.json`, `${JSON.stringify(makeEventSchema(kind), null, 2)}\n`]),
  );
}

function makeEventSchema(kind: EntryKind): Schema {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: `urn:saldo:event:${kind}`,
    title: `saldo.operation.${kind}`,
    description: `${EFFECTS[kind].title}. A CloudEvent 1.0 on the topic saldo.operations, with the user's id as key.`,
    ...object({
      id: {
        type: "string",
        pattern: `${UUID_PATTERN.slice(0, -1)}:${ID_PATTERN.slice(1)}`,
        description: "operationId:userId. Consumers deduplicate by it.",
      },
      time: {
        type: "string",
        pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$",
        description: "The time of the posting, RFC 3339 in UTC.",
      },
      type: { const: `saldo.operation.${kind}` },
      source: { const: "/saldo" },
      specversion: { const: "1.0" },
      datacontenttype: { const: "application/json" },
      dataschema: { const: `urn:saldo:event:${kind}`, description: "The $id of this schema." },
      subject: id("The user whose account changed."),
      data: object(dataOf(kind)),
    }),
  };
}

function dataOf(kind: EntryKind): Record<string, Schema> {
  const { available, reserved, isOrder } = EFFECTS[kind];
  return {
    userId: id("The user whose account changed."),
    counterpartyUserId:
      kind === "transfer" ? id("The other user of the transfer.") : absent("Only a transfer has another user."),
    kind: { const: kind },
    currency: { type: "string", pattern: "^[A-Z]{3}$", description: "The currency of all amounts." },
    amount: money("positive", "The amount of the operation."),
    availableDelta: money(available, "Change of the available balance."),
    reservedDelta: money(reserved, "Change of the reserved balance."),
    availableAfter: money("notNegative", "The available balance after this entry."),
    reservedAfter: money("notNegative", "The reserved balance after this entry."),
    version: { type: "integer", minimum: 1, description: "The account's gapless sequence. Consumers order by it." },
    operationId: uuid("The operation."),
    workflowId: { type: "string", minLength: 1, description: "The Temporal workflow that posted the operation." },
    orderId: isOrder ? id("The order.") : absent("Only operations on reservations have an order."),
    serviceId: isOrder ? id("The service.") : absent("Only operations on reservations have a service."),
    serviceName: isOrder
      ? {
          type: ["string", "null"],
          maxLength: 200,
          description: "The service's name at the posting, where it had one.",
        }
      : absent("Only operations on reservations have a service."),
    reservationId: isOrder ? uuid("The reservation.") : absent("Only operations on reservations have one."),
    recognitionId: kind === "refund" ? uuid("The recognition that is refunded.") : absent("Only a refund has one."),
    source:
      kind === "deposit"
        ? { type: ["string", "null"], maxLength: 255, description: "The origin of the money." }
        : absent("Only a deposit has an origin."),
    destination:
      kind === "withdrawal"
        ? { type: ["string", "null"], maxLength: 255, description: "The destination of the money." }
        : absent("Only a withdrawal has a destination."),
    comment: { type: ["string", "null"], maxLength: 255, description: "The caller's comment." },
    reference: { type: ["string", "null"], maxLength: 255, description: "The caller's own id of the operation." },
    metadata: {
      type: ["object", "null"],
      maxProperties: 20,
      additionalProperties: { type: "string", maxLength: 500 },
      description: "The caller's names and values.",
    },
    description: { type: "string", minLength: 1, description: "The sentence that the user's statement shows." },
  };
}

function object(properties: Record<string, Schema>): Schema {
  const required = Object.keys(properties).filter((name) => !ADDED_LATER.has(name));
  return { type: "object", required, properties };
}
