import { beforeAll, expect, test } from "bun:test";
import type { ProblemCode } from "../../src/api/http/problems.ts";
import { get, post } from "../support/api/client.ts";
import { userWith } from "../support/api/funds.ts";
import { expectProblem } from "../support/api/problem.ts";
import { awaitSettled, moneyOf, pathOf, reserve, settle } from "../support/api/reservations.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";

type Reservation = { reservationId: string; fields: { userId: string; serviceId: string; orderId: string } };
type Declined = {
  name: string;
  path: string;
  body: object;
  code: ProblemCode;
  /** The reservations in the decline, in any order. */
  expectedIds?: string[];
};

async function reserved(amount: string, ttlSeconds = 600): Promise<Reservation> {
  const user = await userWith("100.00");
  const { reservationId, userId, serviceId, orderId } = await reserve(user, amount, { ttlSeconds });
  return { reservationId, fields: { userId, serviceId, orderId } };
}

/** Creates money and reservations in every state. One wait for the expiry serves all tests. */
async function setScene() {
  const [open, settled, expired, recognized] = await Promise.all([
    reserved("40.00"),
    reserved("40.00"),
    reserved("40.00", 1),
    reserved("40.00"),
  ]);
  const another = await reserve(open.fields.userId, "25.00", open.fields);
  await settle(settled.reservationId, "releases");
  const recognition = await settle(recognized.reservationId, "recognitions");
  await post("/v1/refunds", { recognitionId: recognition.operationId, amount: "30.00" }, { wait: 20 });
  await awaitSettled(expired.reservationId);
  return { open, another: another.reservationId as string, settled, expired, recognition };
}

let declined: Declined[];
let open: Reservation;
beforeAll(async () => {
  const scene = await setScene();
  open = scene.open;
  const { another, settled, expired, recognition } = scene;
  const unknown = crypto.randomUUID();
  const ofUser = (userId: string) => ({ userId, serviceId: "s", orderId: "o" });
  const both = [open.reservationId, another];
  const byFields = (fields: object, code: ProblemCode, expectedIds?: string[]): Declined[] => [
    {
      name: "recognition",
      path: "/v1/recognitions",
      body: { ...fields, amount: "30.00" },
      code,
      ...(expectedIds && { expectedIds }),
    },
    {
      name: "release",
      path: "/v1/releases",
      body: fields,
      code: code === "amount_mismatch" ? "reservation_ambiguous" : code,
      ...(expectedIds && { expectedIds }),
    },
  ];
  const byId = (reservationId: string, code: ProblemCode): Declined[] => [
    { name: "recognition by id", path: pathOf(reservationId, "recognitions"), body: {}, code },
    { name: "release by id", path: pathOf(reservationId, "releases"), body: { comment: "x" }, code },
    { name: "extension", path: pathOf(reservationId, "extensions"), body: { ttlSeconds: 60 }, code },
  ];
  const ofId = { recognitionId: recognition.operationId };
  declined = [
    {
      name: "reservation",
      path: "/v1/reservations",
      body: { ...ofUser(uniqueUserId("unknown")), amount: "1.00" },
      code: "account_not_found",
    },
    {
      name: "reservation",
      path: "/v1/reservations",
      body: { ...ofUser(open.fields.userId), amount: "35.01" },
      code: "insufficient_funds",
    },
    ...byFields(open.fields, "amount_mismatch", both),
    ...byFields({ ...open.fields, orderId: "another" }, "reservation_not_found"),
    ...byFields({ ...open.fields, serviceId: "another" }, "reservation_not_found"),
    ...byFields({ ...open.fields, userId: settled.fields.userId }, "reservation_not_found"),
    ...byFields({ ...open.fields, userId: uniqueUserId("unknown") }, "reservation_not_found"),
    ...byFields(settled.fields, "reservation_settled"),
    ...byFields(expired.fields, "reservation_expired"),
    ...byId(unknown, "reservation_not_found"),
    ...byId(settled.reservationId, "reservation_settled"),
    ...byId(expired.reservationId, "reservation_expired"),
    {
      name: "all",
      path: pathOf(open.reservationId, "recognitions"),
      body: { amount: "40.01" },
      code: "exceeds_remaining",
    },
    {
      name: "part",
      path: pathOf(open.reservationId, "recognitions"),
      body: { amount: "40.01", final: false },
      code: "exceeds_remaining",
    },
    {
      name: "release",
      path: pathOf(open.reservationId, "releases"),
      body: { amount: "40.01" },
      code: "exceeds_remaining",
    },
    { name: "refund", path: "/v1/refunds", body: { recognitionId: unknown }, code: "recognition_not_found" },
    // A reservation's id is the id of an operation, but not of a recognition.
    { name: "refund", path: "/v1/refunds", body: { recognitionId: open.reservationId }, code: "recognition_not_found" },
    { name: "refund", path: "/v1/refunds", body: { ...ofId, amount: "10.01" }, code: "exceeds_recognized" },
  ];
}, 60_000);

