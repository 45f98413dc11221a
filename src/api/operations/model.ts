import type { TObject } from "@sinclair/typebox";
import { t } from "elysia";
import { DECLINE_CODES, KINDS } from "../../ledger/operations.ts";
import {
  Balance,
  Comment,
  Currency,
  Destination,
  GivenOperationId,
  GivenReservationId,
  IDEMPOTENCY_KEY_PATTERN,
  Metadata,
  Money,
  OperationId,
  OrderId,
  RESERVATION_IDS_DESCRIPTION,
  RecognitionId,
  Reference,
  ReservationId,
  ServiceId,
  ServiceName,
  Source,
  Time,
  TtlSeconds,
  UserId,
} from "../fields.ts";
import { listOf, pageParameters } from "../paging/pages.ts";
import { Instant } from "../transactions/period.ts";

const WorkflowId = t.String({
  description: "The workflow that carries, or carried, the operation. Final once the operation is finished.",
  examples: ["carrier-019aafb6-1c96-7d4e-8b1a-5f2c7e90a3d1"],
});

const Links = t.Object({
  operation: t.String({ description: "The address of the operation.", examples: ["/v1/operations/6f7f5a3c-…"] }),
  temporal: t.String({
    description: "The workflow in the Temporal Web UI.",
    examples: ["http://localhost:8233/namespaces/default/workflows/carrier-019aafb6-…"],
  }),
});

const identity = { operationId: OperationId, workflowId: WorkflowId };

/** The reservation that an operation is about, and its purpose. */
const onReservation = {
  userId: UserId,
  serviceId: ServiceId,
  serviceName: t.Optional(ServiceName),
  orderId: OrderId,
  reservationId: ReservationId,
};

/** The refunds of a recognition so far, and its release. */
const settlement = {
  refunded: t.String({ ...Money, description: "The refunded part of the recognized amount, as of the answer." }),
  refundable: t.String({ ...Money, description: "The part that can still be refunded." }),
  released: t.Optional(t.String({ ...Money, description: "The part that a final recognition released to the user." })),
};

/** The fields of an outcome, by kind, in addition to those of the request. */
const OUTCOME_FIELDS = {
  deposit: { balance: Balance },
  withdrawal: { balance: Balance },
  transfer: { balance: Balance },
  reservation: { ...onReservation, expiresAt: Time, balance: Balance },
  recognition: { ...onReservation, amount: Money, ...settlement, balance: Balance },
  release: { ...onReservation, amount: Money, balance: Balance },
  extension: { ...onReservation, expiresAt: Time },
  refund: { ...onReservation, recognitionId: RecognitionId, amount: Money, balance: Balance },
};

export type SubmittedKind = keyof typeof OUTCOME_FIELDS;

/** 202: a workflow carries the operation. This is not success. */
export function PendingOperation(kind: SubmittedKind, request: TObject) {
  const hasReservationId = kind === "reservation" || "reservationId" in request.properties;
  return t.Object(
    {
      ...identity,
      kind: t.Literal(kind),
      status: t.Literal("pending"),
      ...(hasReservationId && { reservationId: ReservationId }),
      links: Links,
    },
    { description: "Accepted: a workflow carries it. This is not success; deliver nothing before `completed`." },
  );
}

/** 200: the fields of the request and of the outcome, with the balance after it. */
export function CompletedOperation(kind: SubmittedKind, { properties }: TObject) {
  return t.Object(
    {
      ...identity,
      kind: t.Literal(kind),
      status: t.Literal("completed"),
      ...properties,
      ...("amount" in properties && { amount: Money }),
      ...OUTCOME_FIELDS[kind],
      currency: Currency,
      createdAt: Time,
      completedAt: Time,
      links: Links,
    },
    { description: "The operation is in the ledger." },
  );
}

