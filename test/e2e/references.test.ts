import { expect, test } from "bun:test";
import { get, post } from "../support/api/client.ts";
import { userWith } from "../support/api/funds.ts";
import { expectProblem } from "../support/api/problem.ts";
import { completed, pathOf, reserve, uniqueOrderId } from "../support/api/reservations.ts";
import { statement } from "../support/api/statements.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";

const texts = { reference: "R-1", metadata: { campaign: "spring", "a.b-c_D": "", __proto__x: "1" } };

test("reference and metadata of every kind come back in the operation and in its statement entry", async () => {
  const userId = await userWith("100.00");
  const order = { userId, serviceId: "ads", orderId: uniqueOrderId(), amount: "10.00" };
  const reserved = await completed("/v1/reservations", { ...order, ...texts });
  const other = await reserve(userId, "5.00");
  const recognized = await completed("/v1/recognitions", { ...order, ...texts });
  const all = [
    reserved,
    recognized,
    await completed(pathOf(other.reservationId, "extensions"), { ttlSeconds: 9_000, ...texts }),
    await completed(pathOf(other.reservationId, "recognitions"), { amount: "1.00", final: false, ...texts }),
    await completed(pathOf(other.reservationId, "releases"), { amount: "1.00", ...texts }),
    await completed("/v1/releases", { userId, serviceId: "ads", orderId: other.orderId, ...texts }),
    await completed("/v1/refunds", { recognitionId: recognized.operationId, ...texts }),
    await completed("/v1/deposits", { userId, amount: "1.00", ...texts }),
    await completed("/v1/withdrawals", { userId, amount: "1.00", ...texts }),
    await completed("/v1/transfers", { fromUserId: userId, toUserId: uniqueUserId(), amount: "1.00", ...texts }),
  ];
  for (const operation of all) {
    expect(operation).toMatchObject({ ...texts, currency: "RUB" });
    expect((await get(operation.links.operation)).body).toMatchObject(texts);
  }
  const { body } = await statement(userId, { limit: "100" });
  const entries = body.items.filter(({ reference }: { reference: string | null }) => reference !== null);
  // An extension has no entry.
  expect(entries).toHaveLength(all.length - 1);
  for (const entry of entries) expect(entry).toMatchObject(texts);
});

test("reference and metadata count when requests are compared, the order of names and the currency do not", async () => {
  const [userId, key] = [uniqueUserId(), crypto.randomUUID()];
  const ask = (more: object) => post("/v1/deposits", { userId, amount: "1.00", ...more }, { wait: 20, key });
  const metadata = { a: "1", b: "2" };
  const first = await ask({ reference: "R", metadata });
  expect(first.status).toBe(200);
  const again = await ask({ reference: "R", metadata: { b: "2", a: "1" }, currency: "RUB" });
  expect([again.status, again.body]).toEqual([200, first.body]);
  for (const [changed, differingFields] of [
    [{ reference: "S", metadata }, ["reference"]],
    [{ reference: "R", metadata: { a: "1" } }, ["metadata"]],
    [{ reference: "R", metadata: { a: "1", b: "3" } }, ["metadata"]],
    [{}, ["reference", "metadata"]],
  ] as const) {
    const answer = await ask(changed);
    expect([answer.status, answer.body.code]).toEqual([422, "idempotency_payload_mismatch"]);
    expect(new Set(answer.body.differingFields)).toEqual(new Set(differingFields));
  }
});

const many = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`name-${index}`, "v".repeat(500)]));

test("the largest metadata is accepted, in a deposit and in a batch", async () => {
  const userId = uniqueUserId();
  const fields = { userId, amount: "1.00", reference: "я".repeat(255), metadata: many };
  expect((await completed("/v1/deposits", fields)).metadata).toEqual(many);
  const operations = [{ kind: "deposit", idempotencyKey: crypto.randomUUID(), ...fields }];
  const { body } = await post("/v1/batches", { operations }, { key: null, wait: 20 });
  expect(body.operations[0]).toMatchObject({ status: "completed", metadata: many });
});

test("metadata may have the names of JavaScript's own properties", async () => {
  const pairs = '{"__proto__": "1", "constructor": "2", "toString": "3"}';
  const body = `{"userId": "${uniqueUserId()}", "amount": "1.00", "metadata": ${pairs}}`;
  const { status, body: operation } = await post("/v1/deposits", body, { wait: 20 });
  expect([status, JSON.stringify(operation.metadata)]).toEqual([
    200,
    pairs.replaceAll(": ", ":").replaceAll(", ", ","),
  ]);
});

test.each<[fields: object, field: string]>([
  [{ reference: "" }, "reference"],
  [{ reference: "x".repeat(256) }, "reference"],
  [{ reference: "a\nb" }, "reference"],
  [{ reference: 7 }, "reference"],
  [{ metadata: null }, "metadata"],
  [{ metadata: "a" }, "metadata"],
  [{ metadata: ["a"] }, "metadata"],
  [{ metadata: { ...many, "name-20": "" } }, "metadata"],
  [{ metadata: { "a b": "1" } }, "metadata.a b"],
  [{ metadata: { ["x".repeat(41)]: "1" } }, `metadata.${"x".repeat(41)}`],
  [{ metadata: { "": "1" } }, "metadata."],
  [{ metadata: { a: 1 } }, "metadata.a"],
  [{ metadata: { a: null } }, "metadata.a"],
  [{ metadata: { a: "v".repeat(501) } }, "metadata.a"],
  [{ metadata: { a: "\u0000" } }, "metadata.a"],
  [{ currency: "USD" }, "currency"],
  [{ currency: "rub" }, "currency"],
  [{ currency: null }, "currency"],
])("a deposit with %p is refused, alone and in a batch, and the answer names %s", async (fields, field) => {
  const deposit = { userId: uniqueUserId(), amount: "1.00", ...fields };
  const errors = (name: string) => ({ errors: [{ field: name, message: expect.any(String) }] });
  expectProblem(await post("/v1/deposits", deposit), "invalid_request", "/v1/deposits", errors(field));
  const operations = [{ kind: "deposit", idempotencyKey: crypto.randomUUID(), ...deposit }];
  const batch = await post("/v1/batches", { operations }, { key: null });
  expectProblem(batch, "invalid_request", "/v1/batches", errors(`operations[0].${field}`));
});
