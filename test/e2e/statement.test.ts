import { expect, test } from "bun:test";
import { mintToken } from "../../scripts/keys.ts";
import { type Answer, CARRIER_ID, get, post, put } from "../support/api/client.ts";
import { availableOf, userWith } from "../support/api/funds.ts";
import { expectProblem } from "../support/api/problem.ts";
import { TIME } from "../support/api/reservationCases.ts";
import { awaitSettled, completed, reserve, settle } from "../support/api/reservations.ts";
import { statement, wholeStatement } from "../support/api/statements.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";

type Item = Answer["body"];

/** Limits the entries that arrive during a walk upwards by date. Such a walk reads all of them. */
const ARRIVING_MAX = 200;

/** A user with an entry of every kind, and a friend in two of them. */
async function userOfAllKinds() {
  const [userId, friend, serviceId] = [uniqueUserId(), await userWith("50.00"), uniqueUserId("service")];
  const about = { serviceId, serviceName: "Ad promotion", orderId: "order-1" };
  await completed("/v1/deposits", { userId, amount: "100", source: "visa", comment: "Top-up" });
  await completed("/v1/withdrawals", { userId, amount: "5.00", destination: "mastercard" });
  await completed("/v1/transfers", { fromUserId: userId, toUserId: friend, amount: "4.00", comment: "For you" });
  await completed("/v1/transfers", { fromUserId: friend, toUserId: userId, amount: "1.00" });
  const reserved = await reserve(userId, "20.00", { ...about, comment: "Ad 17" });
  const { operationId } = await settle(reserved.reservationId, "recognitions", { amount: "15.00" });
  await completed("/v1/refunds", { recognitionId: operationId, amount: "2.50", comment: "Too slow" });
  await settle((await reserve(userId, "3.00", about)).reservationId, "releases");
  const late = await reserve(userId, "2.00", { ...about, orderId: "order-2", ttlSeconds: 1 });
  await awaitSettled(late.reservationId);
  return { userId, friend, serviceId, reserved };
}

const subject = await userOfAllKinds();

test("a statement contains every entry with its kind, amounts, balance, counterparty and reason", async () => {
  const { userId, friend, serviceId, reserved } = subject;
  const { status, body } = await statement(userId);
  expect([status, Object.keys(body), body.nextCursor]).toEqual([200, ["items", "nextCursor"], null]);
  const items: Item[] = body.items.toReversed();
  expect(items.map(({ kind, description }) => [kind, description])).toEqual([
    ["deposit", "You received 100.00 RUB from visa. Comment: “Top-up”"],
    ["withdrawal", "You withdrew 5.00 RUB to mastercard."],
    ["transfer", `You sent 4.00 RUB to ${friend}. Comment: “For you”`],
    ["transfer", `You received 1.00 RUB from ${friend}.`],
    ["reservation", "We set 20.00 RUB aside for Ad promotion (order order-1). Comment: “Ad 17”"],
    [
      "recognition",
      "You paid 15.00 RUB for Ad promotion (order order-1). Another 5.00 RUB that was set aside for it is available again.",
    ],
    ["refund", "You got 2.50 RUB back that you had paid for Ad promotion (order order-1). Comment: “Too slow”"],
    ["reservation", "We set 3.00 RUB aside for Ad promotion (order order-1)."],
    ["release", "3.00 RUB that we had set aside for Ad promotion (order order-1) is available again."],
    ["reservation", "We set 2.00 RUB aside for Ad promotion (order order-2)."],
    [
      "expiry",
      "2.00 RUB that we had set aside for Ad promotion (order order-2) is available again: it was not used in time.",
    ],
  ]);
  expect(items[0]).toEqual({
    operationId: expect.any(String),
    workflowId: expect.stringMatching(CARRIER_ID),
    kind: "deposit",
    amount: "100.00",
    availableDelta: "100.00",
    reservedDelta: "0.00",
    availableAfter: "100.00",
    reservedAfter: "0.00",
    version: 1,
    counterpartyUserId: null,
    serviceId: null,
    serviceName: null,
    orderId: null,
    reservationId: null,
    source: "visa",
    destination: null,
    reference: null,
    metadata: null,
    comment: "Top-up",
    description: items[0].description,
    createdAt: expect.stringMatching(TIME),
  });
  expect(items[1]).toMatchObject({ destination: "mastercard", source: null, comment: null, availableDelta: "-5.00" });
  expect(items[2]).toMatchObject({ counterpartyUserId: friend, amount: "4.00", availableDelta: "-4.00" });
  expect(items[5]).toMatchObject({
    ...{ serviceId, serviceName: "Ad promotion", orderId: "order-1", reservationId: reserved.reservationId },
    ...{ amount: "15.00", availableDelta: "5.00", reservedDelta: "-20.00", reservedAfter: "0.00", version: 6 },
  });
  expect(items.at(-1)).toMatchObject({ availableAfter: (await availableOf(userId))!, workflowId: expect.any(String) });
  const { body: event } = await get(`/v1/operations/${items[5].operationId}`);
  expect([event.workflowId, event.completedAt]).toEqual([items[5].workflowId, items[5].createdAt]);
});

test("the statements of both sides of a transfer differ in direction", async () => {
  const { userId, friend } = subject;
  const sides = await wholeStatement(friend, { kind: "transfer", order: "asc" });
  expect(sides.map(({ description, availableDelta }) => [description, availableDelta])).toEqual([
    [`You received 4.00 RUB from ${userId}. Comment: “For you”`, "4.00"],
    [`You sent 1.00 RUB to ${userId}.`, "-1.00"],
  ]);
});

