import { Elysia } from "elysia";
import type { Authentication } from "../auth/authentication.ts";
import { NoQuery } from "../fields.ts";
import { readJson } from "../http/body.ts";
import { submissionResponses } from "../operations/responses.ts";
import type { Operations } from "../operations/service.ts";
import { answerSubmission, SubmissionHeaders } from "../operations/submission.ts";
import { Withdrawal } from "./model.ts";

/** POST /v1/withdrawals */
export function withdrawals(requireScope: Authentication, operations: Operations) {
  return new Elysia()
    .use(requireScope("funds:write"))
    .post(
      "/v1/withdrawals",
      ({ body, caller, headers, set }) =>
        answerSubmission(operations, { kind: "withdrawal", request: body }, { caller, headers, set }),
      {
        parse: readJson,
        headers: SubmissionHeaders,
        query: NoQuery,
        body: Withdrawal,
        response: submissionResponses("withdrawal", Withdrawal, ["account_not_found", "insufficient_funds"]),
        detail: {
          operationId: "withdraw",
          security: [{ bearer: ["funds:write"] }],
          tags: ["Money"],
          summary: "Debit a user",
          description: "Money that leaves for the outside. Declined where the available balance does not cover it.",
        },
      },
    );
}
