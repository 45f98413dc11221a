import { expect, test } from "bun:test";
import { mintToken } from "../../scripts/keys.ts";
import { type Answer, get, post } from "../support/api/client.ts";
import { userWith } from "../support/api/funds.ts";
import { expectProblem } from "../support/api/problem.ts";
import { completed, pathOf, reserve, uniqueOrderId } from "../support/api/reservations.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";

type Query = Record<string, string>;

function search(query: Query, options: { token?: string } = {}): Promise<Answer> {
  return get(`/v1/operations?${new URLSearchParams(query)}`, options);
}

async function idsOf(query: Query): Promise<string[]> {
  const { status, body } = await search(query);
  expect([query, status]).toEqual([query, 200]);
  return body.items.map(({ operationId }: { operationId: string }) => operationId);
}

const caller = "search-test";
const token = await mintToken({ sub: caller });

/** A purchase with a settlement by id, a refund and a declined withdrawal. */
async function purchase() {
  const [userId, serviceId, orderId] = [await userWith("100.00"), uniqueUserId("service"), uniqueOrderId()];
  const reserved = await reserve(userId, "40.00", { serviceId, serviceName: "Search", orderId });
  const recognized = await completed(pathOf(reserved.reservationId, "recognitions"), { amount: "30.00" });
  const refunded = await completed("/v1/refunds", { recognitionId: recognized.operationId, amount: "10.00" });
  const declined = await post("/v1/withdrawals", { userId, amount: "900.00" }, { wait: 20 });
  return {
    userId,
    serviceId,
    orderId,
    reserved,
    recognized,
    refunded,
    declinedId: declined.body.operationId as string,
  };
}

test("operations are found by order, service, reservation, user, workflow, reference and key", async () => {
  const { userId, serviceId, orderId, reserved, recognized, refunded, declinedId } = await purchase();
  const settled = [refunded.operationId, recognized.operationId, reserved.operationId];
  expect(await idsOf({ orderId })).toEqual(settled);
  expect(await idsOf({ serviceId })).toEqual(settled);
  expect(await idsOf({ reservationId: reserved.reservationId.toUpperCase() })).toEqual(settled);
  expect((await idsOf({ userId })).slice(0, 4)).toEqual([declinedId, ...settled]);
  expect(await idsOf({ workflowId: refunded.workflowId, userId, kind: "refund" })).toEqual([refunded.operationId]);

  const [reference, key] = [`R-${crypto.randomUUID()}`, crypto.randomUUID()];
  const { body } = await post("/v1/deposits", { userId, amount: "1.00", reference }, { wait: 20, key, token });
  expect(await idsOf({ reference })).toEqual([body.operationId]);
  expect(await idsOf({ idempotencyKey: key, caller })).toEqual([body.operationId]);
  const own = await search({ idempotencyKey: key }, { token });
  expect(own.body.items).toEqual([(await get(`/v1/operations/${body.operationId}`)).body]);
  // The key of another caller is another operation.
  expect(await idsOf({ idempotencyKey: key })).toEqual([]);
});

test("filters together, and a period at the exact millisecond, select their operations", async () => {
  const { userId, orderId, reserved, recognized, refunded, declinedId } = await purchase();
  expect(await idsOf({ userId, status: "declined" })).toEqual([declinedId]);
  expect(await idsOf({ userId, code: "insufficient_funds" })).toEqual([declinedId]);
  expect(await idsOf({ userId, code: "account_not_found" })).toEqual([]);
  expect(await idsOf({ orderId, kind: "refund,reservation" })).toEqual([refunded.operationId, reserved.operationId]);
  expect(await idsOf({ orderId, to: refunded.completedAt })).toEqual([recognized.operationId, reserved.operationId]);
  expect(await idsOf({ orderId, from: refunded.completedAt })).toEqual([refunded.operationId]);
  expect(await idsOf({ orderId, userId: "nobody" })).toEqual([]);
});

test("a transfer is found under its sender and its receiver, also where it was declined", async () => {
  const [alice, bob] = [await userWith("5.00", "alice"), uniqueUserId("bob")];
  const transfer = (amount: string) =>
    post("/v1/transfers", { fromUserId: alice, toUserId: bob, amount }, { wait: 20 });
  const ids = [await transfer("1.00"), await transfer("50.00")].map(({ body }) => body.operationId);
  for (const userId of [alice, bob]) {
    expect(await idsOf({ userId, kind: "transfer" })).toEqual(ids.toReversed());
  }
});

test("pages are read to their end while operations arrive, without a gap or a repetition", async () => {
  const userId = await userWith("1.00");
  const add = () => completed("/v1/deposits", { userId, amount: "0.01" });
  for (let index = 0; index < 8; index += 1) await add();
  const before = await idsOf({ userId, limit: "100" });
  const read: string[] = [];
  let cursor: string | null = null;
  do {
    const { body }: Answer = await search({ userId, limit: "3", ...(cursor && { cursor }) });
    read.push(...body.items.map(({ operationId }: { operationId: string }) => operationId));
    cursor = body.nextCursor;
    await add();
  } while (cursor);
  expect(read).toEqual(before);
});

test("finding operations needs the scope operations:read", async () => {
  const narrow = await mintToken({ scope: "balance:read funds:write audit" });
  expectProblem(await search({ userId: "anna" }, { token: narrow }), "insufficient_scope", "/v1/operations");
});

test.each<[query: Query, field: string]>([
  [{}, "query"],
  [{ kind: "deposit", status: "completed" }, "query"],
  [{ caller }, "query"],
  [{ caller, userId: "anna" }, "caller"],
  [{ orderId: "no order" }, "orderId"],
  [{ reservationId: "1" }, "reservationId"],
  [{ userId: "anna", kind: "gift" }, "kind"],
  [{ userId: "anna", status: "pending" }, "status"],
  [{ userId: "anna", code: "mismatched" }, "code"],
  [{ userId: "anna", from: "yesterday" }, "from"],
  [{ userId: "anna", from: "2026-11-02T00:00:00Z", to: "2026-11-01T00:00:00Z" }, "to"],
  [{ userId: "anna", reference: "" }, "reference"],
  [{ userId: "anna", colour: "red" }, "colour"],
])("the query %p is refused, and the answer names %s", async (query, field) => {
  const answer = await search(query);
  expectProblem(answer, "invalid_request", "/v1/operations", { errors: [{ field, message: expect.any(String) }] });
});

test("a cursor continues its own list only", async () => {
  const userId = await userWith("1.00");
  await completed("/v1/deposits", { userId, amount: "1.00" });
  const { nextCursor: cursor } = (await search({ userId, limit: "1" })).body;
  expect((await search({ userId, cursor })).body.items).toHaveLength(1);
  for (const other of [{ userId: "anna" }, { userId, kind: "deposit" }, { orderId: "order" }]) {
    const answer = await search({ ...other, cursor } as Query);
    expect([other, answer.body.code]).toEqual([other, "invalid_cursor"]);
  }
});
