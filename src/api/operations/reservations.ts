import { t } from "elysia";
import {
  Amount,
  COMMON_FIELDS,
  Comment,
  GivenReservationId,
  NewServiceName,
  OrderId,
  ServiceId,
  TtlSeconds,
  UserId,
} from "../fields.ts";
import { defineSubmitRoute } from "./submitRoute.ts";

const exact = { additionalProperties: false };

export const Reservation = t.Object(
  {
    userId: UserId,
    serviceId: ServiceId,
    serviceName: t.Optional(NewServiceName),
    orderId: OrderId,
    amount: Amount,
    ttlSeconds: t.Optional(TtlSeconds),
    comment: t.Optional(Comment),
    ...COMMON_FIELDS,
  },
  exact,
);

export const ReservationPath = t.Object({ reservationId: GivenReservationId });

export const RecognitionOfReservation = t.Object(
  {
    amount: t.Optional(Amount),
    final: t.Optional(
      t.Boolean({
        description: "Whether the remainder is released at once (the default) or stays reserved.",
        examples: [true],
        error: "must be true or false",
      }),
    ),
    comment: t.Optional(Comment),
    ...COMMON_FIELDS,
  },
  exact,
);

export const ReleaseOfReservation = t.Object(
  { amount: t.Optional(Amount), comment: t.Optional(Comment), ...COMMON_FIELDS },
  exact,
);

export const ExtensionOfReservation = t.Object({ ttlSeconds: TtlSeconds, ...COMMON_FIELDS }, exact);

const tags = ["Reservations"];
const settledOrMissing = ["reservation_not_found", "reservation_settled", "reservation_expired"] as const;

export const reservationWrites = [
  defineSubmitRoute({
    path: "/v1/reservations",
    kind: "reservation",
    body: Reservation,
    declines: ["account_not_found", "insufficient_funds"],
    operationId: "reserve",
    detail: {
      tags,
      summary: "Reserve a user's money for a service of an order",
      description: "Moves the amount from available to reserved, until it is recognized or released, or expires.",
    },
  }),
  defineSubmitRoute({
    path: "/v1/reservations/:reservationId/recognitions",
    kind: "recognition",
    params: ReservationPath,
    body: RecognitionOfReservation,
    declines: [...settledOrMissing, "exceeds_remaining"],
    operationId: "recognizeReservation",
    detail: {
      tags,
      summary: "Recognize reserved money as revenue: the remainder, or a part",
      description: "Money that is not recognized is released at once, or stays reserved with `final: false`.",
    },
  }),
  defineSubmitRoute({
    path: "/v1/reservations/:reservationId/releases",
    kind: "release",
    params: ReservationPath,
    body: ReleaseOfReservation,
    declines: [...settledOrMissing, "exceeds_remaining"],
    operationId: "releaseReservation",
    detail: { tags, summary: "Release reserved money to the user: the remainder, or a part" },
  }),
  defineSubmitRoute({
    path: "/v1/reservations/:reservationId/extensions",
    kind: "extension",
    params: ReservationPath,
    body: ExtensionOfReservation,
    declines: settledOrMissing,
    operationId: "extendReservation",
    detail: {
      tags,
      summary: "Extend the deadline of a reservation",
      description: "The new deadline is now + `ttlSeconds`, or the old one if that is later.",
    },
  }),
];
