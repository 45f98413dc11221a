import { t } from "elysia";
import { Amount, COMMON_FIELDS, Comment, Destination, UserId } from "../fields.ts";
import { defineSubmitRoute } from "./submitRoute.ts";

export const Withdrawal = t.Object(
  {
    userId: UserId,
    amount: Amount,
    comment: t.Optional(Comment),
    destination: t.Optional(Destination),
    ...COMMON_FIELDS,
  },
  { additionalProperties: false },
);

export const withdrawals = defineSubmitRoute({
  path: "/v1/withdrawals",
  kind: "withdrawal",
  body: Withdrawal,
  declines: ["account_not_found", "insufficient_funds"],
  operationId: "withdraw",
  detail: {
    tags: ["Money"],
    summary: "Debit a user",
    description:
      "Money that is paid out, for example to a card. Declined where the available balance does not cover it.",
  },
});
