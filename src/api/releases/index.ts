import { Elysia } from "elysia";
import type { Authentication } from "../auth/authentication.ts";
import { NoQuery } from "../fields.ts";
import { readJson } from "../http/body.ts";
import { submissionResponses } from "../operations/responses.ts";
import type { Operations } from "../operations/service.ts";
import { answerSubmission, SubmissionHeaders } from "../operations/submission.ts";
import { Release } from "./model.ts";

/** POST /v1/releases */
export function releases(requireScope: Authentication, operations: Operations) {
  return new Elysia()
    .use(requireScope("reservations:write"))
    .post(
      "/v1/releases",
      ({ body, caller, headers, set }) =>
        answerSubmission(operations, { kind: "release", request: body }, { caller, headers, set }),
      {
        parse: readJson,
        headers: SubmissionHeaders,
        query: NoQuery,
        body: Release,
        response: submissionResponses("release", Release, [
          "reservation_ambiguous",
          "reservation_not_found",
          "reservation_settled",
          "reservation_expired",
        ]),
        detail: {
          operationId: "release",
          security: [{ bearer: ["reservations:write"] }],
          tags: ["Reservations"],
          summary: "Release a reservation by its three fields",
          description: "Takes the only open one; where several hold the same, the one that is due first.",
        },
      },
    );
}
