import { expect, test } from "bun:test";
import { CARRIER_ID, get, post, type RequestOptions, stack } from "../support/api/client.ts";
import { userWith } from "../support/api/funds.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { holdAccount } from "../support/stack/heldAccount.ts";
import { startReplicas } from "../support/stack/replicas.ts";
import { eventually } from "../support/waiting.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** A request of each kind with every field, and the balance expected after it. */
async function requestOfEachKind() {
  const userId = await userWith("100.00");
  return [
    { kind: "deposit", body: { userId, amount: "10.50", comment: "Top-up", source: "visa" }, after: ["110.50", 2] },
    { kind: "withdrawal", body: { userId, amount: "0.50", comment: "Out", destination: "card" }, after: ["110.00", 3] },
    {
      kind: "transfer",
      body: { fromUserId: userId, toUserId: uniqueUserId("to"), amount: "10.00", comment: "Rent" },
      after: ["100.00", 4],
    },
  ] as const;
}

function linksOf({ operationId, workflowId }: { operationId: string; workflowId: string }) {
  return {
    operation: `/v1/operations/${operationId}?workflowId=${workflowId}`,
    temporal: `${stack.environment.TEMPORAL_UI_URL}/namespaces/default/workflows/${workflowId}`,
  };
}

test("a POST with respond-async gets 202 with the operation's ids and links, and no outcome", async () => {
  for (const { kind, body } of await requestOfEachKind()) {
    const answer = await post(`/v1/${kind}s`, body, { isAsync: true });
    expect(answer.status).toBe(202);
    const { operationId, workflowId } = answer.body;
    expect(operationId).toMatch(UUID);
    expect(workflowId).toMatch(CARRIER_ID);
    const links = linksOf({ operationId, workflowId });
    expect(answer.body).toEqual({ operationId, workflowId, kind, status: "pending", links });
    expect(answer.headers.get("location")).toBe(links.operation);
    expect(answer.headers.get("retry-after")).toBe("1");
    expect(answer.headers.get("preference-applied")).toBe("respond-async");
    expect(answer.headers.get("idempotency-replayed")).toBeNull();
  }
});

test("a POST without Prefer waits for the outcome, completed or declined", async () => {
  const userId = await userWith("1.00");
  const completed = await post("/v1/withdrawals", { userId, amount: "1.00" });
  expect([completed.status, completed.body.status]).toEqual([200, "completed"]);
  expect(completed.headers.get("preference-applied")).toBeNull();
  expect(completed.headers.get("retry-after")).toBeNull();
  const declined = await post("/v1/withdrawals", { userId, amount: "1.00" });
  expect([declined.status, declined.body.code]).toEqual([422, "insufficient_funds"]);
});

test("a POST without Prefer that is not finished after the default wait gets 202", async () => {
  const userId = await userWith("1.00");
  await using account = await holdAccount(userId);
  const accepted = await post("/v1/withdrawals", { userId, amount: "1.00" });
  expect(accepted.status).toBe(202);
  expect(accepted.headers.get("preference-applied")).toBeNull();
  expect(accepted.headers.get("retry-after")).toBe("1");
  await account.release();
  const path = accepted.headers.get("location")!;
  expect((await get(path, { wait: 30 })).body).toMatchObject({ status: "completed", amount: "1.00" });
}, 60_000);

test("DEFAULT_WAIT=0 answers 202 at once where the request does not ask to wait", async () => {
  await using replicas = await startReplicas(1, { ROLE: "api", DEFAULT_WAIT: "0" });
  const origin = replicas.origins[1]!;
  const userId = await userWith("3.00");
  const withdraw = (options: RequestOptions) =>
    post("/v1/withdrawals", { userId, amount: "1.00" }, { origin, ...options });
  expect([(await withdraw({})).status, (await withdraw({ wait: 20 })).status]).toEqual([202, 200]);
}, 60_000);

