import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import type { Operation } from "../../src/ledger/operations.ts";
import { findBrokenPromises } from "../support/audit/promises.ts";
import { withdrawal } from "../support/ledger/operations.ts";
import { type Contenders, openContenders, tally } from "../support/ledger/reservationContenders.ts";
import {
  createReservationLedger,
  type PostedOutcome,
  type ReservationLedger,
} from "../support/ledger/reservationLedger.ts";
import { extension, recognition, refund, release, reservation } from "../support/ledger/reservationOperations.ts";

/** Rounds of each race, since the order of its contenders varies. */
const ROUNDS = 10;

let ledger: ReservationLedger;
let contenders: Contenders;

beforeAll(async () => {
  ledger = await createReservationLedger("reservation_races");
});

beforeEach(async () => {
  contenders = await openContenders(ledger, 8);
});

afterEach(async () => {
  expect(await contenders.close()).toBe(0);
  expect(await findBrokenPromises(ledger.owner)).toEqual([]);
  expect(ledger.refused).toEqual([]);
});

afterAll(() => ledger.close());

/** Posts each operation as a carrier of its own. All of them wait behind the lock of the user's account. */
async function race(userId: string, operations: Operation[]): Promise<PostedOutcome[]> {
  const lists = await contenders.holdBack([userId], () => operations.map((one) => contenders.post(one)));
  return lists.flat();
}

const size = (counts: Record<string, number>) => Object.keys(counts).length;

const times = <Result>(count: number, make: (index: number) => Result): Result[] =>
  Array.from({ length: count }, (_, index) => make(index));

describe("concurrent operations on one reservation:", () => {
  test("eight partial recognitions of 2.00 never exceed the reserved 7.00: three complete", async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const order = await ledger.fundedOrder("10.00");
      const reservationId = await ledger.reserve(order, "7.00");
      const parts = times(8, () => recognition({ reservationId, amount: "2.00", final: false }));
      expect(tally(await race(order.userId, parts))).toEqual({ completed: 3, exceeds_remaining: 5 });
      expect(await ledger.partsOf(reservationId)).toEqual(["6.00", "0.00", "0.00", "1.00"]);
    }
  });

  test("of two partial recognitions that exceed it together one completes", async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const order = await ledger.fundedOrder("10.00");
      const reservationId = await ledger.reserve(order, "5.00");
      const parts = times(2, () => recognition({ reservationId, amount: "3.00", final: false }));
      expect(tally(await race(order.userId, parts))).toEqual({ completed: 1, exceeds_remaining: 1 });
      expect(await ledger.partsOf(reservationId)).toEqual(["3.00", "0.00", "0.00", "2.00"]);
    }
  });

  test("of recognitions and releases of all of it, by fields and by id, one completes", async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const order = await ledger.fundedOrder("10.00");
      const reservationId = await ledger.reserve(order, "4.00");
      const outcomes = await race(order.userId, [
        recognition({ ...order, amount: "4.00" }),
        release(order),
        recognition({ reservationId }),
        release({ reservationId }),
        recognition({ reservationId, amount: "1.00" }),
      ]);
      expect(tally(outcomes)).toEqual({ completed: 1, reservation_settled: 4 });
      expect(await ledger.entriesOf(order.userId)).toHaveLength(3);
    }
  });

  test("an extension and the expiry of an overdue one leave it either extended and open or expired", async () => {
    const won: Record<string, number> = {};
    for (let round = 0; round < 2 * ROUNDS; round += 1) {
      const order = await ledger.fundedOrder("10.00");
      const reservationId = await ledger.reserve(order, "4.00");
      await ledger.passDeadline(reservationId);
      const extend = async () => tally(await contenders.post(extension(reservationId, 60)));
      const expire = async () => tally((await contenders.expire(order.userId, [reservationId])).posted.outcomes);
      const both = round % 2 === 0 ? [extend, expire] : [expire, extend];
      const tallies = await contenders.lineUp([order.userId], both);
      const [extended, expired] = round % 2 === 0 ? tallies : tallies.toReversed();
      const winner = extended!.completed ? "extension" : "expiry";
      won[winner] = (won[winner] ?? 0) + 1;
      expect([extended, expired]).toEqual(
        winner === "extension" ? [{ completed: 1 }, {}] : [{ reservation_expired: 1 }, { completed: 1 }],
      );
      const [open, gone] = winner === "extension" ? ["4.00", "0.00"] : ["0.00", "4.00"];
      expect(await ledger.partsOf(reservationId)).toEqual(["0.00", "0.00", gone!, open!]);
    }
    expect(Object.keys(won)).toHaveLength(2);
  });

  test("eight expiries, as by its saga and the sweep, expire it once", async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const order = await ledger.fundedOrder("10.00");
      const reservationIds = [await ledger.reserve(order, "4.00"), await ledger.reserve(order, "1.00")];
      await ledger.passDeadline(...reservationIds);
      const expiries = await contenders.holdBack([order.userId], () =>
        times(8, () => contenders.expire(order.userId, reservationIds)),
      );
      // One of the calls expires both. The others find nothing open and leave no trace.
      const expired = expiries
        .map(({ posted }) => tally(posted.outcomes))
        .toSorted((one, other) => size(other) - size(one));
      expect(expired).toEqual([{ completed: 2 }, {}, {}, {}, {}, {}, {}, {}]);
      for (const { refusedIds } of expiries) expect(refusedIds).toEqual([]);
      expect(await ledger.entriesOf(order.userId)).toHaveLength(5);
      expect((await ledger.entriesOf(order.userId)).at(-1)).toMatchObject({ 3: ["10.00", "0.00"] });
    }
  });
});

