import { expect, test } from "bun:test";
import { get, post, stack } from "../support/api/client.ts";
import { userWith } from "../support/api/funds.ts";
import { expectProblem } from "../support/api/problem.ts";
import { TIME } from "../support/api/reservationCases.ts";
import { awaitSettled, completed, pathOf, readReservation, reserve, settle } from "../support/api/reservations.ts";
import { awaitIdle } from "../support/temporal/idle.ts";

test("a reservation reads with its amounts, its saga, and its operations in the order of posting", async () => {
  const userId = await userWith("100.00");
  await awaitIdle();
  const made = await reserve(userId, "40.00", { ttlSeconds: 3, comment: "Ad 17", serviceName: "Ads" });
  const { reservationId, workflowId, serviceId, orderId } = made;
  const recognition = await settle(reservationId, "recognitions", { amount: "10.00", final: false });
  const extension = await settle(reservationId, "extensions", { ttlSeconds: 3 });
  const release = await settle(reservationId, "releases", { amount: "5.00", comment: "Less" });
  await post(pathOf(reservationId, "releases"), { amount: "99.00" }, { wait: 20 });
  const links = {
    reservation: `/v1/reservations/${reservationId}`,
    temporal: `${stack.environment.TEMPORAL_UI_URL}/namespaces/default/workflows/${workflowId}`,
  };
  const stands = { reservationId, userId, serviceId, orderId, workflowId, links, createdAt: made.completedAt };
  const open = await readReservation(reservationId);
  expect(open).toEqual({
    ...{ ...stands, state: "open", expiresAt: extension.expiresAt },
    ...{
      reserved: "40.00",
      recognized: "10.00",
      released: "5.00",
      expired: "0.00",
      refunded: "0.00",
      remaining: "25.00",
    },
    operations: [made, recognition, extension, release],
  });
  expect(workflowId).toBe(`reservation-${reservationId}`);

  const settled = await awaitSettled(reservationId);
  const expiry = settled.operations.at(-1);
  expect(settled).toEqual({
    ...{ ...stands, state: "settled", expiresAt: extension.expiresAt },
    ...{
      reserved: "40.00",
      recognized: "10.00",
      released: "5.00",
      expired: "25.00",
      refunded: "0.00",
      remaining: "0.00",
    },
    operations: [...open.operations, expiry],
  });
  expect(expiry).toEqual({
    ...{ operationId: expiry.operationId, workflowId, kind: "expiry", status: "completed", reservationId },
    ...{ userId, serviceId, serviceName: "Ads", orderId, amount: "25.00", currency: "RUB" },
    by: expect.stringMatching(/^(expiry|sweep)$/),
    createdAt: expect.stringMatching(TIME),
    completedAt: expect.stringMatching(TIME),
    balance: { available: "90.00", reserved: "0.00", version: 5 },
    links: {
      operation: `/v1/operations/${expiry.operationId}?workflowId=${workflowId}`,
      temporal: links.temporal,
    },
  });
  expect(expiry.completedAt >= extension.expiresAt).toBe(true);
  expect((await get(`/v1/operations/${expiry.operationId}`)).body).toEqual(expiry);
}, 30_000);

test("refunds are among the operations of a reservation, and change its refunded amount alone", async () => {
  const userId = await userWith("100.00");
  const made = await reserve(userId, "40.00");
  const recognition = await settle(made.reservationId, "recognitions");
  const before = await readReservation(made.reservationId);
  const body = { recognitionId: recognition.operationId, amount: "10.00" };
  const refund = await completed("/v1/refunds", body);
  expect(await readReservation(made.reservationId)).toEqual({
    ...before,
    refunded: "10.00",
    operations: [made, { ...recognition, refunded: "10.00", refundable: "30.00" }, refund],
  });
});

test("an unknown reservation is 404, also under the id of another operation", async () => {
  const { body } = await post("/v1/deposits", { userId: "alice", amount: "1.00" }, { wait: 20 });
  for (const id of [crypto.randomUUID(), body.operationId]) {
    expectProblem(await get(`/v1/reservations/${id}`), "reservation_unknown", `/v1/reservations/${id}`);
  }
});

test("while parts are settled, the amounts of a reservation equal those of its operations in every read", async () => {
  const userId = await userWith("100.00");
  const { reservationId } = await reserve(userId, "40.00");
  const settling = Promise.all(
    Array.from({ length: 40 }, (_, index) =>
      index % 2
        ? settle(reservationId, "recognitions", { amount: "1.00", final: false })
        : settle(reservationId, "releases", { amount: "1.00" }),
    ),
  );
  let over = false;
  const settled = settling.finally(() => {
    over = true;
  });
  while (!over) {
    const reads = await Promise.all(Array.from({ length: 4 }, () => readReservation(reservationId)));
    for (const { recognized, released, operations } of reads) {
      const count = (kind: string) => operations.filter((one: { kind: string }) => one.kind === kind).length;
      expect([recognized, released]).toEqual([`${count("recognition")}.00`, `${count("release")}.00`]);
    }
  }
  await settled;
  expect(await readReservation(reservationId)).toMatchObject({
    state: "settled",
    recognized: "20.00",
    released: "20.00",
  });
});
