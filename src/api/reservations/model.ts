import { t } from "elysia";
import {
  Amount,
  Comment,
  Money,
  OrderId,
  ReservationId,
  ServiceId,
  ServiceName,
  Time,
  TtlSeconds,
  UserId,
} from "../fields.ts";
import { OperationInAnyState } from "../operations/model.ts";

const exact = { additionalProperties: false };

export const Reservation = t.Object(
  {
    userId: UserId,
    serviceId: ServiceId,
    serviceName: t.Optional(ServiceName),
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
    limit: t.Optional(
      t.String({
        pattern: "^([1-9][0-9]?|100)$",
        description: "How many at most on a page.",
        documented: { type: "integer", minimum: 1, maximum: 100, default: 20 },
        error: "must be a whole number from 1 to 100",
      }),
    ),
    cursor: t.Optional(
      t.String({ maxLength: 512, description: "nextCursor of the page before.", error: "is too long" }),
    ),
  },
  exact,
);

export const ReservationList = t.Object(
  {
    items: t.Array(ReservationStanding),
    nextCursor: t.Union([t.String(), t.Null()], { description: "Null at the end." }),
  },
  { description: "A page of the list." },
);
