import { expect, test } from "bun:test";
import { post } from "../support/api/client.ts";
import { userWith } from "../support/api/funds.ts";
import { awaitSettled, completed, pathOf, reserve, settle } from "../support/api/reservations.ts";
import { awaitEventsOf, readEvents } from "../support/kafka/events.ts";

test("each change of a reservation makes one event with all its ids, and an extension makes none", async () => {
  const userId = await userWith("100.00");
  const made = await reserve(userId, "40.00", { ttlSeconds: 2, comment: "Ad 17", serviceName: "Ads" });
  const { reservationId, serviceId, orderId } = made;
  const recognition = await settle(reservationId, "recognitions", { amount: "10.00", final: false, comment: "A part" });
  await settle(reservationId, "extensions", { ttlSeconds: 2 });
  const release = await settle(reservationId, "releases", { amount: "5.00" });
  const refund = await completed("/v1/refunds", { recognitionId: recognition.operationId, amount: "4.00" });
  const { operations } = await awaitSettled(reservationId);
  const expiry = operations.at(-1);

  const read = await awaitEventsOf(userId, 6);
  const about = {
    ...{ userId, counterpartyUserId: null, serviceId, serviceName: "Ads", orderId, reservationId, currency: "RUB" },
    ...{ source: null, destination: null, reference: null, metadata: null, description: expect.any(String) },
  };
  const expected = [
    [made, "40.00", "-40.00", "40.00", "60.00", "40.00", "Ad 17"],
    [recognition, "10.00", "0.00", "-10.00", "60.00", "30.00", "A part"],
    [release, "5.00", "5.00", "-5.00", "65.00", "25.00", null],
    [refund, "4.00", "4.00", "0.00", "69.00", "25.00", null],
    [expiry, "25.00", "25.00", "-25.00", "94.00", "0.00", null],
  ].map(([operation, amount, availableDelta, reservedDelta, availableAfter, reservedAfter, comment], index) => ({
    id: `${operation.operationId}:${userId}`,
    type: `saldo.operation.${operation.kind}`,
    subject: userId,
    time: operation.completedAt,
    data: {
      ...about,
      kind: operation.kind,
      recognitionId: operation.kind === "refund" ? recognition.operationId : null,
      operationId: operation.operationId,
      workflowId: operation.workflowId,
      version: index + 2,
      ...{ amount, availableDelta, reservedDelta, availableAfter, reservedAfter, comment },
    },
  }));
  expect(
    read.slice(1).map(({ event: { id, type, subject, time, data } }) => ({ id, type, subject, time, data })),
  ).toEqual(expected);
  // An event of the extension would have been published with the others.
  expect((await readEvents([userId])).map(({ event }) => event.data.kind)).not.toContain("extension");
}, 60_000);

test("a recognition that releases the rest makes one event with both amounts", async () => {
  const userId = await userWith("100.00");
  const { reservationId } = await reserve(userId, "40.00");
  await settle(reservationId, "recognitions", { amount: "10.00" });
  const [, , recognition] = await awaitEventsOf(userId, 3);
  expect(recognition!.event.data).toMatchObject({
    ...{ kind: "recognition", amount: "10.00", availableDelta: "30.00", reservedDelta: "-40.00" },
    ...{ availableAfter: "90.00", reservedAfter: "0.00" },
  });
});

test("a declined operation on a reservation makes no event", async () => {
  const userId = await userWith("100.00");
  const { reservationId } = await reserve(userId, "40.00");
  for (const route of ["recognitions", "releases"] as const) {
    expect((await post(pathOf(reservationId, route), { amount: "41.00" }, { wait: 20 })).status).toBe(422);
  }
  await settle(reservationId, "releases");
  const read = await awaitEventsOf(userId, 3);
  expect(read.map(({ event }) => event.data.kind)).toEqual(["deposit", "reservation", "release"]);
});
