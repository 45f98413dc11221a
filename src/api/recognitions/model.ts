import { t } from "elysia";
import { Amount, Comment, OrderId, ServiceId, UserId } from "../fields.ts";

export const Recognition = t.Object(
  { userId: UserId, serviceId: ServiceId, orderId: OrderId, amount: Amount, comment: t.Optional(Comment) },
  { additionalProperties: false },
);
