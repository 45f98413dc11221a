import { expect, test } from "bun:test";
import { mintToken } from "../../scripts/keys.ts";
import type { ProblemCode } from "../../src/api/http/problems.ts";
import { type Answer, get, post, type RequestOptions } from "../support/api/client.ts";
import { availableOf, userWith } from "../support/api/funds.ts";
import { expectProblem } from "../support/api/problem.ts";
import { awaitSettled, moneyOf, reserve, uniqueOrderId } from "../support/api/reservations.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { holdAccount } from "../support/stack/heldAccount.ts";
import { awaitIdle } from "../support/temporal/idle.ts";
import { openWebUi } from "../support/temporal/webUi.ts";
import { eventually } from "../support/waiting.ts";

type Item = { kind: string; idempotencyKey: string } & Record<string, unknown>;

function item(kind: string, fields: Record<string, unknown>): Item {
  return { kind, idempotencyKey: crypto.randomUUID(), ...fields };
}

function postBatch(operations: unknown, asking: RequestOptions = { wait: 20 }, atomic?: unknown): Promise<Answer> {
  return post("/v1/batches", { operations, ...(atomic !== undefined && { atomic }) }, { key: null, ...asking });
}

/** Expects the problem of this code, with any fields and operations. */
function expectRefusal(answer: Answer, code: ProblemCode): void {
  const { type, title, status, detail, instance, code: _, ...members } = answer.body;
  expectProblem(answer, code, "/v1/batches", members);
}

const outcomesOf = ({ body }: Answer): string[] =>
  body.operations.map((one: { status: string; code?: string }) => one.code ?? one.status);

test("operations of every kind share one workflow, in order, each with its own outcome", async () => {
  const [alice, bob] = [await userWith("100.00"), uniqueUserId()];
  const order = { userId: alice, serviceId: "promotion", orderId: uniqueOrderId() };
  const held = await reserve(alice, "10.00");
  const answer = await postBatch([
    item("deposit", { userId: alice, amount: "5.00", source: "visa" }),
    item("transfer", { fromUserId: alice, toUserId: bob, amount: "7.00" }),
    item("withdrawal", { userId: bob, amount: "8.00" }),
    item("reservation", { ...order, amount: "3.00" }),
    item("recognition", { ...order, amount: "3.00" }),
    item("extension", { reservationId: held.reservationId, ttlSeconds: 1_000_000 }),
    item("recognition", { reservationId: held.reservationId, amount: "4.00", final: false }),
    item("release", { reservationId: held.reservationId }),
    item("release", order),
    item("refund", { recognitionId: crypto.randomUUID() }),
  ]);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("preference-applied")).toBe("wait=20");
  expect(outcomesOf(answer)).toEqual([
    ...["completed", "completed", "insufficient_funds", "completed", "completed", "completed", "completed"],
    ...["completed", "reservation_settled", "recognition_not_found"],
  ]);
  const { workflowId, operations } = answer.body;
  // A saga carries a batch that reserves: its own, or the one that pulled it.
  expect(workflowId).toMatch(/^reservation-/);
  for (const operation of operations) {
    expect(operation.workflowId).toBe(workflowId);
    expect((await get(`/v1/operations/${operation.operationId}`)).body).toEqual(operation);
  }
  expect(await moneyOf(alice)).toBe("91.00 + 0.00");
});

test("a batch that reserves is the saga of its reservations", async () => {
  const alice = await userWith("10.00");
  const order = { userId: alice, serviceId: "promotion", amount: "1.00" };
  await awaitIdle();
  const { body } = await postBatch([
    item("reservation", { ...order, orderId: uniqueOrderId(), ttlSeconds: 1 }),
    item("reservation", { ...order, orderId: uniqueOrderId(), ttlSeconds: 1 }),
  ]);
  for (const { reservationId } of body.operations) {
    expect(await awaitSettled(reservationId)).toMatchObject({ expired: "1.00", workflowId: body.workflowId });
  }
  const webUi = await openWebUi();
  await eventually(async () => (await webUi.status(body.workflowId)) === "COMPLETED");
  await webUi.close();
});

test("a batch that is not waited for gets 202, and its operations are found by its address and their links", async () => {
  const alice = await userWith("1.00");
  await using _held = await holdAccount(alice);
  const answer = await postBatch([item("withdrawal", { userId: alice, amount: "1.00" })], { isAsync: true });
  expect(answer.status).toBe(202);
  expect(answer.headers.get("preference-applied")).toBe("respond-async");
  expect(answer.headers.get("retry-after")).toBe("1");
  expect(outcomesOf(answer)).toEqual(["pending"]);
  const [{ links }] = answer.body.operations;
  expect((await get(links.operation)).body).toMatchObject({ status: "pending", amount: "1.00" });
  await _held.release();
  await eventually(async () => (await get(links.operation)).body.status === "completed");
  const { body } = await get(answer.headers.get("location")!);
  expect(body.items).toMatchObject([{ operationId: answer.body.operations[0].operationId, status: "completed" }]);
});

