import type { TObject, TProperties } from "@sinclair/typebox";
import { t } from "elysia";
import { DECLINE_CODES } from "../../ledger/operations.ts";
import {
  Amount,
  Balance,
  Comment,
  Destination,
  OperationId,
  OrderId,
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
  examples: ["deposit-6f7f5a3c-1f1b-8f0e-9d58-0f4b8f5f6c11"],
});

const Kind = t.Union(
  [
    t.Literal("deposit"),
    t.Literal("withdrawal"),
    t.Literal("transfer"),
    t.Literal("reservation"),
    t.Literal("recognition"),
    t.Literal("release"),
    t.Literal("extension"),
    t.Literal("refund"),
    t.Literal("expiry"),
  ],
  { description: "What kind of operation it is." },
);

const Links = t.Object({
  operation: t.String({ description: "Where to ask for the operation.", examples: ["/v1/operations/6f7f5a3c-…"] }),
  temporal: t.String({
    description: "The workflow in the Temporal Web UI.",
    examples: ["http://localhost:8233/namespaces/default/workflows/deposit-6f7f5a3c-…"],
  }),
});

const identity = { operationId: OperationId, workflowId: WorkflowId, kind: Kind, links: Links };

/** What an operation came to, where its request left it open. */
const cameTo = {
  reservationId: t.Optional(ReservationId),
  expiresAt: t.Optional(Time),
  amount: t.Optional(Amount),
};

/** 202: a workflow has been started for the operation. It is no success. */
export const PendingOperation = t.Object(
  { ...identity, status: t.Literal("pending"), reservationId: t.Optional(ReservationId) },
  { description: "Accepted: a workflow carries it. This is not success; deliver nothing before `completed`." },
);

/** 200: the operation with all its request fields, and the balance it left. */
export function CompletedOperation<Fields extends TProperties>(request: TObject<Fields>) {
  return t.Object(
    {
      ...identity,
      status: t.Literal("completed"),
      ...cameTo,
      ...request.properties,
      createdAt: Time,
      completedAt: Time,
      balance: t.Optional(Balance),
    },
    { description: "The operation is in the ledger." },
  );
}

/** GET: an operation in any state, with everything known about it. */
export const OperationInAnyState = t.Object(
  {
    ...identity,
    status: t.Union([t.Literal("pending"), t.Literal("completed"), t.Literal("declined")]),
    code: t.Optional(
      t.Union(
        DECLINE_CODES.map((code) => t.Literal(code)),
        { description: "Why it was declined, where it was." },
      ),
    ),
    reservationIds: t.Optional(t.Array(ReservationId, { description: "The open reservations that were in question." })),
    userId: t.Optional(UserId),
    fromUserId: t.Optional(UserId),
    toUserId: t.Optional(UserId),
    serviceId: t.Optional(ServiceId),
    serviceName: t.Optional(ServiceName),
    orderId: t.Optional(OrderId),
    ...cameTo,
    recognitionId: t.Optional(RecognitionId),
    final: t.Optional(t.Boolean()),
    ttlSeconds: t.Optional(TtlSeconds),
    comment: t.Optional(Comment),
    source: t.Optional(Source),
    destination: t.Optional(Destination),
    createdAt: Time,
    completedAt: t.Optional(Time),
    balance: t.Optional(Balance),
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
