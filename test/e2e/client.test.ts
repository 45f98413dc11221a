import { expect, test } from "bun:test";
import { createSaldo, SaldoError, type SaldoOptions, SaldoUncertain } from "../../client/src/index.ts";
import { mintToken } from "../../scripts/keys.ts";
import { apiUrl, get } from "../support/api/client.ts";
import { userWith } from "../support/api/funds.ts";
import {
  answerAtOnce,
  answerInstead,
  dropAnswer,
  dropRequest,
  type Fetch,
  faultyFetch,
  neverAnswer,
  refuse,
} from "../support/client/faultyFetch.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";

const token = await mintToken();
const connect = (options: Partial<SaldoOptions> = {}) => createSaldo({ url: apiUrl, token, ...options });

/** The account's balance and the number of its entries. */
async function stateOf(userId: string): Promise<{ available: string; version: number }> {
  const { available, version } = (await get(`/v1/users/${userId}/balance?consistency=strong`)).body;
  return { available, version };
}

const FAULTS: [string, Fetch][] = [
  ["the connection breaks before the request arrives", dropRequest],
  ["the response is lost", dropAnswer],
  ["the first response is a 202", answerAtOnce],
  ["the response is a 400 without a problem document", answerInstead(400)],
  ["a proxy answers 502 for a request that was booked", answerInstead(502, "<html>Bad Gateway</html>")],
  ["a proxy answers 408 for a request that was booked", answerInstead(408)],
  ["the response breaks off in its body", answerInstead(200, '{"operationId":"')],
  ["Saldo is overloaded", refuse(503, "backpressure")],
  ["Saldo does not know the outcome", refuse(503, "outcome_unknown")],
  ["the caller's rate is limited", refuse(429, "rate_limited")],
];

test.each(FAULTS)(
  "money moves once where %s",
  async (_, fault) => {
    const userId = uniqueUserId();
    const faulty = faultyFetch(fault);
    const outcome = await connect(faulty).deposit({ userId, amount: "5" });
    expect(outcome).toMatchObject({ status: "completed", operation: { kind: "deposit", userId, amount: "5.00" } });
    expect([faulty.requests.length, faulty.keys().size]).toEqual([2, 1]);
    expect(await stateOf(userId)).toEqual({ available: "5.00", version: 1 });
  },
  30_000,
);

test("a purchase: every method returns its kind of operation, and declines are values with a code", async () => {
  const userId = await userWith("100.00");
  const saldo = connect();
  const item = { userId, serviceId: "ads", orderId: "order-1" };
  const reserve = async (amount: string) => {
    const outcome = await saldo.reserve({ ...item, amount });
    if (outcome.status !== "completed") throw new Error(outcome.code);
    return outcome.operation.reservationId;
  };
  const kinds: string[] = [];
  const done = async (call: Promise<{ status: string; operation?: { kind: string; operationId: string } }>) => {
    const { status, operation } = await call;
    expect(status).toBe("completed");
    kinds.push(operation!.kind);
    return operation!.operationId;
  };
  const reservationId = await reserve("50.00");
  await done(saldo.extendReservation({ reservationId, ttlSeconds: 600 }));
  const recognitionId = await done(saldo.recognizeReservation({ reservationId, amount: "20.00", final: false }));
  await done(saldo.releaseReservation({ reservationId, amount: "5.00" }));
  await done(saldo.recognizeByFields({ ...item, amount: "25.00" }));
  await reserve("10.00");
  await done(saldo.releaseByFields(item));
  await done(saldo.refund({ recognitionId, amount: "1.00" }));
  await done(saldo.transfer({ fromUserId: userId, toUserId: uniqueUserId(), amount: "6.00" }));
  await done(saldo.withdraw({ userId, amount: "10.00", destination: "visa" }));
  expect(kinds).toEqual([
    ...["extension", "recognition", "release", "recognition", "release", "refund", "transfer", "withdrawal"],
  ]);
  const declined = await saldo.withdraw({ userId, amount: "1000.00" });
  expect(declined).toMatchObject({ status: "declined", code: "insufficient_funds", problem: { status: 422 } });
  const { data } = await saldo.http.GET("/v1/users/{userId}/balance", { params: { path: { userId } } });
  expect(data).toMatchObject({ available: "40.00", reserved: "0.00" });
});

test("a call that ends uncertain is continued later with the same key, and the money has moved once", async () => {
  const userId = uniqueUserId();
  const faulty = faultyFetch(answerAtOnce, dropAnswer, ...Array.from({ length: 50 }, () => dropRequest));
  const uncertain = await connect(faulty)
    .deposit({ userId, amount: "5" }, { deadlineMs: 2_500 })
    .catch((error) => error);
  expect(uncertain).toBeInstanceOf(SaldoUncertain);
  expect(faulty.requests.length).toBeGreaterThan(2);
  expect(faulty.keys()).toEqual(new Set([uncertain.key]));
  expect(uncertain.cause).toBeInstanceOf(TypeError);
  const outcome = await connect().deposit({ userId, amount: "5" }, { key: uncertain.key });
  expect(outcome).toMatchObject({ status: "completed", operation: { operationId: uncertain.operationId } });
  expect(await stateOf(userId)).toEqual({ available: "5.00", version: 1 });
}, 30_000);