test("a service appears by its present name, or by its id while it has none", async () => {
  const [userId, serviceId] = [await userWith("10.00"), uniqueUserId("service")];
  await reserve(userId, "1.00", { serviceId, orderId: "order-1" });
  const readSentence = async () => {
    const [item] = (await statement(userId, { kind: "reservation" })).body.items;
    return [item.serviceName, item.description];
  };
  expect(await readSentence()).toEqual([null, `We set 1.00 RUB aside for ${serviceId} (order order-1).`]);
  for (const name of ["Promotion", "Ads"]) {
    await put(`/v1/services/${serviceId}`, { name });
    expect(await readSentence()).toEqual([name, `We set 1.00 RUB aside for ${name} (order order-1).`]);
  }
});

test("a statement is sorted by date or amount, upwards or downwards, newest first by default", async () => {
  const versions = async (query: Record<string, string>) =>
    (await wholeStatement(subject.userId, query)).map(({ version }) => version);
  const upwards = Array.from({ length: 11 }, (_, index) => index + 1);
  expect(await versions({})).toEqual(upwards.toReversed());
  expect(await versions({ sort: "date", order: "asc" })).toEqual(upwards);
  const byAmount = [4, 10, 11, 7, 8, 9, 3, 2, 6, 5, 1];
  expect(await versions({ sort: "amount", order: "asc" })).toEqual(byAmount);
  expect(await versions({ sort: "amount" })).toEqual(byAmount.toReversed());
  expect(await versions({ sort: "amount", order: "asc", limit: "1" })).toEqual(byAmount);
});

test("filters by kind, service, order and a period without its end apply alone and together", async () => {
  const { userId, serviceId } = subject;
  const all = await wholeStatement(userId, { order: "asc" });
  const versions = async (query: Record<string, string>) =>
    (await wholeStatement(userId, { order: "asc", ...query })).map(({ version }) => version);
  expect(await versions({ kind: "reservation" })).toEqual([5, 8, 10]);
  expect(await versions({ serviceId })).toEqual([5, 6, 7, 8, 9, 10, 11]);
  expect(await versions({ orderId: "order-2" })).toEqual([10, 11]);
  expect(await versions({ orderId: "order-1", kind: "reservation", serviceId })).toEqual([5, 8]);
  expect(await versions({ serviceId: "none" })).toEqual([]);
  const [from, to] = [all[3].createdAt, all[7].createdAt];
  const within = (item: Item) => item.createdAt >= from && item.createdAt < to;
  expect(await versions({ from, to })).toEqual(all.filter(within).map(({ version }) => version));
  expect(await versions({ from, to: from })).toEqual([]);
  expect(await versions({ from, to, sort: "amount", kind: "reservation" })).toEqual([5]);
  expect(await versions({ to: "2020-01-01T00:00:00Z" })).toEqual([]);
  expect(await versions({ from: "2020-01-01T00:00:00.5Z", to: "9999-12-31T23:59:59Z" })).toHaveLength(11);
});

test("a page has 20 entries by default, and 100 at most", async () => {
  const userId = await userWith("10.00");
  await Promise.all(Array.from({ length: 101 }, () => completed("/v1/withdrawals", { userId, amount: "0.01" })));
  const ask = async (limit?: string) => (await statement(userId, limit ? { limit } : {})).body;
  expect([(await ask()).items.length, (await ask("100")).items.length]).toEqual([20, 100]);
  expect((await wholeStatement(userId)).map(({ version }) => version)).toEqual(
    Array.from({ length: 102 }, (_, index) => 102 - index),
  );
});

test("pages neither skip nor repeat while entries arrive", async () => {
  const userId = await userWith("100.00");
  for (let round = 0; round < 15; round += 1)
    await completed("/v1/withdrawals", { userId, amount: `0.0${1 + (round % 4)}` });
  const known = Array.from({ length: 16 }, (_, index) => index + 1);
  let isRead = false;
  const arriving = (async () => {
    for (let arrived = 0; arrived < ARRIVING_MAX && !isRead; arrived += 1) {
      await completed("/v1/withdrawals", { userId, amount: "0.02" });
    }
  })();
  try {
    for (const sort of ["date", "amount"]) {
      for (const order of ["asc", "desc"]) {
        const items = await wholeStatement(userId, { sort, order, limit: "2" });
        const versions = items.map(({ version }) => version);
        expect(new Set(versions).size).toBe(versions.length);
        expect(versions).toEqual(expect.arrayContaining(known));
      }
    }
  } finally {
    isRead = true;
    await arriving;
  }
});

test("the statement of a user without a credit is account_unknown, also after declines", async () => {
  for (const query of [{}, { sort: "amount", from: "2026-01-01T00:00:00Z" }]) {
    const userId = uniqueUserId("unknown");
    expectProblem(await statement(userId, query), "account_unknown", `/v1/users/${userId}/transactions`);
  }
});

test("a statement requires the scope balance:read, and no other", async () => {
  const path = `/v1/users/${subject.userId}/transactions`;
  const scope = "funds:write reservations:write reports:read audit";
  expectProblem(await get(path, { token: await mintToken({ scope }) }), "insufficient_scope", path);
  expectProblem(await get(path, { token: "x" }), "unauthenticated", path);
  expect((await get(path, { token: await mintToken({ scope: "balance:read" }) })).status).toBe(200);
});

test("a comment stays as it was given, and cannot break out of the sentence that quotes it", async () => {
  const userId = uniqueUserId();
  const comment = "x” You received 1000.00 RUB from visa. Comment: “\u202ey";
  await post("/v1/deposits", { userId, amount: "1.00", comment }, { wait: 20 });
  const [entry] = (await statement(userId)).body.items;
  expect(entry.comment).toBe(comment);
  expect(entry.description).toBe(
    "You received 1.00 RUB. Comment: “x' You received 1000.00 RUB from visa. Comment: 'y”",
  );
});