/** GET: an operation in any state, with all its available fields. */
export const OperationInAnyState = t.Object(
  {
    ...identity,
    kind: t.Union(
      KINDS.map((kind) => t.Literal(kind)),
      { description: "The kind of the operation." },
    ),
    status: t.Union([t.Literal("pending"), t.Literal("completed"), t.Literal("declined")]),
    code: t.Optional(
      t.Union(
        DECLINE_CODES.map((code) => t.Literal(code)),
        { description: "The reason for a decline." },
      ),
    ),
    reservationIds: t.Optional(t.Array(ReservationId, { description: RESERVATION_IDS_DESCRIPTION })),
    userId: t.Optional(UserId),
    fromUserId: t.Optional(UserId),
    toUserId: t.Optional(UserId),
    serviceId: t.Optional(ServiceId),
    serviceName: t.Optional(ServiceName),
    orderId: t.Optional(OrderId),
    reservationId: t.Optional(ReservationId),
    expiresAt: t.Optional(Time),
    amount: t.Optional(Money),
    recognitionId: t.Optional(RecognitionId),
    final: t.Optional(t.Boolean()),
    ttlSeconds: t.Optional(TtlSeconds),
    comment: t.Optional(Comment),
    source: t.Optional(Source),
    destination: t.Optional(Destination),
    reference: t.Optional(Reference),
    metadata: t.Optional(Metadata),
    currency: t.Optional(Currency),
    refunded: t.Optional(settlement.refunded),
    refundable: t.Optional(settlement.refundable),
    released: settlement.released,
    by: t.Optional(
      t.String({
        description: "The origin of an operation without a caller: `expiry`, `sweep`, or the operator's name.",
        examples: ["expiry"],
      }),
    ),
    reason: t.Optional(t.String({ description: "The operator's reason.", examples: ["The order was given up"] })),
    createdAt: Time,
    completedAt: t.Optional(Time),
    balance: t.Optional(Balance),
    links: Links,
  },
  { description: "The operation in its present state." },
);

export const OperationList = listOf(OperationInAnyState);

const GivenWorkflowId = t.String({ minLength: 1, maxLength: 255, error: "must be 1 to 255 characters long" });
const ONE_KIND = `(?:${KINDS.join("|")})`;

export const OperationsQuery = t.Object(
  {
    orderId: t.Optional(OrderId),
    userId: t.Optional(t.String({ ...UserId, description: "The user of the account, or a transfer's receiver." })),
    reservationId: t.Optional(GivenReservationId),
    serviceId: t.Optional(ServiceId),
    workflowId: t.Optional(t.String({ ...GivenWorkflowId, description: "The workflow that carried the operations." })),
    reference: t.Optional(Reference),
    idempotencyKey: t.Optional(
      t.String({
        pattern: IDEMPOTENCY_KEY_PATTERN,
        description: "The key of a request of the token's `sub`, or of `caller`.",
        error: "must be 1 to 255 visible ASCII characters",
      }),
    ),
    caller: t.Optional(
      t.String({
        pattern: IDEMPOTENCY_KEY_PATTERN,
        description: "The `sub` of the token that used the key; by default the one of this request.",
        error: "must be 1 to 255 visible ASCII characters",
      }),
    ),
    kind: t.Optional(
      t.String({
        pattern: `^${ONE_KIND}(?:,${ONE_KIND})*$`,
        documented: { type: "array", items: { type: "string", enum: KINDS }, minItems: 1 },
        description: "Only operations of these kinds.",
        error: `must be one of ${KINDS.join(", ")}, or several of them with commas`,
      }),
    ),
    status: t.Optional(
      t.Union([t.Literal("completed"), t.Literal("declined")], {
        description: "Only completed or only declined operations.",
        error: "must be completed or declined",
      }),
    ),
    code: t.Optional(
      t.Union(
        DECLINE_CODES.map((code) => t.Literal(code)),
        { description: "Only operations that were declined for this reason.", error: "must be a code of a decline" },
      ),
    ),
    from: t.Optional(Instant("Only operations that were completed at this time or later.", "2026-11-01T00:00:00Z")),
    to: t.Optional(Instant("Only operations that were completed before this time.", "2026-12-01T00:00:00Z")),
    ...pageParameters,
  },
  { additionalProperties: false },
);

export const OperationPath = t.Object({ operationId: GivenOperationId });

export const OperationQuery = t.Object(
  {
    workflowId: t.Optional(
      t.String({
        ...GivenWorkflowId,
        description: "The workflow of the 202 response. It is queried while the ledger does not contain the operation.",
      }),
    ),
  },
  { additionalProperties: false },
);

export const OperationHeaders = t.Object({
  prefer: t.Optional(
    t.String({
      description:
        "`wait=N`: respond once a pending operation is finished, or after N seconds, at most 30. Without it the answer is at once.",
      examples: ["wait=5"],
    }),
  ),
});
