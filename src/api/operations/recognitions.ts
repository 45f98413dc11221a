import { t } from "elysia";
import { Amount, COMMON_FIELDS, Comment, OrderId, ServiceId, UserId } from "../fields.ts";
import { defineSubmitRoute } from "./submitRoute.ts";

export const Recognition = t.Object(
  {
    userId: UserId,
    serviceId: ServiceId,
    orderId: OrderId,
    amount: Amount,
    comment: t.Optional(Comment),
    ...COMMON_FIELDS,
  },
  { additionalProperties: false },
);

export const recognitions = defineSubmitRoute({
  path: "/v1/recognitions",
  kind: "recognition",
  body: Recognition,
  declines: ["amount_mismatch", "reservation_not_found", "reservation_settled", "reservation_expired"],
  operationId: "recognizeByFields",
  detail: {
    tags: ["Reservations"],
    summary: "Recognize a reservation by its four fields",
    description: "Of the open reservations with exactly this amount, it takes the one with the earliest deadline.",
  },
});
