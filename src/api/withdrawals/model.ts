import { t } from "elysia";
import { Amount, Comment, Destination, UserId } from "../fields.ts";

export const Withdrawal = t.Object(
  { userId: UserId, amount: Amount, comment: t.Optional(Comment), destination: t.Optional(Destination) },
  { additionalProperties: false },
);
