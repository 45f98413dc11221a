import { Elysia } from "elysia";
import type { Authentication } from "../auth/authentication.ts";
import { NoQuery } from "../fields.ts";
import { readJson } from "../http/body.ts";
import { submissionResponses } from "../operations/responses.ts";
import type { Operations } from "../operations/service.ts";
import { answerSubmission, SubmissionHeaders } from "../operations/submission.ts";
import { Refund } from "./model.ts";

/** POST /v1/refunds */
export function refunds(requireScope: Authentication, operations: Operations) {
  return new Elysia()
    .use(requireScope("funds:write"))
    .post(
      "/v1/refunds",
      ({ body, caller, headers, set }) =>
        answerSubmission(operations, { kind: "refund", request: body }, { caller, headers, set }),
      {
        parse: readJson,
        headers: SubmissionHeaders,
        query: NoQuery,
        body: Refund,
        response: submissionResponses("refund", Refund, [
          "recognition_not_found",
          "exceeds_recognized",
          "balance_limit_exceeded",
        ]),
        detail: {
          operationId: "refund",
          security: [{ bearer: ["funds:write"] }],
          tags: ["Reservations"],
          summary: "Give recognized money back to the user",
          description: "All that is not yet refunded, or a part; repeatable, never more in all than was recognized.",
        },
      },
    );
}
