import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import type { Authentication } from "../auth/authentication.ts";
import { answer, problemResponses, REFUSALS } from "../openapi/responses.ts";
import { ReportFile, ReportFilePath, ReportFileQuery, ReportQuery, RevenueReport } from "./model.ts";
import type { Reports } from "./service.ts";

const tags = ["Reports"];

/** GET /v1/reports/revenue, and the files that it links to. */
export function reports(requireScope: Authentication, service: Reports) {
  const closed = new Elysia().use(requireScope("reports:read")).get(
    "/v1/reports/revenue",
    ({ query, set }) => {
      set.headers["cache-control"] = "no-store";
      return service.read(query.month);
    },
    {
      query: ReportQuery,
      response: {
        200: answer(RevenueReport),
        ...problemResponses(...REFUSALS, "temporal_unavailable", "ledger_unavailable"),
      },
      detail: {
        operationId: "getRevenueReport",
        security: [{ bearer: ["reports:read"] }],
        tags,
        summary: "Read the revenue of a month",
        description:
          "The first request for a month that has ended closes it, and waits up to 10 s for that. From then on, its report never changes. Refunds count in the month in which they are made.",
      },
    },
  );
  const linked = new Elysia().get(
    "/v1/reports/revenue/:file",
    async ({ params, query }) => toFile(await service.download(params.file, query)),
    {
      params: ReportFilePath,
      query: ReportFileQuery,
      response: {
        200: answer(Type.Unsafe<Response>(ReportFile)),
        ...problemResponses(
          "invalid_request",
          "link_invalid",
          "link_expired",
          "temporal_unavailable",
          "ledger_unavailable",
        ),
      },
      detail: {
        operationId: "downloadRevenueReport",
        tags,
        summary: "Download the revenue of a month by a signed link",
        description: "CSV in UTF-8: `service name;total` in each line, semicolons, no header.",
        security: [],
      },
    },
  );
  return new Elysia().use(closed).use(linked);
}

function toFile({ month, csv }: { month: string; csv: Uint8Array }): Response {
  return new Response(csv, {
    headers: {
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": `attachment; filename="revenue-${month}.csv"`,
      "cache-control": "no-store",
    },
  });
}