describe("concurrent operations:", () => {
  test("eight recognitions by fields recognize each of three equal reservations once", async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const order = await ledger.fundedOrder("10.00");
      const reserved = times(3, () => reservation(order, "2.00"));
      await ledger.postAll(...reserved);
      const settling = times(8, () => recognition({ ...order, amount: "2.00" }));
      expect(tally(await race(order.userId, settling))).toEqual({ completed: 3, reservation_settled: 5 });
      for (const { operationId } of reserved) expect(await ledger.partsOf(operationId)).toMatchObject({ 0: "2.00" });
    }
  });

  test("of eight reservations that exceed the balance together, as many complete as it covers", async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const order = await ledger.fundedOrder("10.00");
      const outcomes = await race(
        order.userId,
        times(8, () => reservation(order, "3.00")),
      );
      expect(tally(outcomes)).toEqual({ completed: 3, insufficient_funds: 5 });
    }
  });

  test("eight refunds of one recognition never exceed it", async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const order = await ledger.fundedOrder("10.00");
      const recognized = recognition({ reservationId: await ledger.reserve(order, "5.00") });
      await ledger.postAll(recognized);
      const refunds = times(8, (index) => refund(recognized.operationId, index % 2 === 0 ? "1.00" : undefined));
      expect(tally(await race(order.userId, refunds)).exceeds_recognized).toBeGreaterThanOrEqual(3);
      expect((await ledger.entriesOf(order.userId)).at(-1)).toMatchObject({ 3: ["10.00", "0.00"] });
    }
  });

  test("the same recognition from eight carriers completes once, with eight equal outcomes", async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const order = await ledger.fundedOrder("10.00");
      const recognized = recognition({
        reservationId: await ledger.reserve(order, "4.00"),
        amount: "1.00",
        final: false,
      });
      const outcomes = await race(
        order.userId,
        times(8, () => recognized),
      );
      for (const outcome of outcomes) expect(outcome).toEqual(outcomes[0]!);
      expect(await ledger.revenueOf(order.serviceId)).toEqual(["1.00"]);
    }
  });

  test("one key for the reservations of eight users makes one reservation and seven mismatches", async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const orders = await Promise.all(times(8, () => ledger.fundedOrder("10.00")));
      const key = crypto.randomUUID();
      const userIds = orders.map(({ userId }) => userId);
      const reserving = () => orders.map((order) => contenders.post(reservation(order, "4.00", {}, key)));
      const outcomes = await contenders.holdBack(userIds, reserving);
      expect(tally(outcomes.flat())).toEqual({ completed: 1, mismatched: 7 });
    }
  });

  test("lists that settle reservations of many users in opposite orders never deadlock", async () => {
    const orders = await Promise.all(times(5, () => ledger.fundedOrder("100.00")));
    const reservationIds = await Promise.all(orders.map((order) => ledger.reserve(order, "80.00")));
    const part = (reservationId: string) => recognition({ reservationId, amount: "1.00", final: false });
    for (let round = 0; round < ROUNDS; round += 1) {
      const lists = times(8, (index) => (index % 2 === 0 ? reservationIds : reservationIds.toReversed()).map(part));
      const held = orders.map(({ userId }) => userId);
      const outcomes = await contenders.holdBack(held, () => lists.map((list) => contenders.post(...list)));
      expect(tally(outcomes.flat())).toEqual({ completed: 40 });
    }
  });
});

