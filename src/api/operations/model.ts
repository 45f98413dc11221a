import { type TObject, type TProperties, TypeGuard } from "@sinclair/typebox";
import { type TSchema, t } from "elysia";
import { DECLINE_CODES, KINDS, type Kind } from "../../ledger/operations.ts";
import {
  BalanceAfter,
  COMMON_FIELDS,
  Currency,
  GivenOperationId,
  GivenReservationId,
  kindsParameter,
  Money,
  moneyOf,
  OperationId,
  OrderId,
  RESERVATION_IDS_DESCRIPTION,
  Reference,
  ReservationId,
  ServiceId,
  ServiceName,
  Time,
  UserId,
  VISIBLE_ASCII,
} from "../fields.ts";
import { allOf, oneOf, oneOfBy, titleOf } from "../openapi/components.ts";
import { listOf, pageParameters } from "../paging/pages.ts";
import { Instant } from "../period.ts";
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

const Subject = t.Object(
  {
    userId: UserId,
    serviceId: ServiceId,
    serviceName: t.Optional(ServiceName),
    orderId: OrderId,
    reservationId: ReservationId,
  },
  { title: "Subject", description: "The reservation concerned, and its purpose." },
);
const PartialSubject = t.Partial(Subject, {
  title: "PartialSubject",
  description: "The subject, as far as it is known.",
});

/** The refunds of a recognition so far, and its release. */
const settlement = {
  refunded: t.String(moneyOf("The refunded part, as of the answer.")),
  refundable: t.String(moneyOf("The part that can still be refunded.")),
  released: t.Optional(t.String(moneyOf("The part that a final recognition released to the user."))),
};

/** The origin of an operation without a caller. */
const origin = {
  by: t.Optional(
    t.String({
      description: "`expiry`, `sweep`, or the operator's name, where no caller asked for it.",
      examples: ["expiry"],
    }),
  ),
  reason: t.Optional(t.String({ description: "The operator's reason.", examples: ["The order was given up"] })),
};

/** The fields by kind: those of the request, and those of a completed operation. */
const FIELDS = {
  deposit: { request: Deposit.properties, outcome: { balance: BalanceAfter } },
  withdrawal: { request: Withdrawal.properties, outcome: { balance: BalanceAfter } },
  transfer: { request: Transfer.properties, outcome: { balance: BalanceAfter } },
  reservation: {
    request: { ...Reservation.properties, serviceName: t.Optional(ServiceName) },
    outcome: { expiresAt: Time, balance: BalanceAfter },
  },
  recognition: {
    request: either(Recognition, RecognitionOfReservation),
    outcome: { amount: Money, ...settlement, balance: BalanceAfter },
  },
  release: {
    request: either(Release, ReleaseOfReservation),
    outcome: { amount: Money, ...origin, balance: BalanceAfter },
  },
  extension: {
    request: { ...ReservationPath.properties, ...ExtensionOfReservation.properties },
    outcome: { expiresAt: Time },
  },
  refund: {
    request: Refund.properties,
    outcome: { amount: Money, balance: BalanceAfter },
  },
  expiry: {
    request: ReservationPath.properties,
    outcome: { amount: Money, ...origin, balance: BalanceAfter },
  },
} satisfies Record<Kind, { request: TProperties; outcome: TProperties }>;

/** The kinds that callers submit. */
export type SubmittedKind = Exclude<Kind, "expiry">;
const SUBMITTED_KINDS = KINDS.filter((kind): kind is SubmittedKind => kind !== "expiry");

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

const DeclineCode = t.Union(
  DECLINE_CODES.map((code) => t.Literal(code)),
  { title: "DeclineCode", description: "The reason for a decline.", error: "must be a code of a decline" },
);

/** The fields of an operation in each state, in addition to those of its request. */
const STATES: Record<OperationStatus, (kind: Kind) => TSchema> = {
  pending: () => t.Object({ status: t.Literal("pending") }, { title: "Pending" }),
  completed: (kind) => t.Object({ status: t.Literal("completed"), ...FIELDS[kind].outcome, completedAt: Time }),
  declined: () =>
    t.Object(
      {
        status: t.Literal("declined"),
        code: DeclineCode,
        reservationIds: t.Optional(t.Array(ReservationId, { description: RESERVATION_IDS_DESCRIPTION })),
        completedAt: Time,
      },
      { title: "Declined" },
    ),
};

/** The fields of every operation. An expiry has neither reference nor metadata. */
const OperationBase = t.Object(
  { ...identity, ...COMMON_FIELDS, currency: Currency, createdAt: Time, links: Links },
  { title: "OperationBase" },
);

/** The fields of an operation of the kind, in any state. */
function fieldsOf(kind: Kind) {
  const { amount, ...request }: TProperties = FIELDS[kind].request;
  const own = Object.entries(request).filter(([name]) => !(name in COMMON_FIELDS));
  const fields = t.Object({
    kind: t.Literal(kind),
    ...Object.fromEntries(own),
    ...(amount && { amount: TypeGuard.IsOptional(amount) ? t.Optional(Money) : Money }),
  });
  return allOf(titleOf(kind, "fields"), OperationBase, fields);
}

/** The subject of an operation on a reservation. A completed one has it whole. */
function subjectOf(kind: Kind, status: OperationStatus): TSchema[] {
  if (kind === "deposit" || kind === "withdrawal" || kind === "transfer") return [];
  return [status === "completed" ? Subject : PartialSubject];
}

/** The operations in a state: one of the schemas of all kinds, such as `CompletedDeposit`. */
function operationsIn(status: OperationStatus) {
  const kinds = status === "completed" ? KINDS : SUBMITTED_KINDS;
  const schemas = kinds.map((kind) => [
    kind,
    allOf(titleOf(status, kind), fieldsOf(kind), ...subjectOf(kind, status), STATES[status](kind)),
  ]);
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
      SUBMITTED_KINDS.map((kind) => t.Literal(kind)),
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

export const OperationList = listOf(Operation);

const GivenWorkflowId = t.String({ minLength: 1, maxLength: 255, error: "must be 1 to 255 characters long" });

export const OperationsQuery = t.Object(
  {
    orderId: t.Optional(OrderId),
    // That of the account, or a transfer's receiver.
    userId: t.Optional(UserId),
    reservationId: t.Optional(GivenReservationId),
    serviceId: t.Optional(ServiceId),
    workflowId: t.Optional(t.String({ ...GivenWorkflowId, description: "The workflow that carried the operations." })),
    reference: t.Optional(Reference),
    idempotencyKey: t.Optional(
      t.String({
        ...VISIBLE_ASCII,
        description: "The key of a request of the token's `sub`, or of `caller`.",
      }),
    ),
    caller: t.Optional(
      t.String({
        ...VISIBLE_ASCII,
        description: "The `sub` of the token that used the key; by default the one of this request.",
      }),
    ),
    kind: t.Optional(kindsParameter(KINDS, "Only operations of these kinds.")),
    status: t.Optional(
      t.Union([t.Literal("completed"), t.Literal("declined")], {
        description: "Only completed or only declined operations.",
        error: "must be completed or declined",
      }),
    ),
    code: t.Optional(DeclineCode),
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
