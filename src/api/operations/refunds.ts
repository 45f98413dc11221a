import { t } from "elysia";
import { Amount, COMMON_FIELDS, Comment, GivenRecognitionId } from "../fields.ts";
import { defineSubmitRoute } from "./submitRoute.ts";

export const Refund = t.Object(
  { recognitionId: GivenRecognitionId, amount: t.Optional(Amount), comment: t.Optional(Comment), ...COMMON_FIELDS },
  { additionalProperties: false },
);

export const refunds = defineSubmitRoute({
  path: "/v1/refunds",
  kind: "refund",
  body: Refund,
  declines: ["recognition_not_found", "exceeds_recognized", "balance_limit_exceeded"],
  operationId: "refund",
  detail: {
    tags: ["Reservations"],
    summary: "Refund recognized money to the user",
    description: "All that is not refunded yet, or a part. Repeatable; the sum never exceeds the recognized amount.",
  },
});
