import { type TObject, type TProperties, TypeGuard } from "@sinclair/typebox";
import { type TSchema, t } from "elysia";
import { DECLINE_CODES, KINDS, type Kind } from "../../ledger/operations.ts";
import {
  BalanceAfter,
  GivenOperationId,
  Money,
  OperationId,
  RESERVATION_IDS_DESCRIPTION,
  ReservationId,
  ServiceName,
  Time,
} from "../fields.ts";
import { allOf, oneOf, oneOfBy, titleOf } from "../openapi/components.ts";
import { Deposit } from "./deposits.ts";
import { Recognition } from "./recognitions.ts";
import { Refund } from "./refunds.ts";
import { Release } from "./releases.ts";
import {
  ExtensionOfReservation,
  RecognitionOfReservation,
  ReleaseOfReservation,
  Reservation,
  ReservationPath,
} from "./reservations.ts";
import { Transfer } from "./transfers.ts";
import { Withdrawal } from "./withdrawals.ts";

const WorkflowId = t.String({
  title: "WorkflowId",
  description: "The workflow that carries, or carried, the operation. Final once the operation is finished.",
  examples: ["carrier-019aafb6-1c96-7d4e-8b1a-5f2c7e90a3d1"],
});

const Links = t.Object(
  {
    operation: t.String({ description: "The address of the operation.", examples: ["/v1/operations/6f7f5a3c-…"] }),
    temporal: t.String({
      description: "The workflow in the Temporal Web UI.",
      examples: ["http://localhost:8233/namespaces/default/workflows/carrier-019aafb6-…"],
    }),
  },
  { title: "OperationLinks" },
);

/** The fields by kind: those of the request, and those of a completed operation. */
const FIELDS = {
  deposit: { request: Deposit.properties, outcome: { balance: BalanceAfter } },
  withdrawal: { request: Withdrawal.properties, outcome: { balance: BalanceAfter } },
  transfer: { request: Transfer.properties, outcome: { balance: BalanceAfter } },
  reservation: {
    request: { ...Reservation.properties, serviceName: t.Optional(ServiceName) },
    outcome: { reservationId: ReservationId, expiresAt: Time, balance: BalanceAfter },
  },
  recognition: {
    request: either(Recognition, RecognitionOfReservation),
    outcome: { reservationId: ReservationId, amount: Money, balance: BalanceAfter },
  },
  release: {
    request: either(Release, ReleaseOfReservation),
    outcome: { reservationId: ReservationId, amount: Money, balance: BalanceAfter },
  },
  extension: {
    request: { ...ReservationPath.properties, ...ExtensionOfReservation.properties },
    outcome: { expiresAt: Time },
  },
  refund: {
    request: Refund.properties,
    outcome: { reservationId: ReservationId, amount: Money, balance: BalanceAfter },
  },
  expiry: {
    request: ReservationPath.properties,
    outcome: { amount: Money, balance: BalanceAfter },
  },
} satisfies Record<Kind, { request: TProperties; outcome: TProperties }>;

/** The kinds that callers submit. */
export type SubmittedKind = Exclude<Kind, "expiry">;

type OperationStatus = "pending" | "completed" | "declined";

/** The fields of a request by fields or by the reservation's id. Required are those that both forms require. */
function either(byFields: TObject, byId: TObject): TProperties {
  const isRequired = (name: string) => [byFields, byId].every(({ required }) => required?.includes(name));
  const fields = { ...byFields.properties, ...ReservationPath.properties, ...byId.properties };
  return Object.fromEntries(
    Object.entries(fields).map(([name, schema]) => [name, isRequired(name) ? schema : t.Optional(schema)]),
  );
}

const identity = { operationId: OperationId, workflowId: WorkflowId };

/** The fields of an operation in each state, in addition to those of its request. */
const STATES: Record<OperationStatus, (kind: Kind) => TSchema> = {
  pending: () => t.Object({ status: t.Literal("pending") }, { title: "Pending" }),
  completed: (kind) => t.Object({ status: t.Literal("completed"), ...FIELDS[kind].outcome, completedAt: Time }),
  declined: () =>
    t.Object(
      {
        status: t.Literal("declined"),
        code: t.Union(
          DECLINE_CODES.map((code) => t.Literal(code)),
          { title: "DeclineCode", description: "The reason for a decline." },
        ),
        reservationIds: t.Optional(t.Array(ReservationId, { description: RESERVATION_IDS_DESCRIPTION })),
        completedAt: Time,
      },
      { title: "Declined" },
    ),
};

/** The fields of an operation of the kind, in any state. */
function fieldsOf(kind: Kind) {
  const { amount, ...request }: TProperties = FIELDS[kind].request;
  return t.Object(
    {
      ...identity,
      kind: t.Literal(kind),
      ...request,
      ...(amount && { amount: TypeGuard.IsOptional(amount) ? t.Optional(Money) : Money }),
      ...(kind === "reservation" && { reservationId: t.Optional(ReservationId) }),
      createdAt: Time,
      links: Links,
    },
    { title: titleOf(kind, "fields") },
  );
}

/** The operations in a state: one of the schemas of all kinds, such as `CompletedDeposit`. */
function operationsIn(status: OperationStatus) {
  const schemas = KINDS.map((kind) => [kind, allOf(titleOf(status, kind), fieldsOf(kind), STATES[status](kind))]);
  return oneOfBy("kind", titleOf(status, "operation"), Object.fromEntries(schemas));
}

export const CompletedOperation = operationsIn("completed");
export const DeclinedOperation = operationsIn("declined");

/** An operation in any state, with everything known about it. TypeScript narrows it by `status` and by `kind`. */
export const Operation = oneOf("Operation", operationsIn("pending"), CompletedOperation, DeclinedOperation);

/** 202: a workflow carries the operation. */
export const AcceptedOperation = t.Object(
  {
    ...identity,
    kind: t.Union(
      KINDS.filter((kind) => kind !== "expiry").map((kind) => t.Literal(kind)),
      { title: "SubmittedKind" },
    ),
    status: t.Literal("pending"),
    reservationId: t.Optional(ReservationId),
    links: Links,
  },
  { title: "AcceptedOperation" },
);

/** An operation of a batch whose key was used for another request. */
export const MismatchedOperation = t.Object(
  {
    ...AcceptedOperation.properties,
    status: t.Literal("mismatched"),
    code: t.Literal("idempotency_payload_mismatch"),
    differingFields: t.Array(t.String()),
  },
  { title: "MismatchedOperation", description: "The key was used for another request, and this one was not recorded." },
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
