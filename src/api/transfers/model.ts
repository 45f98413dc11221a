import { t } from "elysia";
import { Amount, Comment, UserId } from "../fields.ts";

export const Transfer = t.Object(
  { fromUserId: UserId, toUserId: UserId, amount: Amount, comment: t.Optional(Comment) },
  { additionalProperties: false },
);