test("a batch without Prefer waits for all of its operations", async () => {
  const deposits = Array.from({ length: 3 }, () => item("deposit", { userId: uniqueUserId(), amount: "1.00" }));
  const answer = await postBatch(deposits, {});
  expect([answer.status, outcomesOf(answer)]).toEqual([200, ["completed", "completed", "completed"]]);
  expect(answer.headers.get("preference-applied")).toBeNull();
});

test("a repeated batch is replayed with equal outcomes, and its keys hold for single requests too", async () => {
  const alice = uniqueUserId();
  const operations = [
    item("deposit", { userId: alice, amount: "1" }),
    item("withdrawal", { userId: alice, amount: "9" }),
  ];
  const first = await postBatch(operations);
  const again = await postBatch(operations, {});
  expect([again.status, again.headers.get("idempotency-replayed")]).toEqual([200, "true"]);
  expect(again.body).toEqual(first.body);

  const { idempotencyKey: key, kind: _, ...body } = operations[0]!;
  const alone = await post("/v1/deposits", body, { key });
  expect(alone.headers.get("idempotency-replayed")).toBe("true");
  const mismatched = await postBatch([
    { ...operations[0]!, amount: "2" },
    item("deposit", { userId: alice, amount: "3" }),
  ]);
  expect(outcomesOf(mismatched)).toEqual(["idempotency_payload_mismatch", "completed"]);
  expect(mismatched.body.operations[0]).toMatchObject({ status: "mismatched", differingFields: ["amount"] });
  expect(await availableOf(alice)).toBe("4.00");
});

test("twenty identical concurrent batches move the money once and return one workflow id", async () => {
  const alice = uniqueUserId();
  const operations = [
    item("deposit", { userId: alice, amount: "1.00" }),
    item("deposit", { userId: alice, amount: "2.00" }),
  ];
  const answers = await Promise.all(Array.from({ length: 20 }, () => postBatch(operations)));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  expect(new Set(answers.map(({ body }) => body.workflowId)).size).toBe(1);
  expect(await availableOf(alice)).toBe("3.00");
});

test("an atomic batch completes whole or is a 422 with each operation's code, also when repeated", async () => {
  const [alice, bob] = [await userWith("10.00"), uniqueUserId()];
  const whole = [
    item("transfer", { fromUserId: alice, toUserId: bob, amount: "2.00" }),
    item("withdrawal", { userId: bob, amount: "2.00" }),
  ];
  expect((await postBatch(whole, { wait: 20 }, true)).status).toBe(200);

  const broken = [
    item("transfer", { fromUserId: alice, toUserId: bob, amount: "5.00" }),
    item("withdrawal", { userId: alice, amount: "5.00" }),
  ];
  const aborted = await postBatch(broken, { wait: 20 }, true);
  expectRefusal(aborted, "batch_aborted");
  expect(outcomesOf(aborted)).toEqual(["batch_aborted", "insufficient_funds"]);
  expect(await moneyOf(alice)).toBe("8.00 + 0.00");

  await post("/v1/deposits", { userId: alice, amount: "100.00" }, { wait: 20 });
  for (const [operations, order] of [
    [broken, ["batch_aborted", "insufficient_funds"]],
    [broken.toReversed(), ["insufficient_funds", "batch_aborted"]],
  ] as const) {
    const again = await postBatch(operations, {}, true);
    expectRefusal(again, "batch_aborted");
    expect(outcomesOf(again)).toEqual([...order]);
    expect(again.headers.get("idempotency-replayed")).toBe("true");
  }
  expect(await moneyOf(alice)).toBe("108.00 + 0.00");
});

test("an aborted atomic batch stays aborted, and an operation declined before it aborts nothing", async () => {
  const alice = await userWith("1.00");
  const lone = [item("withdrawal", { userId: alice, amount: "5.00" })];
  for (const asking of [{ wait: 20 }, {}]) expectRefusal(await postBatch(lone, asking, true), "batch_aborted");

  const before = item("withdrawal", { userId: alice, amount: "6.00" });
  await postBatch([before]);
  const operations = [before, item("deposit", { userId: alice, amount: "1.00" })];
  for (const asking of [{ wait: 20 }, {}]) {
    const answer = await postBatch(operations, asking, true);
    expect([answer.status, outcomesOf(answer)]).toEqual([200, ["insufficient_funds", "completed"]]);
  }
});

