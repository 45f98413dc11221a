import { t } from "elysia";
import { Amount, COMMON_FIELDS, Comment, Source, UserId } from "../fields.ts";
import { defineSubmitRoute } from "./submitRoute.ts";

export const Deposit = t.Object(
  { userId: UserId, amount: Amount, comment: t.Optional(Comment), source: t.Optional(Source), ...COMMON_FIELDS },
  { additionalProperties: false },
);

export const deposits = defineSubmitRoute({
  path: "/v1/deposits",
  kind: "deposit",
  body: Deposit,
  declines: ["balance_limit_exceeded"],
  operationId: "deposit",
  detail: {
    tags: ["Money"],
    summary: "Credit a user",
    description: "Money that comes in from outside, for example from a card. The first credit creates the account.",
  },
});