test("with Prefer: wait=N the response is the finished operation with all request fields and the balance", async () => {
  for (const { kind, body, after } of await requestOfEachKind()) {
    const answer = await post(`/v1/${kind}s`, body, { wait: 20 });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("preference-applied")).toBe("wait=20");
    expect(answer.headers.get("location")).toBeNull();
    const { operationId, workflowId } = answer.body;
    expect(workflowId).toMatch(CARRIER_ID);
    const [available, version] = after;
    expect(answer.body).toEqual({
      operationId,
      workflowId,
      kind,
      status: "completed",
      ...body,
      currency: "RUB",
      createdAt: expect.stringMatching(TIME),
      completedAt: expect.stringMatching(TIME),
      balance: { available, reserved: "0.00", version },
      links: linksOf({ operationId, workflowId }),
    });
    expect(answer.body.createdAt <= answer.body.completedAt).toBe(true);
  }
});

test("a caller that waited reads its own write from the cache", async () => {
  for (const { kind, body, after } of await requestOfEachKind()) {
    await post(`/v1/${kind}s`, body, { wait: 20 });
    const [available, version] = after;
    const balances = await get(`/v1/users/${"userId" in body ? body.userId : body.fromUserId}/balance`);
    expect(balances.body).toMatchObject({ available, version, source: "cache" });
    if (kind !== "transfer") continue;
    const receiver = await get(`/v1/users/${body.toUserId}/balance`);
    expect(receiver.body).toMatchObject({ available: body.amount, version: 1, source: "cache" });
  }
});

test("an operation that was answered 202 is completed at its Location", async () => {
  for (const { kind, body, after } of await requestOfEachKind()) {
    const accepted = await post(`/v1/${kind}s`, body, { isAsync: true });
    const { operationId, workflowId } = accepted.body;
    const completed = await eventually(async () => {
      const found = await get(accepted.headers.get("location") ?? "");
      expect(found.status).toBe(200);
      return found.body.status === "completed" && found.body;
    });
    expect(completed).toEqual({
      operationId,
      workflowId,
      kind,
      status: "completed",
      ...body,
      currency: "RUB",
      createdAt: expect.stringMatching(TIME),
      completedAt: expect.stringMatching(TIME),
      balance: { available: after[0], reserved: "0.00", version: after[1] },
      links: linksOf({ operationId, workflowId }),
    });
  }
});

test("a 202 names the preferences that it applied", async () => {
  const userId = await userWith("1.00");
  await using account = await holdAccount(userId);
  for (const [prefer, applied] of [
    ["wait=0", "wait=0"],
    ["respond-async", "respond-async"],
    ["RESPOND-ASYNC; foo=bar", "respond-async"],
    ["respond-async, wait=0", "respond-async, wait=0"],
    ["wait=1, respond-async", "respond-async, wait=1"],
  ] as const) {
    const answer = await post("/v1/deposits", { userId, amount: "1.00" }, { headers: { prefer } });
    expect([prefer, answer.status]).toEqual([prefer, 202]);
    expect(answer.headers.get("preference-applied")).toBe(applied);
  }
  await account.release();
}, 60_000);

test("a wait above 30 counts as 30, and a value that is no number of seconds is ignored", async () => {
  const userId = await userWith("1.00");
  for (const [prefer, applied] of [
    ["wait=30", "wait=30"],
    ["wait=31", "wait=30"],
    ["wait=99999999999999999999", "wait=30"],
    ["respond-async, wait=30", "wait=30"],
    ['wait="30"', "wait=30"],
    ["WAIT=30", "wait=30"],
    ["handling=lenient; foo=bar, wait=30", "wait=30"],
    ["wait=-1", null],
    ["wait=1.5", null],
    ["wait=x", null],
    ["wait", null],
    ["wait=", null],
    ["await=5", null],
    ["", null],
  ] as const) {
    const answer = await post("/v1/deposits", { userId, amount: "1.00" }, { headers: { prefer } });
    expect([prefer, answer.status]).toEqual([prefer, 200]);
    expect([prefer, answer.headers.get("preference-applied")]).toEqual([prefer, applied]);
  }
});

test("amounts in responses have two decimals, however they were written", async () => {
  const userId = uniqueUserId();
  for (const [amount, written] of [
    ["1", "1.00"],
    ["1.5", "1.50"],
    ["0.01", "0.01"],
    ["9999999999999.99", "9999999999999.99"],
  ]) {
    const { body } = await post("/v1/deposits", { userId, amount }, { wait: 20 });
    expect(body.amount).toBe(written);
  }
  expect((await get(`/v1/users/${userId}/balance`)).body.available).toBe("10000000000002.50");
});
