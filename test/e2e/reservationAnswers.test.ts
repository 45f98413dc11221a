import { expect, test } from "bun:test";
import { CARRIER_ID, get, post, stack } from "../support/api/client.ts";
import { userWith } from "../support/api/funds.ts";
import { type Case, cases, TIME } from "../support/api/reservationCases.ts";
import { moneyOf, readReservation, reserve, settle } from "../support/api/reservations.ts";
import { eventually } from "../support/waiting.ts";

const namedCases = Object.entries(cases).map(([name, make]) => ({ name, make }));

type Identity = { operationId: string; workflowId: string };

function linksOf({ operationId, workflowId }: Identity) {
  return {
    operation: `/v1/operations/${operationId}?workflowId=${workflowId}`,
    temporal: `${stack.environment.TEMPORAL_UI_URL}/namespaces/default/workflows/${workflowId}`,
  };
}

function expectedOf(sample: Omit<Case, "name">, { operationId, workflowId }: Identity) {
  const [available, reserved, version] = sample.after ?? [];
  return {
    operationId,
    workflowId,
    kind: sample.kind,
    status: "completed",
    ...sample.body,
    ...sample.subject,
    currency: "RUB",
    reservationId: sample.isReservation ? operationId : sample.reservationId,
    ...(sample.amount && { amount: sample.amount }),
    ...(sample.setsDeadline && { expiresAt: expect.stringMatching(TIME) }),
    createdAt: expect.stringMatching(TIME),
    completedAt: expect.stringMatching(TIME),
    ...(sample.after && { balance: { available, reserved, version } }),
    links: linksOf({ operationId, workflowId }),
  };
}

test.each(namedCases)(
  "$name is answered 202 with all ids known by then, and is completed at its Location",
  async ({ make }) => {
    const sample = await make();
    const accepted = await post(sample.path, sample.body, { isAsync: true });
    expect(accepted.status).toBe(202);
    const { operationId, workflowId } = accepted.body;
    expect(workflowId).toMatch(CARRIER_ID);
    const links = linksOf({ operationId, workflowId });
    const reservationId = sample.isReservation ? operationId : sample.byId ? sample.reservationId : undefined;
    const pending = { operationId, workflowId, kind: sample.kind, status: "pending", links };
    expect(accepted.body).toEqual({ ...pending, ...(reservationId && { reservationId }) });
    expect(accepted.headers.get("location")).toBe(links.operation);

    const found = await eventually(async () => {
      const { body } = await get(accepted.headers.get("location")!);
      return body.status === "completed" && body;
    });
    expect(found).toEqual(expectedOf(sample, accepted.body));
  },
);

test.each(namedCases)(
  "$name with Prefer is 200 with every field, its amounts, and the balance after it",
  async ({ make }) => {
    const sample = await make();
    const answer = await post(sample.path, sample.body, { wait: 20 });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("preference-applied")).toBe("wait=20");
    expect(answer.body.workflowId).toMatch(CARRIER_ID);
    expect(answer.body).toEqual(expectedOf(sample, answer.body));
    expect(answer.body.createdAt <= answer.body.completedAt).toBe(true);
  },
);

test("a reservation lasts for ttlSeconds, and for seven days without it", async () => {
  const userId = await userWith("10.00");
  for (const [ttlSeconds, seconds] of [
    [1, 1],
    [2_592_000, 2_592_000],
    [undefined, 604_800],
  ] as const) {
    const { body } = await post(
      "/v1/reservations",
      { userId, serviceId: "s", orderId: "o", amount: "1.00", ...(ttlSeconds && { ttlSeconds }) },
      { wait: 20 },
    );
    expect([ttlSeconds, Date.parse(body.expiresAt) - Date.parse(body.completedAt)]).toEqual([
      ttlSeconds,
      seconds * 1_000,
    ]);
    expect(body.ttlSeconds).toBe(ttlSeconds);
  }
});

test("an extension sets the deadline from now on, and never shortens it", async () => {
  const userId = await userWith("10.00");
  const { reservationId, expiresAt } = await reserve(userId, "1.00", { ttlSeconds: 3_600 });
  expect((await settle(reservationId, "extensions", { ttlSeconds: 60 })).expiresAt).toBe(expiresAt);
  expect((await readReservation(reservationId)).expiresAt).toBe(expiresAt);
  const longer = await settle(reservationId, "extensions", { ttlSeconds: 7_200 });
  expect(Date.parse(longer.expiresAt) - Date.parse(longer.completedAt)).toBe(7_200_000);
  expect((await readReservation(reservationId)).expiresAt).toBe(longer.expiresAt);
  expect(await moneyOf(userId)).toBe("9.00 + 1.00");
});

test("a caller that waited reads its own write from the cache, reserved money included", async () => {
  const userId = await userWith("100.00");
  const cached = async () => {
    const { body } = await get(`/v1/users/${userId}/balance`);
    return [body.source, body.available, body.reserved, body.version];
  };
  const { reservationId } = await reserve(userId, "40.00");
  expect(await cached()).toEqual(["cache", "60.00", "40.00", 2]);
  await settle(reservationId, "recognitions", { amount: "10.00", final: false });
  expect(await cached()).toEqual(["cache", "60.00", "30.00", 3]);
  await settle(reservationId, "releases", { amount: "5.00" });
  expect(await cached()).toEqual(["cache", "65.00", "25.00", 4]);
});
