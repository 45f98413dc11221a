import { t } from "elysia";
import { COMMON_FIELDS, Comment, OrderId, ServiceId, UserId } from "../fields.ts";
import { defineSubmitRoute } from "./submitRoute.ts";

export const Release = t.Object(
  { userId: UserId, serviceId: ServiceId, orderId: OrderId, comment: t.Optional(Comment), ...COMMON_FIELDS },
  { additionalProperties: false },
);

export const releases = defineSubmitRoute({
  path: "/v1/releases",
  kind: "release",
  body: Release,
  declines: ["reservation_ambiguous", "reservation_not_found", "reservation_settled", "reservation_expired"],
  operationId: "releaseByFields",
  detail: {
    tags: ["Reservations"],
    summary: "Release a reservation by its three fields",
    description:
      "Takes the only open reservation. Of several with the same amount, it takes the one with the earliest deadline.",
  },
});
