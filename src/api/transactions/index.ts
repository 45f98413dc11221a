import { Elysia } from "elysia";
import type { Authentication } from "../auth/authentication.ts";
import { answer, problemResponses, REFUSALS } from "../openapi/responses.ts";
import { TransactionList, TransactionsPath, TransactionsQuery } from "./model.ts";
import type { Transactions } from "./service.ts";

/** GET /v1/users/{userId}/transactions */
export function transactions(requireScope: Authentication, service: Transactions) {
  return new Elysia()
    .use(requireScope("balance:read"))
    .get("/v1/users/:userId/transactions", ({ params, query }) => service.list(params.userId, query), {
      params: TransactionsPath,
      query: TransactionsQuery,
      response: {
        200: answer(TransactionList),
        ...problemResponses(...REFUSALS, "invalid_cursor", "account_unknown", "ledger_unavailable"),
      },
      detail: {
        operationId: "listTransactions",
        security: [{ bearer: ["balance:read"] }],
        tags: ["Statement"],
        summary: "What a user was charged for, and everything else that happened to the money",
        description:
          "Page by page: send `nextCursor` as `cursor`, with the same order and filters, until it is null. Pages neither skip nor repeat while new entries arrive; these are found from the beginning.",
      },
    });
}
