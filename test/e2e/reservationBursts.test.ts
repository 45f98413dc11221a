import { afterAll, beforeAll, expect, test } from "bun:test";
import { deriveOperationId } from "../../src/ledger/operationId.ts";
import { type Answer, post } from "../support/api/client.ts";
import { tally, userWith } from "../support/api/funds.ts";
import { moneyOf, pathOf, readReservation, settle } from "../support/api/reservations.ts";
import { requestReservation, reserveTogether } from "../support/saga/batches.ts";
import { connectOwner } from "../support/stack/owner.ts";
import { awaitIdle } from "../support/temporal/idle.ts";
import { openWebUi, type WebUi } from "../support/temporal/webUi.ts";
import { eventually } from "../support/waiting.ts";

let webUi: WebUi;
beforeAll(async () => {
  webUi = await openWebUi();
});
afterAll(() => webUi.close());

function times<Result>(count: number, work: (index: number) => Promise<Result>): Promise<Result[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => work(index)));
}

/**
 * Expects that sagas end once none of their reservations is open. A saga that pulls may also watch over pulled
 * reservations.
 * @returns how many ended
 */
async function expectClosed(workflowIds: Iterable<string>): Promise<number> {
  await using owner = await connectOwner();
  const { rows } = await owner.query<{ saga: string }>(
    `select saga from unnest($1::text[]) as saga
     where not exists (select from reservations where saga_workflow_id = saga and remaining_minor > 0)`,
    [[...workflowIds]],
  );
  for (const { saga: workflowId } of rows) {
    await eventually(async () => {
      const status = await webUi.status(workflowId);
      if (status !== "COMPLETED") throw new Error(`${workflowId} is ${status}`);
      return true;
    }, 20_000);
  }
  return rows.length;
}

test("a burst of 200 reservations, several to a saga, is recognized and settled, and every saga closes", async () => {
  const users = await times(10, () => userWith("1000.00"));
  await awaitIdle();
  const reserved = await times(200, (index) => requestReservation(users[index % 10]!, "5.00", { wait: 30 }));
  expect(tally(reserved)).toEqual({ "200": 200 });
  const sagas = new Set(reserved.map(({ body }) => body.workflowId));
  expect(sagas.size).toBeLessThan(100);

  const recognized = await times(200, (index) => {
    const { reservationId } = reserved[index]!.body;
    return post(pathOf(reservationId, "recognitions"), index % 2 ? {} : { amount: "3.00" }, { wait: 30 });
  });
  expect(tally(recognized)).toEqual({ "200": 200 });
  expect(await times(10, (index) => moneyOf(users[index]!))).toEqual(
    // The 20 reservations of a user are all recognized in full, or all in part.
    users.map((_, index) => (index % 2 ? "900.00 + 0.00" : "940.00 + 0.00")),
  );
  expect(await expectClosed(sagas)).toBeGreaterThan(0);
  expect(
    (await readReservation(reserved[0]!.body.reservationId)).operations.map(({ kind }: Answer["body"]) => kind),
  ).toEqual(["reservation", "recognition"]);
}, 90_000);

test("a recognition sent before the response to its reservation completes or is reservation_not_found", async () => {
  const userId = await userWith("1000.00");
  const pairs: [reservation: Answer, recognition: Answer][] = [];
  for (let round = 0; round < 4; round += 1) {
    const burst = await times(25, async (): Promise<[Answer, Answer]> => {
      const key = crypto.randomUUID();
      const reservation = requestReservation(userId, "1.00", { key, wait: 30 });
      const recognition = post(pathOf(deriveOperationId("demo", key), "recognitions"), {}, { wait: 30 });
      return [await reservation, await recognition];
    });
    pairs.push(...burst);
  }
  const reserved = pairs.map(([reservation]) => reservation);
  const recognized = pairs.map(([, recognition]) => recognition);
  expect(tally(reserved)).toEqual({ "200": 100 });
  const { "200": done = 0, "422 reservation_not_found": missed = 0, ...others } = tally(recognized);
  expect([others, done + missed]).toEqual([{}, 100]);
  expect(await moneyOf(userId)).toBe(`900.00 + ${missed}.00`);

  const open = reserved.filter((_, index) => recognized[index]!.status === 422);
  for (const { body } of open) await settle(body.reservationId, "releases");
  await expectClosed(new Set(reserved.map(({ body }) => body.workflowId)));
  expect(await moneyOf(userId)).toBe(`${900 + missed}.00 + 0.00`);
}, 90_000);

test("a saga of few reservations is found by users and orders, a saga of many not by one reservation", async () => {
  const users = await times(3, () => userWith("10.00"));
  const few = await reserveTogether([...users, users[0]!]);
  const { workflowId, reservationId, serviceId, orderId } = few[0];
  const saga = await webUi.describe(workflowId);
  expect(saga).toMatchObject({
    workflowId: `reservation-${reservationId}`,
    type: "reservation",
    summary: `Reservation 1.00 RUB ${users[0]}, service ${serviceId}, order ${orderId} and 3 more`,
  });
  expect(saga.searchAttributes).not.toHaveProperty("ReservationId");
  expect(saga.searchAttributes.OperationKind).toEqual(["reservation"]);
  expect(new Set(saga.searchAttributes.UserId)).toEqual(new Set(users));
  expect(new Set(saga.searchAttributes.OrderId)).toEqual(new Set(few.map((one) => one.orderId)));
  for (const one of few) await settle(one.reservationId, "releases");
  await expectClosed([saga.workflowId]);

  const many = await reserveTogether(Array.from({ length: 21 }, (_, index) => users[index % 3]!));
  const { searchAttributes } = await webUi.describe(many[0].workflowId);
  expect(searchAttributes).not.toHaveProperty("OrderId");
  expect(searchAttributes).not.toHaveProperty("ReservationId");
  expect(new Set(searchAttributes.UserId)).toEqual(new Set(users));
}, 60_000);
