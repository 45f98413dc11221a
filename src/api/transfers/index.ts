import { Elysia } from "elysia";
import type { Authentication } from "../auth/authentication.ts";
import { NoQuery } from "../fields.ts";
import { readJson } from "../http/body.ts";
import { Problem } from "../http/problems.ts";
import { submissionResponses } from "../operations/responses.ts";
import type { Operations } from "../operations/service.ts";
import { answerSubmission, SubmissionHeaders } from "../operations/submission.ts";
import { Transfer, transferErrors } from "./model.ts";

/** POST /v1/transfers */
export function transfers(requireScope: Authentication, operations: Operations) {
  return new Elysia().use(requireScope("funds:write")).post(
    "/v1/transfers",
    ({ body, caller, headers, set }) => {
      const errors = transferErrors(body);
      if (errors.length > 0) throw new Problem("invalid_request", { extensions: { errors } });
      return answerSubmission(operations, { kind: "transfer", request: body }, { caller, headers, set });
    },
    {
      parse: readJson,
      headers: SubmissionHeaders,
      query: NoQuery,
      body: Transfer,
      response: submissionResponses("transfer", Transfer, [
        "account_not_found",
        "insufficient_funds",
        "balance_limit_exceeded",
      ]),
      detail: {
        operationId: "transfer",
        security: [{ bearer: ["funds:write"] }],
        tags: ["Money"],
        summary: "Move money from one user to another",
        description:
          "One transaction: the debit and the credit happen together or not at all. Creates the receiver's account.",
      },
    },
  );
}
