import { Elysia } from "elysia";
import type { Authentication } from "../auth/authentication.ts";
import { NoQuery } from "../fields.ts";
import { readJson } from "../http/body.ts";
import { submissionResponses } from "../operations/responses.ts";
import type { Operations } from "../operations/service.ts";
import { answerSubmission, SubmissionHeaders } from "../operations/submission.ts";
import { Recognition } from "./model.ts";

/** POST /v1/recognitions */
export function recognitions(requireScope: Authentication, operations: Operations) {
  return new Elysia()
    .use(requireScope("reservations:write"))
    .post(
      "/v1/recognitions",
      ({ body, caller, headers, set }) =>
        answerSubmission(operations, { kind: "recognition", request: body }, { caller, headers, set }),
      {
        parse: readJson,
        headers: SubmissionHeaders,
        query: NoQuery,
        body: Recognition,
        response: submissionResponses("recognition", Recognition, [
          "amount_mismatch",
          "reservation_not_found",
          "reservation_settled",
          "reservation_expired",
        ]),
        detail: {
          operationId: "recognize",
          security: [{ bearer: ["reservations:write"] }],
          tags: ["Reservations"],
          summary: "Recognize a reservation by its four fields",
          description: "Of the open reservations that hold exactly this amount it takes the one that is due first.",
        },
      },
    );
}
