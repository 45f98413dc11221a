import type { TObject } from "@sinclair/typebox";
import { t } from "elysia";
import { DECLINE_CODES, KINDS } from "../../ledger/operations.ts";
import {
  Balance,
  Comment,
  Destination,
  GivenOperationId,
  Money,
  OperationId,
  OrderId,
  RESERVATION_IDS_DESCRIPTION,
  RecognitionId,
  ReservationId,
  ServiceId,
  ServiceName,
  Source,
  Time,
  TtlSeconds,
  UserId,
} from "../fields.ts";

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

/** The fields of an outcome, by kind, in addition to those of the request. */
const OUTCOME_FIELDS = {
  deposit: { balance: Balance },
  withdrawal: { balance: Balance },
  transfer: { balance: Balance },
  reservation: { reservationId: ReservationId, expiresAt: Time, balance: Balance },
  recognition: { reservationId: ReservationId, amount: Money, balance: Balance },
  release: { reservationId: ReservationId, amount: Money, balance: Balance },
  extension: { reservationId: ReservationId, expiresAt: Time },
  refund: { recognitionId: RecognitionId, reservationId: ReservationId, amount: Money, balance: Balance },
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
    createdAt: Time,
    completedAt: t.Optional(Time),
    balance: t.Optional(Balance),
    links: Links,
  },
  { description: "The operation in its present state." },
);

export const OperationPath = t.Object({ operationId: GivenOperationId });

export const OperationQuery = t.Object(
  {
    workflowId: t.Optional(
      t.String({
        minLength: 1,
        maxLength: 255,
        description: "The workflow of the 202 response. It is queried while the ledger does not contain the operation.",
        error: "must be 1 to 255 characters long",
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
