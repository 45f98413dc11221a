import { expect, test } from "bun:test";
import type { ProblemCode } from "../../src/api/http/problems.ts";
import { get, post } from "../support/api/client.ts";
import { availableOf, userWith } from "../support/api/funds.ts";
import { expectProblem } from "../support/api/problem.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { eventually } from "../support/waiting.ts";

type Declined = { name: string; path: string; body: Record<string, string>; code: ProblemCode };

const poor = await userWith("9.99", "poor");
const declined: Declined[] = [
  {
    name: "a withdrawal beyond the balance",
    path: "/v1/withdrawals",
    body: { userId: poor, amount: "10.00", comment: "Too much", destination: "card" },
    code: "insufficient_funds",
  },
  {
    name: "a transfer beyond the balance",
    path: "/v1/transfers",
    body: { fromUserId: poor, toUserId: uniqueUserId("to"), amount: "10.00" },
    code: "insufficient_funds",
  },
  {
    name: "a withdrawal from a user without a credit",
    path: "/v1/withdrawals",
    body: { userId: uniqueUserId("unknown"), amount: "10.00" },
    code: "account_not_found",
  },
  {
    name: "a transfer from a user without a credit",
    path: "/v1/transfers",
    body: { fromUserId: uniqueUserId("unknown"), toUserId: poor, amount: "10.00" },
    code: "account_not_found",
  },
];

test.each(declined)(
  "$name is declined with the same response every time, and moves nothing",
  async ({ path, body, code }) => {
    const key = crypto.randomUUID();
    const first = await post(path, body, { key, wait: 20 });
    const { operationId, workflowId } = first.body;
    expectProblem(first, code, path, { operationId, workflowId });
    expect(first.headers.get("idempotency-replayed")).toBeNull();

    for (const wait of [20, undefined]) {
      const again = await post(path, body, { key, ...(wait && { wait }) });
      expectProblem(again, code, path, { operationId, workflowId });
      expect(again.headers.get("idempotency-replayed")).toBe("true");
    }

    const found = await get(`/v1/operations/${operationId}`);
    expect(found.status).toBe(200);
    expect(found.body).toMatchObject({ operationId, workflowId, status: "declined", code, ...body });
    expect(found.body.balance).toBeUndefined();

    expect(await availableOf(poor)).toBe("9.99");
    for (const other of [body.userId, body.toUserId, body.fromUserId]) {
      if (other !== undefined && other !== poor) expect(await availableOf(other)).toBeUndefined();
    }
  },
);

test("a decline is final: after a deposit a new attempt needs a new key", async () => {
  const userId = await userWith("1.00");
  const key = crypto.randomUUID();
  const body = { userId, amount: "2.00" };
  expect((await post("/v1/withdrawals", body, { key, wait: 20 })).body.code).toBe("insufficient_funds");
  await post("/v1/deposits", { userId, amount: "5.00" }, { wait: 20 });
  expect((await post("/v1/withdrawals", body, { key, wait: 20 })).body.code).toBe("insufficient_funds");
  expect((await post("/v1/withdrawals", body, { wait: 20 })).body.balance.available).toBe("4.00");
});

test("a caller that does not wait gets 202, and the decline at its Location", async () => {
  const accepted = await post("/v1/withdrawals", { userId: poor, amount: "10.00" }, { isAsync: true });
  expect(accepted.status).toBe(202);
  const found = await eventually(async () => {
    const { body } = await get(accepted.body.links.operation);
    return body.status !== "pending" && body;
  });
  expect(found).toMatchObject({ status: "declined", code: "insufficient_funds", userId: poor, amount: "10.00" });
});