test("an abort ends a call that waits for a response, and it is uncertain", async () => {
  const userId = uniqueUserId();
  const abort = new AbortController();
  const call = connect({ fetch: neverAnswer }).deposit({ userId, amount: "5" }, { key: userId, signal: abort.signal });
  setTimeout(() => abort.abort(new Error("The page was left")), 50);
  const error = await call.catch((error) => error);
  expect(error).toBeInstanceOf(SaldoUncertain);
  expect([error.key, error.cause.message]).toEqual([userId, "The page was left"]);
});

test("bad input, a missing scope and a key with another request are errors at once", async () => {
  const userId = uniqueUserId();
  const failOnce = async (options: Partial<SaldoOptions>, amount: string, key?: string) => {
    const counted = faultyFetch();
    const error = await connect({ ...counted, ...options })
      .deposit({ userId, amount }, { ...(key && { key }) })
      .catch((error) => error);
    expect(error).toBeInstanceOf(SaldoError);
    expect(counted.requests).toHaveLength(1);
    return [error.status, error.problem.code];
  };
  const readOnly = await mintToken({ scope: "balance:read" });
  expect(await failOnce({}, "-1")).toEqual([400, "invalid_request"]);
  expect(await failOnce({ token: readOnly }, "1")).toEqual([403, "insufficient_scope"]);
  expect(await failOnce({ token: "no token" }, "1")).toEqual([401, "unauthenticated"]);
  expect((await connect().deposit({ userId, amount: "1" }, { key: userId })).status).toBe("completed");
  expect(await failOnce({}, "2", userId)).toEqual([422, "idempotency_payload_mismatch"]);
  expect(await stateOf(userId)).toEqual({ available: "1.00", version: 1 });
});

test("a token function is called once for many requests, and once more where its token has expired", async () => {
  const userId = uniqueUserId();
  const tokens = [await mintToken({ ttlSeconds: -60 }), token];
  let calls = 0;
  const saldo = connect({ token: async () => tokens[calls++] ?? "no token" });
  const outcomes = await Promise.all(Array.from({ length: 10 }, () => saldo.deposit({ userId, amount: "1" })));
  expect(outcomes.every(({ status }) => status === "completed")).toBe(true);
  const { data } = await saldo.http.GET("/v1/users/{userId}/balance", { params: { path: { userId } } });
  expect([data?.available, calls]).toEqual(["10.00", 2]);
});

test("a batch: items without a key get one, and each has its outcome in order, once", async () => {
  const [poor, rich] = [uniqueUserId(), uniqueUserId()];
  const faulty = faultyFetch(dropAnswer);
  const saldo = connect(faulty);
  await connect().deposit({ userId: rich, amount: "1" }, { key: rich });
  const outcomes = await saldo.submitBatch({
    operations: [
      { kind: "deposit", userId: poor, amount: "2" },
      { kind: "withdrawal", userId: poor, amount: "9", idempotencyKey: `${poor}-2` },
      { kind: "deposit", userId: rich, amount: "3", idempotencyKey: rich },
    ],
  });
  expect(outcomes).toMatchObject([
    {
      key: expect.stringMatching(/^[0-9a-f-]{36}$/),
      status: "completed",
      operation: { kind: "deposit", userId: poor },
    },
    { key: `${poor}-2`, status: "declined", code: "insufficient_funds", operation: { userId: poor } },
    { key: rich, status: "mismatched", differingFields: ["amount"] },
  ]);
  expect(faulty.requests).toHaveLength(2);
  expect(await stateOf(poor)).toEqual({ available: "2.00", version: 1 });
  expect(await stateOf(rich)).toEqual({ available: "1.00", version: 1 });
});

test("an atomic batch that is aborted has its outcomes, and an uncertain one all its keys", async () => {
  const userId = uniqueUserId();
  const operations = [
    { kind: "deposit" as const, userId, amount: "2" },
    { kind: "withdrawal" as const, userId, amount: "9" },
  ];
  const aborted = await connect(faultyFetch(answerAtOnce)).submitBatch({ operations, atomic: true });
  expect(aborted).toMatchObject([
    { status: "declined", code: "batch_aborted" },
    { status: "declined", code: "insufficient_funds" },
  ]);
  const lost = connect({ fetch: dropRequest, deadlineMs: 300 });
  const uncertain = await lost.submitBatch({ operations }).catch((error) => error);
  expect(uncertain).toBeInstanceOf(SaldoUncertain);
  expect(new Set(uncertain.keys).size).toBe(2);
});
