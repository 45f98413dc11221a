import { Elysia, type ValidationError } from "elysia";
import type { Pool } from "pg";
import type { Authentication } from "../../../src/api/auth/authentication.ts";
import { BalancePath } from "../../../src/api/balances/model.ts";
import { Problem, toProblemResponse } from "../../../src/api/http/problems.ts";
import { Deposit } from "../../../src/api/operations/deposits.ts";
import { RecognitionOfReservation, Reservation, ReservationPath } from "../../../src/api/operations/reservations.ts";
import { SubmissionHeaders } from "../../../src/api/operations/submission.ts";
import { Transfer } from "../../../src/api/operations/transfers.ts";
import { createOperationView, toBalanceView } from "../../../src/api/operations/view.ts";
import { Withdrawal } from "../../../src/api/operations/withdrawals.ts";
import { formatAmount, parseAmount } from "../../../src/ledger/money.ts";
import { deriveOperationId } from "../../../src/ledger/operationId.ts";
import { differingFields, type RequestOfKind } from "../../../src/ledger/operations.ts";
import { readBalance } from "../../../src/postgres/reading/balances.ts";
import { post } from "./ledger.ts";

type Context = { caller: string; headers: Record<string, string | undefined> };

/** The routes that the benchmark compares, as short as a correct service can be. */
export function createPlainServer(requireScope: Authentication, pool: Pool, defaultTtlSeconds: number) {
  const view = createOperationView("", "RUB");

  async function submit(request: RequestOfKind, { caller, headers }: Context) {
    const idempotencyKey = headers["idempotency-key"];
    if (!idempotencyKey) throw new Problem("idempotency_key_required");
    const operationId = deriveOperationId(caller, idempotencyKey);
    const operation = {
      operationId,
      caller,
      idempotencyKey,
      acceptedAt: new Date().toISOString(),
      ...normalize(request),
    };
    const stored = await post(pool, operation, defaultTtlSeconds);
    const fields = differingFields(operation, stored);
    if (fields.length > 0)
      throw new Problem("idempotency_payload_mismatch", { extensions: { differingFields: fields } });
    if (stored.decline) throw new Problem(stored.decline.code, { extensions: { operationId } });
    return view.finished(stored);
  }

  const funds = new Elysia()
    .use(requireScope("funds:write"))
    .post("/v1/deposits", ({ body, ...context }) => submit({ kind: "deposit", request: body }, context), {
      headers: SubmissionHeaders,
      body: Deposit,
    })
    .post("/v1/withdrawals", ({ body, ...context }) => submit({ kind: "withdrawal", request: body }, context), {
      headers: SubmissionHeaders,
      body: Withdrawal,
    })
    .post(
      "/v1/transfers",
      ({ body, ...context }) => {
        if (body.fromUserId === body.toUserId) throw new Problem("invalid_request");
        return submit({ kind: "transfer", request: body }, context);
      },
      { headers: SubmissionHeaders, body: Transfer },
    );

  const reservations = new Elysia()
    .use(requireScope("reservations:write"))
    .post("/v1/reservations", ({ body, ...context }) => submit({ kind: "reservation", request: body }, context), {
      headers: SubmissionHeaders,
      body: Reservation,
    })
    .post(
      "/v1/reservations/:reservationId/recognitions",
      ({ body, params, ...context }) => submit({ kind: "recognition", request: { ...params, ...body } }, context),
      { headers: SubmissionHeaders, params: ReservationPath, body: RecognitionOfReservation },
    );

  const balances = new Elysia().use(requireScope("balance:read")).get(
    "/v1/users/:userId/balance",
    async ({ params }) => {
      const balance = await readBalance(pool, params.userId);
      if (!balance) throw new Problem("account_unknown");
      return { userId: balance.userId, ...toBalanceView(balance), asOf: balance.asOf.toISOString(), source: "ledger" };
    },
    { params: BalancePath },
  );

  return new Elysia({ normalize: false })
    .onError(({ code, error, request }) => toProblemResponse(toProblem(code, error), new URL(request.url).pathname))
    .get("/readyz", async () => void (await pool.query("select")))
    .use(funds)
    .use(reservations)
    .use(balances);
}

function normalize<OfKind extends RequestOfKind>(ofKind: OfKind): OfKind {
  const { request } = ofKind;
  if (!("amount" in request) || request.amount === undefined) return ofKind;
  return { ...ofKind, request: { ...request, amount: formatAmount(parseAmount(request.amount)) } };
}

function toProblem(code: unknown, error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (code === "NOT_FOUND") return new Problem("not_found");
  if (code === "PARSE" || (code === "VALIDATION" && (error as ValidationError).type !== "response")) {
    return new Problem("invalid_request");
  }
  return new Problem("internal", { cause: error });
}
