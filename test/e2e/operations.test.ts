import { expect, test } from "bun:test";
import { get, post, stack } from "../support/api/client.ts";
import { availableOf, userWith } from "../support/api/funds.ts";
import { expectProblem } from "../support/api/problem.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { holdAccount } from "../support/stack/heldAccount.ts";
import { eventually } from "../support/waiting.ts";

test("an unknown operation is 404, with any workflow id in the query", async () => {
  const path = `/v1/operations/${crypto.randomUUID()}`;
  const finished = await post("/v1/deposits", { userId: uniqueUserId(), amount: "1.00" }, { wait: 20 });
  // The last one runs while the sweep is scheduled, and is not a carrier.
  const running = "temporal-sys-scheduler:saldo-sweep";
  const workflows = ["unknown", finished.body.workflowId, "sweep", "😀", "../../x", "\u0000", " ", running];
  for (const query of ["", ...workflows.map((id) => `?workflowId=${encodeURIComponent(id)}`)]) {
    expectProblem(await get(path + query), "operation_unknown", path);
  }
});

test("an operation is pending with its request while its carrier waits, and completed afterwards", async () => {
  const userId = await userWith("10.00");
  await using account = await holdAccount(userId);
  const body = { userId, amount: "2.00", comment: "Waits", destination: "card" };
  const waited = await post("/v1/withdrawals", body, { wait: 1 });
  expect(waited.status).toBe(202);
  expect(waited.headers.get("preference-applied")).toBe("wait=1");
  const { operationId, workflowId, links } = waited.body;

  expect((await get(links.operation)).body).toEqual({
    operationId,
    workflowId,
    kind: "withdrawal",
    status: "pending",
    ...body,
    currency: "RUB",
    createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    links: {
      operation: links.operation,
      temporal: `${stack.environment.TEMPORAL_UI_URL}/namespaces/default/workflows/${workflowId}`,
    },
  });
  // Without its workflow id the pending operation is unknown. So is another operation under that workflow id.
  expectProblem(await get(`/v1/operations/${operationId}`), "operation_unknown", `/v1/operations/${operationId}`);
  const another = `/v1/operations/${crypto.randomUUID()}`;
  expectProblem(await get(`${another}?workflowId=${workflowId}`), "operation_unknown", another);
  expect(await availableOf(userId)).toBe("10.00");

  await account.release();
  const completed = await eventually(async () => {
    const found = await get(links.operation);
    return found.body.status === "completed" && found.body;
  }, 30_000);
  expect(completed).toMatchObject({ operationId, workflowId, ...body, balance: { available: "8.00", version: 2 } });
}, 60_000);

test("a repeated request joins the pending operation: 202 with its id, then one outcome for both", async () => {
  const userId = await userWith("10.00");
  const key = crypto.randomUUID();
  const body = { userId, amount: "2.00" };
  await using account = await holdAccount(userId);
  const first = await post("/v1/withdrawals", body, { key, isAsync: true });
  const second = await post("/v1/withdrawals", body, { key, isAsync: true });
  expect([first.status, second.status]).toEqual([202, 202]);
  expect(second.body.operationId).toBe(first.body.operationId);
  const waiting = post("/v1/withdrawals", body, { key, wait: 30 });
  await account.release();
  const answer = await waiting;
  expect([answer.status, answer.body.balance]).toEqual([200, { available: "8.00", reserved: "0.00", version: 2 }]);
  expect(await availableOf(userId)).toBe("8.00");
}, 60_000);

test("a locked account delays operations on others only briefly", async () => {
  const [stuck, free] = [await userWith("10.00"), await userWith("10.00")];
  await using _account = await holdAccount(stuck);
  expect((await post("/v1/withdrawals", { userId: stuck, amount: "1.00" }, { isAsync: true })).status).toBe(202);
  expect((await post("/v1/withdrawals", { userId: free, amount: "1.00" }, { wait: 20 })).status).toBe(200);
}, 60_000);

test("a pending operation that is read with Prefer: wait=N is answered once it is finished", async () => {
  const userId = await userWith("10.00");
  await using account = await holdAccount(userId);
  const { body } = await post("/v1/withdrawals", { userId, amount: "2.00" }, { isAsync: true });
  const path = body.links.operation;
  const pending = await get(path, { wait: 1 });
  expect([pending.status, pending.body.status]).toEqual([200, "pending"]);
  expect(pending.headers.get("preference-applied")).toBe("wait=1");
  const now = await get(path);
  expect([now.body.status, now.headers.get("preference-applied")]).toEqual(["pending", null]);

  const waiting = get(path, { wait: 31 });
  await account.release();
  const finished = await waiting;
  expect(finished.body).toMatchObject({ status: "completed", amount: "2.00", balance: { available: "8.00" } });
  expect(finished.headers.get("preference-applied")).toBe("wait=30");
  // It waited for the cache, too.
  expect((await get(`/v1/users/${userId}/balance`)).body.available).toBe("8.00");
}, 60_000);

test("a wait for an operation ends with its decline, and does not delay a finished or an unknown one", async () => {
  const userId = await userWith("1.00");
  await using account = await holdAccount(userId);
  const { body } = await post("/v1/withdrawals", { userId, amount: "2.00" }, { isAsync: true });
  const waiting = get(body.links.operation, { wait: 30 });
  await account.release();
  const declined = { status: "declined", code: "insufficient_funds" };
  expect((await waiting).body).toMatchObject(declined);
  const again = await get(body.links.operation, { wait: 30 });
  expect(again.body).toMatchObject(declined);
  expect(again.headers.get("preference-applied")).toBe("wait=30");
  const unknown = `/v1/operations/${crypto.randomUUID()}`;
  expectProblem(await get(unknown, { wait: 30 }), "operation_unknown", unknown);
}, 60_000);

test("a finished operation is read from the ledger, also with another workflow id in the query", async () => {
  const { body } = await post("/v1/deposits", { userId: uniqueUserId(), amount: "1.00", comment: "x" }, { wait: 20 });
  for (const query of ["", "?workflowId=unknown"]) {
    const found = await get(`/v1/operations/${body.operationId}${query}`);
    expect([found.status, found.body]).toEqual([200, body]);
  }
});
