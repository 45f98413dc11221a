import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import Negotiator from "negotiator";
import type { Authentication } from "../auth/authentication.ts";
import { type StreamOptions, streamFile } from "../http/streamedFile.ts";
import { answer, problemResponses, REFUSALS } from "../openapi/responses.ts";
import { TransactionList, TransactionsPath, TransactionsQuery } from "./model.ts";
import type { Transactions } from "./service.ts";

/** GET /v1/users/{userId}/transactions */
export function transactions(requireScope: Authentication, service: Transactions, streaming: StreamOptions) {
  return new Elysia().use(requireScope("balance:read")).get(
    "/v1/users/:userId/transactions",
    async ({ params, query, headers, set, request, server }) => {
      set.headers.vary = "Accept";
      if (!prefersCsv(headers)) return await service.list(params.userId, query);
      const pieces = await service.writeCsv(params.userId, query);
      return toFile(params.userId, streamFile(pieces, { request, server }, streaming));
    },
    {
      params: TransactionsPath,
      query: TransactionsQuery,
      response: {
        200: answer(Type.Unsafe<Awaited<ReturnType<Transactions["list"]>> | Response>(TransactionList)),
        ...problemResponses(...REFUSALS, "invalid_cursor", "account_unknown", "ledger_unavailable"),
      },
      detail: {
        operationId: "listTransactions",
        security: [{ bearer: ["balance:read"] }],
        tags: ["Statement"],
        summary: "List the entries of a user's account",
        description:
          "Send `nextCursor` as `cursor`, with the same order and filters, until it is null. Pages neither skip nor repeat an entry while new entries arrive; a list that starts again includes these. With `Accept: text/csv` the answer is the whole statement, without `limit` and `cursor`.",
      },
    },
  );
}

const CSV_TYPE = "text/csv; charset=utf-8; header=present";

/** The forms of a statement, the default first. A range with parameters matches only a form that has them. */
const FORMS = [
  ...["application/json", "application/json; charset=utf-8"],
  ...["text/csv", "text/csv; charset=utf-8", "text/csv; header=present", CSV_TYPE],
];

/** Whether the caller prefers CSV to JSON (RFC 9110, §12.5.1). A caller that accepts neither gets JSON. */
function prefersCsv(headers: Record<string, string | undefined>): boolean {
  return new Negotiator({ headers }).mediaType(FORMS)?.startsWith("text/csv") ?? false;
}

/** Windows has no colon in the name of a file. */
function toFile(userId: string, csv: ReadableStream<Uint8Array>): Response {
  return new Response(csv, {
    headers: {
      "content-type": CSV_TYPE,
      "content-disposition": `attachment; filename="statement-${userId.replaceAll(":", "_")}.csv"`,
    },
  });
}
