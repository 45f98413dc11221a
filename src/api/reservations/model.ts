import { t } from "elysia";
import {
  Amount,
  Comment,
  GivenServiceName,
  Money,
  OrderId,
  ReservationId,
  ServiceId,
  Time,
  TtlSeconds,
  UserId,
} from "../fields.ts";
import { OperationInAnyState } from "../operations/model.ts";
import { listOf, pageParameters } from "../paging/pages.ts";

const exact = { additionalProperties: false };

export const Reservation = t.Object(
  {
    userId: UserId,
    serviceId: ServiceId,
    serviceName: t.Optional(GivenServiceName),
    orderId: OrderId,
    amount: Amount,
    ttlSeconds: t.Optional(TtlSeconds),
    comment: t.Optional(Comment),
  },
  exact,
);

export const ReservationPath = t.Object({ reservationId: ReservationId });

export const RecognitionOfReservation = t.Object(
  {
    amount: t.Optional(Amount),
    final: t.Optional(
      t.Boolean({
        description: "Whether what then remains is released at once (the default), or stays reserved.",
        examples: [true],
        error: "must be true or false",
      }),
    ),
    comment: t.Optional(Comment),
  },
  exact,
);

export const ReleaseOfReservation = t.Object({ amount: t.Optional(Amount), comment: t.Optional(Comment) }, exact);

export const ExtensionOfReservation = t.Object({ ttlSeconds: TtlSeconds }, exact);

const ReservationState = t.Union([t.Literal("open"), t.Literal("settled")], {
  description: "Open until nothing remains.",
});

const standing = {
  reservationId: ReservationId,
  userId: UserId,
  serviceId: ServiceId,
  orderId: OrderId,
  state: ReservationState,
  reserved: Money,
  recognized: Money,
  released: Money,
  expired: Money,
  remaining: Money,
  expiresAt: Time,
  createdAt: Time,
  workflowId: t.String({ description: "The saga that watches over it." }),
  links: t.Object({ reservation: t.String(), temporal: t.String() }),
};

export const ReservationStanding = t.Object(standing);

export const ReservationWithOperations = t.Object(
  { ...standing, operations: t.Array(OperationInAnyState) },
  { description: "The reservation, with its operations in the order of posting." },
);

export const ReservationsPath = t.Object({ userId: UserId });

export const ReservationsQuery = t.Object(
  {
    state: t.Optional(
      t.Union([t.Literal("open"), t.Literal("settled")], {
        description: "Those in this state only; both by default.",
        error: "must be open or settled",
      }),
    ),
    ...pageParameters,
  },
  exact,
);

export const ReservationList = listOf(ReservationStanding);
