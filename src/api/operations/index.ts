import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import type { Authentication } from "../auth/authentication.ts";
import { answer, problemResponses, REFUSALS } from "../openapi/responses.ts";
import { Operation, OperationPath, OperationQuery } from "./model.ts";
import type { Operations } from "./service.ts";
import type { OperationBody } from "./view.ts";

/** GET /v1/operations/{operationId} */
export function operations(requireScope: Authentication, service: Operations) {
  return new Elysia()
    .use(requireScope("balance:read"))
    .get("/v1/operations/:operationId", ({ params, query }) => service.find(params.operationId, query.workflowId), {
      params: OperationPath,
      query: OperationQuery,
      response: {
        200: answer(Type.Unsafe<OperationBody>(Operation)),
        ...problemResponses(...REFUSALS, "operation_unknown", "temporal_unavailable", "ledger_unavailable"),
      },
      detail: {
        operationId: "getOperation",
        security: [{ bearer: ["balance:read"] }],
        tags: ["Operations"],
        summary: "Read the state of an operation",
        description:
          "Its outcome in the ledger, or `pending` while the workflow named in the query is running. 404 is no proof of failure: repeat the POST with the same key.",
      },
    });
}
