import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import type { Authentication } from "../auth/authentication.ts";
import { parsePrefer, preferenceApplied } from "../http/preferences.ts";
import { answer, problemResponses, REFUSALS } from "../openapi/responses.ts";
import { Operation, OperationHeaders, OperationList, OperationPath, OperationQuery, OperationsQuery } from "./model.ts";
import { LEADING_FILTERS, type OperationSearch } from "./search.ts";
import type { Operations } from "./service.ts";
import type { OperationBody } from "./view.ts";

/** GET /v1/operations/{operationId}, GET /v1/operations */
export function operations(requireScope: Authentication, service: Operations, search: OperationSearch) {
  return new Elysia().use(readOne(requireScope, service)).use(list(requireScope, search));
}

function list(requireScope: Authentication, search: OperationSearch) {
  return new Elysia()
    .use(requireScope("operations:read"))
    .get("/v1/operations", ({ query, caller }) => search.list(query, caller), {
      query: OperationsQuery,
      response: {
        200: answer(Type.Unsafe<Awaited<ReturnType<OperationSearch["list"]>>>(OperationList)),
        ...problemResponses(...REFUSALS, "invalid_cursor", "ledger_unavailable"),
      },
      detail: {
        operationId: "listOperations",
        security: [{ bearer: ["operations:read"] }],
        tags: ["Operations"],
        summary: "Find operations of all users, the newest first",
        description: `Completed and declined ones that match all filters. Needs one of ${LEADING_FILTERS.map((name) => `\`${name}\``).join(", ")}. A page may have fewer items than \`limit\` before the last one, where few operations match.`,
      },
    });
}

function readOne(requireScope: Authentication, service: Operations) {
  return new Elysia().use(requireScope("balance:read")).get(
    "/v1/operations/:operationId",
    async ({ params, query, headers, set }) => {
      const preferences = parsePrefer(headers.prefer, 0);
      const operation = await service.find(params.operationId, query.workflowId, preferences.waitSeconds);
      Object.assign(set.headers, preferenceApplied(preferences, false));
      return operation;
    },
    {
      params: OperationPath,
      query: OperationQuery,
      headers: OperationHeaders,
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
    },
  );
}
