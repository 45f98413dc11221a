import { expect, test } from "bun:test";
import { deriveOperationId } from "../../src/ledger/operationId.ts";
import { get, post } from "../support/api/client.ts";
import { userWith } from "../support/api/funds.ts";
import { reserve, settle } from "../support/api/reservations.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { connectOwner } from "../support/stack/owner.ts";

const ALMOST_FULL = "89999999999999910.00";

/**
 * Creates a user 90.00 below the account limit by one deposit above the API's maximum. 9,000 deposits of the maximum
 * would take minutes. The rows are those that `post` writes, including the outbox row, whose event the next sweep
 * publishes.
 */
async function almostFullUser(): Promise<string> {
  const userId = uniqueUserId("rich");
  const amountMinor = ALMOST_FULL.replace(".", "");
  await using owner = await connectOwner();
  await owner.query("begin");
  await owner.query(
    "insert into accounts (user_id, available_minor, version, last_entry_at) values ($1, $2, 1, now())",
    [userId, amountMinor],
  );
  const operationId = deriveOperationId("test", userId);
  await owner.query(
    `insert into operations
       (id, caller, idempotency_key, workflow_id, kind, request, status, created_at, completed_at, user_id, version)
     values ($3, 'test', $1, $1, 'deposit', $2, 'completed', now(), now(), $1, 1)`,
    [userId, { userId, amount: ALMOST_FULL }, operationId],
  );
  await owner.query(
    `insert into entries
       (user_id, version, operation_id, kind, amount_minor, available_delta_minor, reserved_delta_minor,
        available_after_minor, reserved_after_minor, created_at, month)
     values ($1, 1, $2, 'deposit', $3, $3, 0, $3, 0, now(), date_trunc('month', now()))`,
    [userId, operationId, amountMinor],
  );
  await owner.query(
    "insert into outbox (workflow_id, operation_ids, created_at) values ($1, array[$2::uuid], now() - interval '1 hour')",
    [userId, operationId],
  );
  await owner.query("commit");
  return userId;
}

test("an account holds up to 90000000000000000.00, and a credit beyond that moves neither side", async () => {
  const rich = await almostFullUser();
  const payer = await userWith("100.00");
  const deposit = (amount: string) => post("/v1/deposits", { userId: rich, amount }, { wait: 20 });
  const transfer = (amount: string) =>
    post("/v1/transfers", { fromUserId: payer, toUserId: rich, amount }, { wait: 20 });

  expect((await deposit("90.01")).body.code).toBe("balance_limit_exceeded");
  expect((await transfer("90.01")).body.code).toBe("balance_limit_exceeded");
  expect((await transfer("40.00")).body.balance.available).toBe("60.00");
  const full = await deposit("50.00");
  expect(full.body.balance).toEqual({ available: "90000000000000000.00", reserved: "0.00", version: 3 });

  expect((await deposit("0.01")).body.code).toBe("balance_limit_exceeded");
  expect((await transfer("0.01")).body.code).toBe("balance_limit_exceeded");
  for (const query of ["", "?consistency=strong"]) {
    const { body } = await get(`/v1/users/${rich}/balance${query}`);
    expect(body).toMatchObject({ available: "90000000000000000.00", version: 3 });
  }
  const paid = await post("/v1/withdrawals", { userId: rich, amount: "9999999999999.99" }, { wait: 20 });
  expect(paid.body.balance.available).toBe("89990000000000000.01");
  expect((await get(`/v1/users/${payer}/balance`)).body.available).toBe("60.00");
});

test("a refund to a full account is declined, and a new one completes once there is room", async () => {
  const rich = await almostFullUser();
  const { reservationId } = await reserve(rich, "50.00");
  const { operationId: recognitionId } = await settle(reservationId, "recognitions");
  const refund = () => post("/v1/refunds", { recognitionId }, { wait: 20 });
  await post("/v1/deposits", { userId: rich, amount: "100.00" }, { wait: 20 });
  const declined = await refund();
  expect([declined.status, declined.body.code]).toEqual([422, "balance_limit_exceeded"]);
  await post("/v1/withdrawals", { userId: rich, amount: "10.00" }, { wait: 20 });
  expect((await refund()).body).toMatchObject({ amount: "50.00", balance: { available: "90000000000000000.00" } });
});

test("the reserved amount counts towards the limit, and returns to a full account nevertheless", async () => {
  const rich = await almostFullUser();
  const { reservationId } = await reserve(rich, "50.00");
  const deposit = (amount: string) => post("/v1/deposits", { userId: rich, amount }, { wait: 20 });
  expect((await deposit("90.01")).body.code).toBe("balance_limit_exceeded");
  expect((await deposit("90.00")).status).toBe(200);
  const released = await settle(reservationId, "releases");
  expect(released.balance).toMatchObject({ available: "90000000000000000.00", reserved: "0.00" });
});
