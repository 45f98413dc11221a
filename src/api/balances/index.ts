import { Elysia } from "elysia";
import type { Authentication } from "../auth/authentication.ts";
import { answer, problemResponses, REFUSALS } from "../openapi/responses.ts";
import { BalancePath, BalanceQuery, UserBalance } from "./model.ts";
import type { Balances } from "./service.ts";

/** GET /v1/users/{userId}/balance */
export function balances(requireScope: Authentication, service: Balances) {
  return new Elysia()
    .use(requireScope("balance:read"))
    .get(
      "/v1/users/:userId/balance",
      async ({ params, query }) =>
        query.at === undefined
          ? await service.read(params.userId, query.consistency === "strong")
          : await service.readAt(params.userId, query.at),
      {
        params: BalancePath,
        query: BalanceQuery,
        response: {
          200: answer(UserBalance),
          ...problemResponses(...REFUSALS, "account_unknown", "ledger_unavailable"),
        },
        detail: {
          operationId: "getBalance",
          security: [{ bearer: ["balance:read"] }],
          tags: ["Balances"],
          summary: "Read the balance of a user",
          description:
            "From the cache, which lags behind the ledger by milliseconds. `consistency=strong` reads the ledger. `at` reads the balance of a past time, which never changes afterwards.",
        },
      },
    );
}
