import { t } from "elysia";
import { Amount, COMMON_FIELDS, Comment, UserId } from "../fields.ts";
import type { FieldError } from "../http/problems.ts";
import { defineSubmitRoute } from "./submitRoute.ts";

/** Has another example than the sender: the request in the API document must be valid. */
const ReceiverId = t.String({ ...UserId, title: "ReceiverId", examples: ["boris"] });

export const Transfer = t.Object(
  { fromUserId: UserId, toUserId: ReceiverId, amount: Amount, comment: t.Optional(Comment), ...COMMON_FIELDS },
  { additionalProperties: false },
);

/** The receiver must differ from the sender, which no schema can express. */
export function transferErrors({ fromUserId, toUserId }: { fromUserId: string; toUserId: string }): FieldError[] {
  return fromUserId === toUserId ? [{ field: "toUserId", message: "must be another user than fromUserId" }] : [];
}

export const transfers = defineSubmitRoute({
  path: "/v1/transfers",
  kind: "transfer",
  body: Transfer,
  check: transferErrors,
  declines: ["account_not_found", "insufficient_funds", "balance_limit_exceeded"],
  operationId: "transfer",
  detail: {
    tags: ["Money"],
    summary: "Move money from one user to another",
    description:
      "One transaction: the debit and the credit happen together or not at all. Creates the receiver's account.",
  },
});
