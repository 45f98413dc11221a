import { expect, test } from "bun:test";
import { get, post } from "../support/api/client.ts";
import { userWith } from "../support/api/funds.ts";
import { awaitEventsOf, readEvents } from "../support/kafka/events.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const NOTHING_RESERVED = {
  reservedDelta: "0.00",
  reservedAfter: "0.00",
  ...{ orderId: null, serviceId: null, serviceName: null, reservationId: null, recognitionId: null },
  ...{ currency: "RUB", destination: null },
};

test("a deposit makes one event, with all data that a notification needs", async () => {
  const userId = uniqueUserId();
  const texts = { comment: "«Top-up» 😀", source: "visa", reference: "visa-17", metadata: { campaign: "spring" } };
  const { body } = await post("/v1/deposits", { userId, amount: "5.5", ...texts }, { wait: 20 });
  const [read] = await awaitEventsOf(userId, 1);
  expect(read).toEqual({
    key: userId,
    contentType: "application/cloudevents+json; charset=UTF-8",
    event: {
      specversion: "1.0",
      id: `${body.operationId}:${userId}`,
      source: "/saldo",
      type: "saldo.operation.deposit",
      subject: userId,
      time: body.completedAt,
      datacontenttype: "application/json",
      dataschema: "urn:saldo:event:deposit",
      data: {
        userId,
        counterpartyUserId: null,
        kind: "deposit",
        amount: "5.50",
        availableDelta: "5.50",
        availableAfter: "5.50",
        version: 1,
        operationId: body.operationId,
        workflowId: body.workflowId,
        ...NOTHING_RESERVED,
        ...texts,
        description: "You received 5.50 RUB from visa. Comment: “«Top-up» 😀”",
      },
    },
  });
  expect(read!.event.time).toMatch(TIME);
});

test("a transfer makes two events, one for each user, each with the other as counterparty", async () => {
  const [alice, bob] = [await userWith("10.00", "alice"), uniqueUserId("bob")];
  const { body } = await post("/v1/transfers", { fromUserId: alice, toUserId: bob, amount: "4.00" }, { wait: 20 });
  const { operationId, workflowId } = body;
  const [, sent] = await awaitEventsOf(alice, 2);
  const [received] = await awaitEventsOf(bob, 1);
  const both = {
    ...{ kind: "transfer", amount: "4.00", operationId, workflowId, source: null, comment: null },
    ...{ reference: null, metadata: null, ...NOTHING_RESERVED },
  };
  expect([sent?.key, sent?.event.id, sent?.event.type]).toEqual([
    alice,
    `${operationId}:${alice}`,
    "saldo.operation.transfer",
  ]);
  expect(sent?.event.data).toEqual({
    ...both,
    description: `You sent 4.00 RUB to ${bob}.`,
    userId: alice,
    counterpartyUserId: bob,
    availableDelta: "-4.00",
    availableAfter: "6.00",
    version: 2,
  });
  expect([received?.key, received?.event.id]).toEqual([bob, `${operationId}:${bob}`]);
  expect(received?.event.data).toEqual({
    ...both,
    description: `You received 4.00 RUB from ${alice}.`,
    userId: bob,
    counterpartyUserId: alice,
    availableDelta: "4.00",
    availableAfter: "4.00",
    version: 1,
  });
});

test("a declined operation makes no event, and a replayed one makes no second event", async () => {
  const userId = await userWith("10.00");
  const key = crypto.randomUUID();
  const declined = await post("/v1/withdrawals", { userId, amount: "11.00" }, { wait: 20 });
  expect(declined.status).toBe(422);
  for (let time = 0; time < 3; time += 1) await post("/v1/withdrawals", { userId, amount: "1.00" }, { key, wait: 20 });
  await post("/v1/withdrawals", { userId, amount: "2.00" }, { wait: 20 });
  const read = await awaitEventsOf(userId, 3);
  expect(read.map(({ event }) => [event.data.version, event.data.availableDelta])).toEqual([
    [1, "10.00"],
    [2, "-1.00"],
    [3, "-2.00"],
  ]);
  const ids = (await readEvents([userId])).map(({ event }) => event.data.operationId);
  expect(ids).not.toContain(declined.body.operationId);
});

test("60 concurrent operations make 60 events with consecutive versions and balances", async () => {
  const userId = await userWith("100.00");
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, index) =>
      post(index % 2 ? "/v1/deposits" : "/v1/withdrawals", { userId, amount: "1.00" }, { wait: 30 }),
    ),
  );
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  const read = await awaitEventsOf(userId, 61);
  expect(read.map(({ event }) => event.data.version)).toEqual(Array.from({ length: 61 }, (_, index) => index + 1));
  let available = 0;
  for (const { event } of read) {
    available += Number(event.data.availableDelta);
    expect(event.data.availableAfter).toBe(available.toFixed(2));
  }
  expect((await get(`/v1/users/${userId}/balance`)).body.available).toBe(available.toFixed(2));
}, 60_000);
