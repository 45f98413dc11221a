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
        summary: "List the entries of a user's account",
        description:
          "Send `nextCursor` as `cursor`, with the same order and filters, until it is null. Pages neither skip nor repeat an entry while new entries arrive; a list that starts again includes these.",
      },
    });
}
