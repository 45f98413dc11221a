import { Type } from "@sinclair/typebox";
import { type TSchema, t } from "elysia";
import { ENTRY_KINDS, type EntryKind } from "../../ledger/operations.ts";
import {
  Amount,
  Comment,
  Destination,
  kindsParameter,
  Metadata,
  Money,
  OperationId,
  OrderId,
  Reference,
  ReservationId,
  ServiceId,
  ServiceName,
  Source,
  Time,
  UserId,
} from "../fields.ts";
import { listOf, pageParameters } from "../paging/pages.ts";
import { Instant } from "../period.ts";

const Kind = Type.Unsafe<EntryKind>(
  t.Union(
    ENTRY_KINDS.map((kind) => t.Literal(kind)),
    {
      description: "The kind of the operation. An extension moves no money, so it has no entry.",
      examples: ["recognition"],
    },
  ),
);

const Kinds = kindsParameter(
  ENTRY_KINDS,
  "Only entries of these kinds. An extension moves no money, so it has no entry.",
);

export const TransactionsPath = t.Object({ userId: UserId });

export const TransactionsQuery = t.Object(
  {
    sort: t.Optional(
      t.Union([t.Literal("date"), t.Literal("amount")], {
        description:
          "`date`, the default, sorts by the account's versions; `amount` by the amount of the operation, then by version.",
        examples: ["date"],
        error: "must be date or amount",
      }),
    ),
    order: t.Optional(
      t.Union([t.Literal("asc"), t.Literal("desc")], {
        description: "Descending by default: the newest, or the largest, first.",
        examples: ["desc"],
        error: "must be asc or desc",
      }),
    ),
    kind: t.Optional(Kinds),
    from: t.Optional(Instant("Only entries at this time or later.", "2026-11-01T00:00:00Z")),
    to: t.Optional(Instant("Only entries before this time.", "2026-12-01T00:00:00Z")),
    serviceId: t.Optional(ServiceId),
    orderId: t.Optional(OrderId),
    ...pageParameters,
  },
  { additionalProperties: false },
);

const Delta = t.String({
  title: "Delta",
  pattern: "^-?[0-9]{1,17}\\.[0-9]{2}$",
  description: "The change of the balance, negative for a debit.",
  examples: ["-150.00"],
});

export const Transaction = t.Object(
  {
    operationId: OperationId,
    workflowId: t.String({
      description: "The workflow that carried the operation.",
      examples: ["carrier-019aafb6-1c96-7d4e-8b1a-5f2c7e90a3d1"],
    }),
    kind: Kind,
    amount: Amount,
    availableDelta: Delta,
    reservedDelta: Delta,
    availableAfter: Money,
    reservedAfter: Money,
    version: Type.Integer({ description: "The number of the entry in its account, without gaps.", examples: [7] }),
    counterpartyUserId: orNull(UserId),
    serviceId: orNull(ServiceId),
    serviceName: orNull(ServiceName),
    orderId: orNull(OrderId),
    reservationId: orNull(ReservationId),
    source: orNull(Source),
    destination: orNull(Destination),
    comment: orNull(Comment),
    reference: orNull(Reference),
    metadata: orNull(Metadata),
    description: t.String({
      description: "A sentence for the user, with the origin and the reason.",
      examples: ["You paid 150.00 RUB for Ad promotion (order order-1001)."],
    }),
    createdAt: Time,
  },
  { title: "StatementEntry" },
);

export const TransactionList = listOf(Transaction);

function orNull<Schema extends TSchema>(schema: Schema) {
  return t.Union([schema, t.Null()]);
}
