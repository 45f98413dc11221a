import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "bun:test";
import type { ReservationFields } from "../../src/ledger/operations.ts";
import { findBrokenPromises } from "../support/audit/promises.ts";
import { type Contenders, openContenders, tally } from "../support/ledger/reservationContenders.ts";
import { createReservationLedger, type ReservationLedger } from "../support/ledger/reservationLedger.ts";
import { extension, recognition, release } from "../support/ledger/reservationOperations.ts";

/** Apart enough for two cores to keep the time of each race. */
const RACE_EVERY_MS = 20;
/** A race begins so much before or after the deadline, evenly spread. */
const AIM_MS = 50;

let ledger: ReservationLedger;
let contenders: Contenders;

beforeAll(async () => {
  ledger = await createReservationLedger("reservation_deadline_races");
});

beforeEach(async () => {
  contenders = await openContenders(ledger, 12);
});

afterEach(async () => {
  expect(await contenders.close()).toBe(0);
  expect(await findBrokenPromises(ledger.owner)).toEqual([]);
});

afterAll(() => ledger.close());

type Race = { order: ReservationFields; reservationId: string; expiresAt: Date; index: number };

/** Opens a reservation of 4.00 for one second, every few milliseconds another, and runs the race around its deadline. */
async function raceAroundDeadlines<Result>(count: number, run: (race: Race) => Promise<Result>): Promise<Result[]> {
  const orders = await Promise.all(Array.from({ length: count }, () => ledger.fundedOrder("10.00")));
  return await Promise.all(
    orders.map(async (order, index) => {
      await Bun.sleep(index * RACE_EVERY_MS);
      const reservationId = await ledger.reserve(order, "4.00", 1);
      const { expiresAt } = (await ledger.findReservations([reservationId]))[0]!;
      const aimMs = ((index * 37) % (2 * AIM_MS + 1)) - AIM_MS;
      await Bun.sleep(expiresAt.getTime() + aimMs - Date.now());
      return await run({ order, reservationId, expiresAt, index });
    }),
  );
}

/** Starts all at once, each time another of them first. */
async function atOnce<Result>(contend: (() => Promise<Result>)[], turn: number): Promise<Result[]> {
  const shift = turn % contend.length;
  const started = [...contend.slice(shift), ...contend.slice(0, shift)].map((one) => one());
  const ended = await Promise.all(started);
  return [...ended.slice(contend.length - shift), ...ended.slice(0, contend.length - shift)];
}

async function expireTold({ order, reservationId, expiresAt }: Race): Promise<Record<string, number>> {
  const { posted } = await contenders.expire(order.userId, [reservationId]);
  for (const { completedAt } of posted.operations) {
    expect(completedAt.getTime()).toBeGreaterThanOrEqual(expiresAt.getTime());
  }
  return tally(posted.outcomes);
}

test("200 times recognition, release and expiry of one reservation around its deadline: one of them settles all of it", async () => {
  const winners = await raceAroundDeadlines(200, async (race) => {
    const { order, reservationId, index } = race;
    const told = await atOnce(
      [
        async () => tally(await contenders.post(recognition({ reservationId }))),
        async () => tally(await contenders.post(release({ reservationId }))),
        () => expireTold(race),
      ],
      index,
    );
    const winner = told.findIndex(({ completed }) => completed === 1);
    const late = winner === 2 ? "reservation_expired" : "reservation_settled";
    expect(told).toEqual([0, 1, 2].map((one) => (one === winner ? { completed: 1 } : one === 2 ? {} : { [late]: 1 })));
    const parts = [0, 1, 2].map((part) => (part === winner ? "4.00" : "0.00"));
    expect(await ledger.partsOf(reservationId)).toEqual([...parts, "0.00"] as never);
    expect(await ledger.entriesOf(order.userId)).toHaveLength(3);
    return winner;
  });
  // Who never wins does not race.
  expect(new Set(winners)).toEqual(new Set([0, 1, 2]));
}, 60_000);

test("200 times a part of each and the expiry of the rest: each kopeck is settled once, and nothing before the deadline", async () => {
  const expired = await raceAroundDeadlines(200, async (race) => {
    const { order, reservationId, index } = race;
    const [recognized, released, expiredFirst] = await atOnce(
      [
        async () => tally(await contenders.post(recognition({ reservationId, amount: "1.50", final: false }))),
        async () => tally(await contenders.post(release({ reservationId, amount: "0.50" }))),
        () => expireTold(race),
      ],
      index,
    );
    const wasExpired = expiredFirst!.completed === 1;
    for (const told of [recognized!, released!]) {
      expect(told).toEqual(told.completed || !wasExpired ? { completed: 1 } : { reservation_expired: 1 });
    }
    const [takenMinor, freedMinor] = [recognized!.completed ? 150 : 0, released!.completed ? 50 : 0];
    const restMinor = 400 - takenMinor - freedMinor;
    const money = (minor: number) => (minor / 100).toFixed(2);
    const rest = wasExpired ? [money(restMinor), "0.00"] : ["0.00", money(restMinor)];
    expect(await ledger.partsOf(reservationId)).toEqual([money(takenMinor), money(freedMinor), ...rest] as never);
    expect((await ledger.entriesOf(order.userId)).at(-1)).toMatchObject({
      3: wasExpired ? [money(1_000 - takenMinor), "0.00"] : [money(600 + freedMinor), money(restMinor)],
    });
    return wasExpired;
  });
  expect(new Set(expired)).toEqual(new Set([true, false]));
}, 60_000);

test("200 times an extension and the expiry around the deadline: either it is extended and open, or expired, never both", async () => {
  const winners = await raceAroundDeadlines(200, async (race) => {
    const { reservationId, index } = race;
    const [extended, expired] = await atOnce(
      [async () => tally(await contenders.post(extension(reservationId, 60))), () => expireTold(race)],
      index,
    );
    const isExpired = expired!.completed === 1;
    expect(extended).toEqual(isExpired ? { reservation_expired: 1 } : { completed: 1 });
    expect(await ledger.partsOf(reservationId)).toEqual(
      isExpired ? ["0.00", "0.00", "4.00", "0.00"] : ["0.00", "0.00", "0.00", "4.00"],
    );
    const { expiresAt } = (await ledger.findReservations([reservationId]))[0]!;
    expect(expiresAt > race.expiresAt).toBe(!isExpired);
    return isExpired;
  });
  expect(new Set(winners)).toEqual(new Set([true, false]));
}, 60_000);