test("a batch of a thousand operations with texts of maximum length completes", async () => {
  const alice = uniqueUserId();
  const operations = Array.from({ length: 1_000 }, () =>
    item("deposit", { userId: alice, amount: "1.00", comment: "c".repeat(255), source: "s".repeat(255) }),
  );
  const answer = await postBatch(operations);
  expect(answer.status).toBe(200);
  expect(new Set(outcomesOf(answer))).toEqual(new Set(["completed"]));
  expect(await availableOf(alice)).toBe("1000.00");
});

test("one invalid operation makes the batch a 400 with its index and field, and no key is used", async () => {
  const alice = await userWith("5.00");
  const good = item("deposit", { userId: alice, amount: "1.00" });
  const bad: [object, string][] = [
    [item("deposit", { userId: alice, amount: 1 }), "operations[1].amount"],
    [item("deposit", { userId: alice, amount: "1.00", colour: "red" }), "operations[1].colour"],
    [item("deposit", { userId: alice }), "operations[1].amount"],
    [item("transfer", { fromUserId: alice, toUserId: alice, amount: "1.00" }), "operations[1].toUserId"],
    [item("recognition", { reservationId: "none" }), "operations[1].reservationId"],
    [item("recognition", { reservationId: crypto.randomUUID(), final: "yes" }), "operations[1].final"],
    [item("extension", { reservationId: crypto.randomUUID(), ttlSeconds: "60" }), "operations[1].ttlSeconds"],
    [item("expiry", { reservationId: crypto.randomUUID() }), "operations[1].kind"],
    [{ ...good, idempotencyKey: "with a space" }, "operations[1].idempotencyKey"],
    [{ ...good, idempotencyKey: good.idempotencyKey }, "operations[1].idempotencyKey"],
    [[], "operations[1]"],
  ];
  for (const [one, field] of bad) {
    const answer = await postBatch([good, one]);
    expectRefusal(answer, "invalid_request");
    expect([one, answer.body.errors.map((error: { field: string }) => error.field)]).toEqual([one, [field]]);
  }
  for (const [operations, atomic, field] of [
    [[], undefined, "operations"],
    [undefined, undefined, "operations"],
    [Array.from({ length: 1_001 }, () => item("deposit", { userId: alice, amount: "1" })), undefined, "operations"],
    [[good], "true", "atomic"],
  ] as const) {
    const answer = await postBatch(operations, {}, atomic);
    expectRefusal(answer, "invalid_request");
    expect(answer.body.errors.map((error: { field: string }) => error.field)).toEqual([field]);
  }
  expectRefusal(await post("/v1/batches", "[", { key: null }), "invalid_request");
  expect((await postBatch([good])).headers.get("idempotency-replayed")).toBeNull();
  expect(await availableOf(alice)).toBe("6.00");
});

test("each kind of a batch requires its scope", async () => {
  const alice = await userWith("5.00");
  const funds = item("deposit", { userId: alice, amount: "1.00" });
  const order = { userId: alice, serviceId: "promotion", orderId: uniqueOrderId() };
  const reservation = item("reservation", { ...order, amount: "1.00" });
  const token = await mintToken({ scope: "funds:write balance:read" });
  expectRefusal(await postBatch([funds, reservation], { wait: 20, token }), "insufficient_scope");
  expect(await moneyOf(alice)).toBe("5.00 + 0.00");
  expect((await postBatch([funds], { wait: 20, token })).status).toBe(200);
});

test("a batch needs a scope that writes, and its refunds need refunds:write or funds:write", async () => {
  const refund = item("refund", { recognitionId: crypto.randomUUID() });
  const release = item("release", { reservationId: crypto.randomUUID() });
  const sent = async (scope: string, ...operations: object[]) =>
    await postBatch(operations, { wait: 20, token: await mintToken({ scope }) });
  for (const scope of ["refunds:write", "funds:write"]) {
    expect(outcomesOf(await sent(scope, refund))).toEqual(["recognition_not_found"]);
    expectRefusal(await sent(scope, refund, release), "insufficient_scope");
  }
  const refused = await sent("reservations:write", release, refund);
  expectRefusal(refused, "insufficient_scope");
  expect(refused.headers.get("www-authenticate")).toContain('scope="refunds:write funds:write"');
  const reader = await sent("balance:read operations:read", refund);
  expectRefusal(reader, "insufficient_scope");
  expect(reader.headers.get("www-authenticate")).toContain('scope="funds:write reservations:write refunds:write"');
});
