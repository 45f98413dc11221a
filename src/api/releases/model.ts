import { t } from "elysia";
import { Comment, OrderId, ServiceId, UserId } from "../fields.ts";

export const Release = t.Object(
  { userId: UserId, serviceId: ServiceId, orderId: OrderId, comment: t.Optional(Comment) },
  { additionalProperties: false },
);
