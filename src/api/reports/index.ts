import { Type } from "@sinclair/typebox";
import { Elysia, type TSchema } from "elysia";
import type { Authentication } from "../auth/authentication.ts";
import { type Connection, type StreamOptions, streamFile } from "../http/streamedFile.ts";
import { answer, problemResponses, REFUSALS } from "../openapi/responses.ts";
import {
  BalancesFile,
  BalancesQuery,
  BalancesReport,
  ReportFilePath,
  ReportFileQuery,
  RevenueFile,
  RevenueQuery,
  RevenueReport,
} from "./model.ts";
import type { Reports } from "./service.ts";

const tags = ["Reports"];

const reading = { tags, security: [{ bearer: ["reports:read"] }] };

const WHEN_FINAL =
  "The first request for a month that has ended closes it, and waits up to 10 s for that. From then on, its report never changes.";

const readingProblems = problemResponses(...REFUSALS, "temporal_unavailable", "ledger_unavailable");

/** GET /v1/reports/revenue and /v1/reports/balances, and the files that they link to. */
export function reports(requireScope: Authentication, service: Reports, streaming: StreamOptions) {
  const closed = new Elysia()
    .use(requireScope("reports:read"))
    .get(
      "/v1/reports/revenue",
      ({ query, set }) => {
        set.headers["cache-control"] = "no-store";
        return service.readRevenue(query.month, query.detail);
      },
      {
        query: RevenueQuery,
        response: { 200: answer(RevenueReport), ...readingProblems },
        detail: {
          ...reading,
          operationId: "getRevenueReport",
          summary: "Read the revenue of a month",
          description: `${WHEN_FINAL} Refunds count in the month in which they are made. The file has one line for each service, or with \`detail=orders\` one for each recognition and refund.`,
        },
      },
    )
    .get(
      "/v1/reports/balances",
      ({ query, set }) => {
        set.headers["cache-control"] = "no-store";
        return service.readBalances(query.month);
      },
      {
        query: BalancesQuery,
        response: { 200: answer(BalancesReport), ...readingProblems },
        detail: {
          ...reading,
          operationId: "getBalancesReport",
          summary: "Read the money owed to users before and after a month",
          description: `${WHEN_FINAL} opening + deposits − withdrawals − revenue + refunds = closing, and revenue − refunds is the total of the revenue report.`,
        },
      },
    );
  return new Elysia().use(closed).use(
    new Elysia()
      .get(
        "/v1/reports/revenue/:file",
        async ({ params, query, request, server }) =>
          toFile(await service.download(`revenue/${params.file}`, query), { request, server }, streaming),
        linked(RevenueFile, {
          operationId: "downloadRevenueReport",
          summary: "Download the revenue of a month by a signed link",
          description:
            "CSV in UTF-8 with semicolons: `service name;total` in each line, no header. Of orders, a header and `service id;service name;order;user;operation;amount;time`.",
        }),
      )
      .get(
        "/v1/reports/balances/:file",
        async ({ params, query, request, server }) =>
          toFile(await service.download(`balances/${params.file}`, query), { request, server }, streaming),
        linked(BalancesFile, {
          operationId: "downloadBalancesReport",
          summary: "Download the balances of a month by a signed link",
          description: "CSV in UTF-8 with semicolons: a header and one line.",
        }),
      ),
  );
}

/** The schemas and the documentation of a file by its link. */
function linked(file: TSchema, detail: { operationId: string; summary: string; description: string }) {
  return {
    params: ReportFilePath,
    query: ReportFileQuery,
    response: {
      200: answer(Type.Unsafe<Response>(file)),
      ...problemResponses(
        "invalid_request",
        "link_invalid",
        "link_expired",
        "temporal_unavailable",
        "ledger_unavailable",
      ),
    },
    detail: { ...detail, tags, security: [] },
  };
}

type Download = Awaited<ReturnType<Reports["download"]>>;

function toFile({ name, body }: Download, connection: Connection, streaming: StreamOptions): Response {
  return new Response(body instanceof Uint8Array ? body : streamFile(body, connection, streaming), {
    headers: {
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": `attachment; filename="${name}"`,
      "cache-control": "no-store",
    },
  });
}
