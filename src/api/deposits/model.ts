import { t } from "elysia";
import { Amount, Comment, Source, UserId } from "../fields.ts";

export const Deposit = t.Object(
  { userId: UserId, amount: Amount, comment: t.Optional(Comment), source: t.Optional(Source) },
  { additionalProperties: false },
);
