import { expect, test } from "bun:test";
import { post } from "../support/api/client.ts";
import { userWith } from "../support/api/funds.ts";
import { awaitSettled, moneyOf, readReservation, reserve, settle, uniqueOrderId } from "../support/api/reservations.ts";

/** Opens reservations of one user, service and order, with these amounts and times to live. */
async function reserveAll(wanted: readonly (readonly [amount: string, ttlSeconds: number])[]) {
  const fields = { userId: await userWith("1000.00"), serviceId: "promotion", orderId: uniqueOrderId() };
  const ids: string[] = [];
  for (const [amount, ttlSeconds] of wanted) {
    ids.push((await reserve(fields.userId, amount, { ...fields, ttlSeconds })).reservationId);
  }
  return { fields, ids };
}

test("of reservations that hold exactly the amount, a recognition takes the one that is due first", async () => {
  const { fields, ids } = await reserveAll([
    ["10.00", 300],
    ["10.00", 100],
    ["20.00", 50],
    ["10.00", 200],
  ]);
  const recognize = () => post("/v1/recognitions", { ...fields, amount: "10.00" }, { wait: 20 });
  const taken = [];
  for (let time = 0; time < 3; time += 1) taken.push((await recognize()).body.reservationId);
  expect(taken).toEqual([ids[1], ids[3], ids[0]]);
  expect((await recognize()).body).toMatchObject({ code: "amount_mismatch", reservationIds: [ids[2]] });
});

test("a partly settled reservation is recognized by its remaining amount", async () => {
  const { fields, ids } = await reserveAll([
    ["40.00", 100],
    ["30.00", 300],
  ]);
  await settle(ids[0]!, "recognitions", { amount: "10.00", final: false });
  const recognize = (amount: string) => post("/v1/recognitions", { ...fields, amount }, { wait: 20 });
  expect((await recognize("40.00")).body.code).toBe("amount_mismatch");
  expect((await recognize("30.00")).body.reservationId).toBe(ids[0]);
  expect((await readReservation(ids[0]!)).state).toBe("settled");
  expect((await recognize("30.00")).body.reservationId).toBe(ids[1]);
});

test("an extension changes which one is due first", async () => {
  const { fields, ids } = await reserveAll([
    ["10.00", 100],
    ["10.00", 200],
  ]);
  await settle(ids[0]!, "extensions", { ttlSeconds: 300 });
  const { body } = await post("/v1/recognitions", { ...fields, amount: "10.00" }, { wait: 20 });
  expect(body.reservationId).toBe(ids[1]);
});

test("a release by fields takes the only one, or the first due of equal amounts, else it is ambiguous", async () => {
  const { fields, ids } = await reserveAll([
    ["10.00", 300],
    ["10.00", 100],
    ["15.00", 200],
  ]);
  const release = () => post("/v1/releases", fields, { wait: 20 });
  const ambiguous = await release();
  expect(ambiguous.body.code).toBe("reservation_ambiguous");
  expect(new Set(ambiguous.body.reservationIds)).toEqual(new Set(ids));
  await settle(ids[2]!, "releases", { amount: "5.00" });
  const taken = [];
  for (let time = 0; time < 3; time += 1) taken.push((await release()).body.reservationId);
  expect(taken).toEqual([ids[1], ids[2], ids[0]]);
  expect((await release()).body.code).toBe("reservation_settled");
  expect(await moneyOf(fields.userId)).toBe("1000.00 + 0.00");
});

test("without an open reservation the latest decides: settled, though one before it has expired", async () => {
  const { fields, ids } = await reserveAll([["10.00", 1]]);
  const later = await reserve(fields.userId, "10.00", fields);
  await settle(later.reservationId, "releases");
  const first = await awaitSettled(ids[0]!);
  expect(first.expired).toBe("10.00");
  const recognition = await post("/v1/recognitions", { ...fields, amount: "10.00" }, { wait: 20 });
  expect(recognition.body.code).toBe("reservation_settled");
  expect((await post("/v1/releases", fields, { wait: 20 })).body.code).toBe("reservation_settled");
});

test("users, services and orders are compared byte for byte", async () => {
  const { fields } = await reserveAll([["10.00", 100]]);
  for (const [field, value] of Object.entries(fields)) {
    for (const other of [value.toUpperCase(), `${value}.`]) {
      const { body } = await post("/v1/releases", { ...fields, [field]: other }, { wait: 20 });
      expect([field, other, body.code]).toEqual([field, other, "reservation_not_found"]);
    }
  }
});
