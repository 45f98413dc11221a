import { expect, test } from "bun:test";
import { mintToken } from "../../scripts/keys.ts";
import { deriveOperationId } from "../../src/ledger/operationId.ts";
import { get, post } from "../support/api/client.ts";
import { availableOf, userWith } from "../support/api/funds.ts";
import { expectProblem } from "../support/api/problem.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { connectOwner } from "../support/stack/owner.ts";
import { eventually } from "../support/waiting.ts";

test("a repeated request gets the finished operation at once, marked as replayed, with or without Prefer", async () => {
  const key = crypto.randomUUID();
  const body = { userId: uniqueUserId(), amount: "7.00", comment: "Once" };
  const first = await post("/v1/deposits", body, { key, wait: 20 });
  expect(first.status).toBe(200);
  expect(first.headers.get("idempotency-replayed")).toBeNull();
  await post("/v1/deposits", { ...body, amount: "1.00" }, { wait: 20 });

  for (const [wait, applied] of [
    [undefined, null],
    [20, "wait=20"],
  ] as const) {
    const again = await post("/v1/deposits", body, { key, ...(wait && { wait }) });
    expect(again.status).toBe(200);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get("idempotency-replayed")).toBe("true");
    expect(again.headers.get("preference-applied")).toBe(applied);
  }
  expect(await availableOf(body.userId)).toBe("8.00");
});

test("requests are compared by value: 1, 1.0 and 1.00 are one amount", async () => {
  const key = crypto.randomUUID();
  const userId = uniqueUserId();
  for (const amount of ["1", "1.0", "1.00"]) {
    const { status, body } = await post("/v1/deposits", { userId, amount }, { key, wait: 20 });
    expect([status, body.amount]).toEqual([200, "1.00"]);
  }
  expect(await availableOf(userId)).toBe("1.00");
});

test("the same key with another request is a mismatch that lists all differing fields and moves nothing", async () => {
  const key = crypto.randomUUID();
  const userId = await userWith("100.00");
  const body = { userId, amount: "1.00", comment: "A" };
  const first = await post("/v1/deposits", body, { key, wait: 20 });
  const { operationId, workflowId } = first.body;
  const others: [path: string, body: object, differingFields: string[]][] = [
    ["/v1/deposits", { ...body, amount: "1.01" }, ["amount"]],
    ["/v1/deposits", { ...body, comment: "a" }, ["comment"]],
    ["/v1/deposits", { userId, amount: "1.00" }, ["comment"]],
    ["/v1/deposits", { ...body, comment: "" }, ["comment"]],
    ["/v1/deposits", { ...body, source: "visa" }, ["source"]],
    ["/v1/deposits", { ...body, userId: userId.toUpperCase() }, ["userId"]],
    ["/v1/deposits", { userId: "x", amount: "2" }, ["userId", "amount", "comment"]],
    ["/v1/withdrawals", body, ["kind"]],
    [
      "/v1/transfers",
      { fromUserId: userId, toUserId: "x", amount: "1", comment: "A" },
      ["kind", "fromUserId", "toUserId", "userId"],
    ],
  ];
  for (const [path, other, differingFields] of others) {
    for (const asking of [{ wait: 20 }, { isAsync: true }, {}]) {
      const answer = await post(path, other, { key, ...asking });
      const found = answer.body.differingFields;
      expectProblem(answer, "idempotency_payload_mismatch", path, { operationId, workflowId, differingFields: found });
      expect(new Set(found)).toEqual(new Set(differingFields));
      expect(answer.headers.get("idempotency-replayed")).toBeNull();
    }
  }
  expect(await availableOf(userId)).toBe("101.00");
});

test("a caller that does not wait and reuses a key finds the stored request at the Location", async () => {
  const key = crypto.randomUUID();
  const userId = uniqueUserId();
  const [first, second] = await Promise.all([
    post("/v1/deposits", { userId, amount: "1.00" }, { key, isAsync: true }),
    post("/v1/deposits", { userId, amount: "2.00" }, { key, isAsync: true }),
  ]);
  expect(first.body.operationId).toBe(second.body.operationId);
  const stored = await eventually(async () => {
    const { body } = await get(`/v1/operations/${first.body.operationId}`);
    return body.status === "completed" && body;
  });
  expect(await availableOf(userId)).toBe(stored.amount);
});

test("one key of two callers is two operations", async () => {
  const key = crypto.randomUUID();
  const userId = uniqueUserId();
  const callers = ["billing", "billin", "Billing"];
  const answers = await Promise.all(
    callers.map(async (sub) =>
      post("/v1/deposits", { userId, amount: "1.00" }, { key, wait: 20, token: await mintToken({ sub }) }),
    ),
  );
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(answers.map(({ body }) => body.operationId)).toEqual(callers.map((sub) => deriveOperationId(sub, key)));
  expect(await availableOf(userId)).toBe("3.00");
});

test("keys are compared byte for byte", async () => {
  const key = `k-${crypto.randomUUID()}`;
  const userId = uniqueUserId();
  for (const one of [key, key.toUpperCase(), `${key}!`, `'${key}'`]) {
    expect((await post("/v1/deposits", { userId, amount: "1.00" }, { key: one, wait: 20 })).status).toBe(200);
  }
  expect(await availableOf(userId)).toBe("4.00");
});

test("a key in double quotes is the key inside them", async () => {
  const [first, second] = [crypto.randomUUID(), `${crypto.randomUUID()}"`];
  const userId = uniqueUserId();
  const ids: string[] = [];
  for (const key of [first, `"${first}"`, second, `"${second.replace('"', '\\"')}"`]) {
    const { status, body } = await post("/v1/deposits", { userId, amount: "1.00" }, { key, wait: 20 });
    expect(status).toBe(200);
    ids.push(body.operationId);
  }
  expect(ids).toEqual([first, first, second, second].map((key) => deriveOperationId("demo", key)));
  expect(await availableOf(userId)).toBe("2.00");
});

test("a key is 1 to 255 visible ASCII characters; a missing or bad one has its code and stores nothing", async () => {
  const userId = uniqueUserId();
  const body = { userId, amount: "1.00" };
  const longest = "~".repeat(219) + crypto.randomUUID();
  for (const path of ["/v1/deposits", "/v1/withdrawals", "/v1/transfers"]) {
    const request = path === "/v1/transfers" ? { fromUserId: "a", toUserId: userId, amount: "1.00" } : body;
    for (const key of [null, ""]) {
      const answer = await post(path, request, { key });
      expectProblem(answer, "idempotency_key_required", path, {
        errors: [{ field: "Idempotency-Key", message: expect.any(String) }],
      });
    }
    // Sends bytes: a header is read as Latin-1, one character for each byte.
    for (const key of [`${longest}x`, "a b", "é", "\u00d0\u00ba", "tab\there", "\u007f"]) {
      const answer = await post(path, request, { key });
      expectProblem(answer, "idempotency_key_invalid", path, {
        errors: [{ field: "Idempotency-Key", message: expect.any(String) }],
      });
    }
  }
  expect((await post("/v1/deposits", body, { key: longest, wait: 20 })).status).toBe(200);
  expect(await availableOf(userId)).toBe("1.00");
  await using owner = await connectOwner();
  const { rows } = await owner.query(
    "select id from operations where idempotency_key = 'a b' or length(idempotency_key) > 255",
  );
  expect(rows).toEqual([]);
});
