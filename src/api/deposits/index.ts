import { Elysia } from "elysia";
import type { Authentication } from "../auth/authentication.ts";
import { NoQuery } from "../fields.ts";
import { readJson } from "../http/body.ts";
import { submissionResponses } from "../operations/responses.ts";
import type { Operations } from "../operations/service.ts";
import { answerSubmission, SubmissionHeaders } from "../operations/submission.ts";
import { Deposit } from "./model.ts";

/** POST /v1/deposits */
export function deposits(requireScope: Authentication, operations: Operations) {
  return new Elysia()
    .use(requireScope("funds:write"))
    .post(
      "/v1/deposits",
      ({ body, caller, headers, set }) =>
        answerSubmission(operations, { kind: "deposit", request: body }, { caller, headers, set }),
      {
        parse: readJson,
        headers: SubmissionHeaders,
        query: NoQuery,
        body: Deposit,
        response: submissionResponses("deposit", Deposit, ["balance_limit_exceeded"]),
        detail: {
          operationId: "deposit",
          security: [{ bearer: ["funds:write"] }],
          tags: ["Money"],
          summary: "Credit a user",
          description:
            "Money that came from outside, from a card for example. Creates the account with the first credit.",
        },
      },
    );
}
