import { Type } from "@sinclair/typebox";
import { Elysia, t } from "elysia";
import { type Authentication, insufficientScope } from "../auth/authentication.ts";
import type { RateLimit } from "../auth/rateLimit.ts";
import { NoQuery } from "../fields.ts";
import { readJson } from "../http/body.ts";
import { assertConnected } from "../http/connection.ts";
import { REPLAYED } from "../http/problems.ts";
import { requestIdOf } from "../http/requestId.ts";
import { answer, problemResponses, REFUSALS } from "../openapi/responses.ts";
import type { SubmittedKind } from "../operations/model.ts";
import { parseWait, SubmissionHeaders } from "../operations/submission.ts";
import { BatchAnswer } from "./answer.ts";
import { BATCH_OPERATIONS_MAX, BatchRequestBody, SCOPES } from "./model.ts";
import { parseBatch } from "./parse.ts";
import type { Batches } from "./service.ts";

type Answer = Awaited<ReturnType<Batches["submit"]>>["answer"];

/** POST /v1/batches */
export function batches(requireScope: Authentication, service: Batches, limitRate?: RateLimit) {
  return new Elysia().use(requireScope()).post(
    "/v1/batches",
    async ({ body, caller, scopes, request, headers, set }) => {
      const batch = parseBatch(body);
      for (const { operationRequest } of batch.items) {
        const scope = SCOPES[operationRequest.kind as SubmittedKind];
        if (!scopes.includes(scope)) throw insufficientScope(scope);
      }
      // `requireScope` has counted one already.
      if (batch.items.length > 1) await limitRate?.(caller, batch.items.length - 1);
      const waitSeconds = parseWait(headers.prefer);
      const { answer, isFinished, replayed } = await service.submit({
        ...batch,
        caller,
        requestId: requestIdOf(set),
        waitSeconds,
        assertConnected: () => assertConnected(request),
      });
      if (replayed) Object.assign(set.headers, REPLAYED);
      if (!isFinished) set.status = 202;
      else if (waitSeconds) set.headers["preference-applied"] = `wait=${waitSeconds}`;
      return answer;
    },
    {
      parse: readJson,
      headers: t.Pick(SubmissionHeaders, ["prefer"]),
      query: NoQuery,
      response: {
        200: answer(Type.Unsafe<Answer>(BatchAnswer)),
        202: answer(Type.Unsafe<Answer>(BatchAnswer)),
        ...problemResponses(
          ...REFUSALS,
          "body_too_large",
          "unsupported_media_type",
          "batch_aborted",
          "backpressure",
          "temporal_unavailable",
          "ledger_unavailable",
          "outcome_unknown",
        ),
      },
      detail: {
        operationId: "submitBatch",
        tags: ["Money"],
        summary: "Submit many operations in one request",
        description: `Up to ${BATCH_OPERATIONS_MAX} operations of any kind in one workflow, applied in order, each with its own key and outcome. \`atomic: true\` completes all of them or none. Each needs the scope of its kind.`,
        requestBody: { required: true, content: { "application/json": { schema: BatchRequestBody as object } } },
      },
    },
  );
}
