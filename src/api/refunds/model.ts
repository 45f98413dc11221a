import { t } from "elysia";
import { Amount, Comment, RecognitionId } from "../fields.ts";

export const Refund = t.Object(
  { recognitionId: RecognitionId, amount: t.Optional(Amount), comment: t.Optional(Comment) },
  { additionalProperties: false },
);
