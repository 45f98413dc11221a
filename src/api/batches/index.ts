import { Type } from "@sinclair/typebox";
import { Elysia, t } from "elysia";
import { type Authentication, assertScope } from "../auth/authentication.ts";
import type { RateLimit } from "../auth/rateLimit.ts";
import { NoQuery } from "../fields.ts";
import { jsonBody } from "../http/body.ts";
import { assertConnected } from "../http/connection.ts";
import { ASK_AGAIN, parsePrefer, preferenceApplied } from "../http/preferences.ts";
import { REPLAYED } from "../http/problems.ts";
import { requestIdOf } from "../http/requestId.ts";
import { answer, problemResponses, REFUSALS } from "../openapi/responses.ts";
import type { SubmittedKind } from "../operations/model.ts";
import { SCOPES, WRITE_SCOPES } from "../operations/scopes.ts";
import { SubmissionHeaders } from "../operations/submission.ts";
import { BatchAnswer } from "./answer.ts";
import { BATCH_OPERATIONS_MAX, BatchRequestBody } from "./model.ts";
import { parseBatch } from "./parse.ts";
import type { Batches } from "./service.ts";

type Answer = Awaited<ReturnType<Batches["submit"]>>["answer"];

export type BatchDependencies = {
  requireScope: Authentication;
  batches: Batches;
  limitRate: RateLimit | undefined;
  defaultWaitSeconds: number;
};

/** POST /v1/batches */
export function batches({ requireScope, batches, limitRate, defaultWaitSeconds }: BatchDependencies) {
  return new Elysia().use(requireScope(...WRITE_SCOPES)).post(
    "/v1/batches",
    async ({ body, caller, scopes, request, headers, set }) => {
      const batch = parseBatch(body);
      for (const { operationRequest } of batch.items) {
        assertScope(scopes, SCOPES[operationRequest.kind as SubmittedKind]);
      }
      // `requireScope` has counted one already.
      if (batch.items.length > 1) await limitRate?.(caller, batch.items.length - 1);
      const preferences = parsePrefer(headers.prefer, defaultWaitSeconds);
      const { answer, isFinished, replayed } = await batches.submit({
        ...batch,
        caller,
        requestId: requestIdOf(set),
        waitSeconds: preferences.waitSeconds,
        assertConnected: () => assertConnected(request),
      });
      Object.assign(set.headers, preferenceApplied(preferences, !isFinished), replayed && REPLAYED);
      if (!isFinished) {
        set.status = 202;
        const location = `/v1/operations?workflowId=${encodeURIComponent(answer.workflowId)}`;
        Object.assign(set.headers, ASK_AGAIN, { location });
      }
      return answer;
    },
    {
      ...jsonBody,
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
        security: WRITE_SCOPES.map((scope) => ({ bearer: [scope] })),
        tags: ["Money"],
        summary: "Submit many operations in one request",
        description: `Up to ${BATCH_OPERATIONS_MAX} operations of any kind in one workflow, applied in order, each with its own key and outcome. \`atomic: true\` completes all of them or none. Each operation needs the scope of its kind.`,
        requestBody: { required: true, content: { "application/json": { schema: BatchRequestBody as object } } },
      },
    },
  );
}
