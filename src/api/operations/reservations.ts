import { t } from "elysia";
import { Amount, Comment, GivenServiceName, OrderId, ReservationId, ServiceId, TtlSeconds, UserId } from "../fields.ts";
import { defineSubmitRoute } from "./submitRoute.ts";

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

const tags = ["Reservations"];
const settledOrMissing = ["reservation_not_found", "reservation_settled", "reservation_expired"] as const;

export const reservationWrites = [
  defineSubmitRoute({
    path: "/v1/reservations",
    scope: "reservations:write",
    kind: "reservation",
    body: Reservation,
    declines: ["account_not_found", "insufficient_funds"],
    operationId: "reserve",
    detail: {
      tags,
      summary: "Reserve a user's money for a service of an order",
      description: "Moves it from available to reserved until it is recognized, released, or expires.",
    },
  }),
  defineSubmitRoute({
    path: "/v1/reservations/:reservationId/recognitions",
    scope: "reservations:write",
    kind: "recognition",
    params: ReservationPath,
    body: RecognitionOfReservation,
    declines: [...settledOrMissing, "exceeds_remaining"],
    operationId: "recognizeReservation",
    detail: {
      tags,
      summary: "Recognize reserved money as revenue: all that remains, or a part",
      description: "What then remains is released at once, or with `final: false` stays reserved.",
    },
  }),
  defineSubmitRoute({
    path: "/v1/reservations/:reservationId/releases",
    scope: "reservations:write",
    kind: "release",
    params: ReservationPath,
    body: ReleaseOfReservation,
    declines: [...settledOrMissing, "exceeds_remaining"],
    operationId: "releaseReservation",
    detail: {
      tags,
      summary: "Give reserved money back to the user: all that remains, or a part",
    },
  }),
  defineSubmitRoute({
    path: "/v1/reservations/:reservationId/extensions",
    scope: "reservations:write",
    kind: "extension",
    params: ReservationPath,
    body: ExtensionOfReservation,
    declines: settledOrMissing,
    operationId: "extendReservation",
    detail: {
      tags,
      summary: "Hold it for longer",
      description: "The deadline is then the later of the old one and now + `ttlSeconds`: never shorter.",
    },
  }),
];
