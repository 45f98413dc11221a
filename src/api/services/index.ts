import { Elysia } from "elysia";
import type { Authentication } from "../auth/authentication.ts";
import { NoQuery } from "../fields.ts";
import { jsonBody } from "../http/body.ts";
import { assertConnected } from "../http/connection.ts";
import { answer, problemResponses, REFUSALS } from "../openapi/responses.ts";
import { NamedService, ServiceList, ServiceNaming, ServicePath, ServicesQuery } from "./model.ts";
import type { Services } from "./service.ts";

const tags = ["Services"];

/** PUT /v1/services/{serviceId}, GET /v1/services */
export function services(requireScope: Authentication, service: Services) {
  const writes = new Elysia().use(requireScope("reservations:write")).put(
    "/v1/services/:serviceId",
    async ({ params, body, request }) => {
      await assertConnected(request);
      return await service.name({ ...params, ...body });
    },
    {
      ...jsonBody,
      params: ServicePath,
      query: NoQuery,
      body: ServiceNaming,
      response: {
        200: answer(NamedService),
        ...problemResponses(...REFUSALS, "body_too_large", "unsupported_media_type", "ledger_unavailable"),
      },
      detail: {
        operationId: "nameService",
        security: [{ bearer: ["reservations:write"] }],
        tags,
        summary: "Name or rename a service",
        description:
          "The name applies from now on: statements show the present name, closed months keep theirs. Safe to repeat. A `serviceName` in a reservation names a service without a name, and never renames one.",
      },
    },
  );
  const reads = new Elysia().use(requireScope()).get("/v1/services", ({ query }) => service.list(query), {
    query: ServicesQuery,
    response: {
      200: answer(ServiceList),
      ...problemResponses("invalid_request", "invalid_cursor", "unauthenticated", "ledger_unavailable"),
    },
    detail: { operationId: "listServices", tags, summary: "List the services that have names, in the order of ids" },
  });
  return new Elysia().use(writes).use(reads);
}