describe("references by id to a row that another carrier commits meanwhile:", () => {
  test("a reservation committed during a wait for a lock is recognized, and no operation is done twice", async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const [order, elsewhere] = [await ledger.fundedOrder("10.00"), await ledger.fundedOrder("10.00")];
      const reserved = reservation(order, "4.00");
      await using holder = await contenders.hold([elsewhere.userId]);
      const waiting = contenders.post(
        withdrawal(elsewhere.userId, "1.00"),
        recognition({ reservationId: reserved.operationId, amount: "1.00", final: false }),
      );
      await contenders.awaitWaiting(1);
      expect(tally(await ledger.postAll(reserved))).toEqual({ completed: 1 });
      await holder.rollback();
      expect(tally(await waiting)).toEqual({ completed: 2 });
      expect(await ledger.partsOf(reserved.operationId)).toEqual(["1.00", "0.00", "0.00", "3.00"]);
      expect(await ledger.entriesOf(elsewhere.userId)).toHaveLength(2);
    }
  });

  test("a recognition committed during a wait for a lock is refunded", async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const [order, elsewhere] = [await ledger.fundedOrder("10.00"), await ledger.fundedOrder("10.00")];
      const recognized = recognition({ reservationId: await ledger.reserve(order, "4.00") });
      await using holder = await contenders.hold([elsewhere.userId]);
      const waiting = contenders.post(withdrawal(elsewhere.userId, "1.00"), refund(recognized.operationId, "3.00"));
      await contenders.awaitWaiting(1);
      await ledger.postAll(recognized);
      await holder.rollback();
      expect(tally(await waiting)).toEqual({ completed: 2 });
      expect(await ledger.revenueOf(order.serviceId)).toEqual(["4.00", "-3.00"]);
    }
  });

  test("120 recognitions concurrent with their reservations complete or are reservation_not_found", async () => {
    const orders = await Promise.all(times(4, () => ledger.fundedOrder("1000.00")));
    for (let wave = 0; wave < 30; wave += 1) {
      const pairs = orders.map((order) => {
        const reserved = reservation(order, "4.00");
        return { reserved, recognized: recognition({ reservationId: reserved.operationId }) };
      });
      const outcomes = await Promise.all(
        pairs.map(({ reserved, recognized }) => Promise.all([contenders.post(reserved), contenders.post(recognized)])),
      );
      for (const [[made], [used]] of outcomes) {
        expect(made!.status).toBe("completed");
        expect(["completed", "reservation_not_found"]).toContain(Object.keys(tally([used!]))[0]!);
        const [recognizedPart, , , open] = await ledger.partsOf(made!.operationId);
        expect([recognizedPart, open]).toEqual(used!.status === "completed" ? ["4.00", "0.00"] : ["0.00", "4.00"]);
      }
    }
  });
});
