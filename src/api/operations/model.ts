import type { TObject } from "@sinclair/typebox";
import { t } from "elysia";
import { DECLINE_CODES, KINDS } from "../../ledger/operations.ts";
import {
  Balance,
  Comment,
  Destination,
  Money,
  OperationId,
  OrderId,
  RESERVATIONS_IN_QUESTION,
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
  operation: t.String({ description: "Where to ask for the operation.", examples: ["/v1/operations/6f7f5a3c-…"] }),
  temporal: t.String({
    description: "The workflow in the Temporal Web UI.",
    examples: ["http://localhost:8233/namespaces/default/workflows/carrier-019aafb6-…"],
  }),
});

const identity = { operationId: OperationId, workflowId: WorkflowId };

/** What an operation of each kind came to, beside the fields of its request. */
const CAME_TO = {
  deposit: { balance: Balance },
  withdrawal: { balance: Balance },
  transfer: { balance: Balance },
  reservation: { reservationId: ReservationId, expiresAt: Time, balance: Balance },
  recognition: { reservationId: ReservationId, amount: Money, balance: Balance },
  release: { reservationId: ReservationId, amount: Money, balance: Balance },
  extension: { reservationId: ReservationId, expiresAt: Time },
  refund: { reservationId: ReservationId, amount: Money, balance: Balance },
};

export type SubmittedKind = keyof typeof CAME_TO;

/** 202: a workflow has been started for the operation. It is no success. */
export function PendingOperation(kind: SubmittedKind, request: TObject) {
  const knowsReservation = kind === "reservation" || "reservationId" in request.properties;
  return t.Object(
    {
      ...identity,
      kind: t.Literal(kind),
      status: t.Literal("pending"),
      ...(knowsReservation && { reservationId: ReservationId }),
      links: Links,
    },
    { description: "Accepted: a workflow carries it. This is not success; deliver nothing before `completed`." },
  );
}

/** 200: the operation with all its request fields, what it came to, and the balance it left. */
export function CompletedOperation(kind: SubmittedKind, { properties }: TObject) {
  return t.Object(
    {
      ...identity,
      kind: t.Literal(kind),
      status: t.Literal("completed"),
      ...properties,
      ...("amount" in properties && { amount: Money }),
      ...CAME_TO[kind],
      createdAt: Time,
      completedAt: Time,
      links: Links,
    },
    { description: "The operation is in the ledger." },
  );
}

/** GET: an operation in any state, with everything known about it. */
export const OperationInAnyState = t.Object(
  {
    ...identity,
    kind: t.Union(
      KINDS.map((kind) => t.Literal(kind)),
      { description: "What kind of operation it is." },
    ),
    status: t.Union([t.Literal("pending"), t.Literal("completed"), t.Literal("declined")]),
    code: t.Optional(
      t.Union(
        DECLINE_CODES.map((code) => t.Literal(code)),
        { description: "Why it was declined, where it was." },
      ),
    ),
    reservationIds: t.Optional(t.Array(ReservationId, { description: RESERVATIONS_IN_QUESTION })),
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
  { description: "The operation as far as it has come." },
);

export const OperationPath = t.Object({ operationId: OperationId });

export const OperationQuery = t.Object(
  {
    workflowId: t.Optional(
      t.String({
        minLength: 1,
        maxLength: 255,
        description:
          "The workflow named in the 202 answer: where the ledger does not know the operation yet, it is asked.",
        error: "must be 1 to 255 characters long",
      }),
    ),
  },
  { additionalProperties: false },
);