test("every decline has its code and its reservations, is stored, and moves nothing", async () => {
  const before = await moneyOf(open.fields.userId);
  for (const { path, body, code, expectedIds } of declined) {
    const key = crypto.randomUUID();
    const first = await post(path, body, { key, wait: 20 });
    const { operationId, workflowId, reservationIds } = first.body;
    expectProblem(first, code, path, { operationId, workflowId, ...(expectedIds && { reservationIds }) });
    if (expectedIds) expect(new Set(reservationIds)).toEqual(new Set(expectedIds));
    expect(first.headers.get("idempotency-replayed")).toBeNull();

    for (const wait of [20, undefined]) {
      const again = await post(path, body, { key, ...(wait && { wait }) });
      expect([again.status, again.body]).toEqual([422, first.body]);
      expect(again.headers.get("idempotency-replayed")).toBe("true");
    }
    const found = (await get(`/v1/operations/${operationId}`)).body;
    expect(found).toMatchObject({ operationId, workflowId, status: "declined", code, ...body });
    expect(found.reservationIds).toEqual(reservationIds);
    expect([found.balance, found.expiresAt]).toEqual([undefined, undefined]);
  }
  expect(await moneyOf(open.fields.userId)).toBe(before);
}, 60_000);

test("the declines above cover every code about reservations and refunds", () => {
  expect(new Set(declined.map(({ code }) => code))).toEqual(
    new Set([
      ...(["account_not_found", "insufficient_funds", "reservation_not_found", "reservation_ambiguous"] as const),
      ...(["reservation_settled", "reservation_expired", "amount_mismatch", "exceeds_remaining"] as const),
      ...(["recognition_not_found", "exceeds_recognized"] as const),
    ]),
  );
});

test("a decline is final: after a reservation a new attempt needs a new key", async () => {
  const userId = await userWith("10.00");
  const fields = { userId, serviceId: "s", orderId: "later" };
  const key = crypto.randomUUID();
  const early = () => post("/v1/recognitions", { ...fields, amount: "10.00" }, { key, wait: 20 });
  expect((await early()).body.code).toBe("reservation_not_found");
  await reserve(userId, "10.00", fields);
  expect((await early()).body.code).toBe("reservation_not_found");
  expect(await moneyOf(userId)).toBe("0.00 + 10.00");
});

test("refunds are repeatable up to the recognized amount, then declined", async () => {
  const userId = await userWith("40.00");
  const { reservationId } = await reserve(userId, "40.00");
  const { operationId: recognitionId } = await settle(reservationId, "recognitions");
  const refund = (amount?: string) => post("/v1/refunds", { recognitionId, ...(amount && { amount }) }, { wait: 20 });
  expect((await refund("15.00")).body.balance.available).toBe("15.00");
  expect((await refund("25.01")).body.code).toBe("exceeds_recognized");
  expect((await refund()).body).toMatchObject({ amount: "25.00", balance: { available: "40.00" } });
  expect((await refund()).body.code).toBe("exceeds_recognized");
  expect((await refund("0.01")).body.code).toBe("exceeds_recognized");
  expect(await moneyOf(userId)).toBe("40.00 + 0.00");
});
