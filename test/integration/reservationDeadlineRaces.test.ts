import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "bun:test";
import type { ReservationFields } from "../../src/ledger/operations.ts";
import { findBrokenPromises } from "../support/audit/promises.ts";
import { type Contenders, openContenders, tally } from "../support/ledger/reservationContenders.ts";
import { createReservationLedger, type ReservationLedger } from "../support/ledger/reservationLedger.ts";
import { extension, recognition, release } from "../support/ledger/reservationOperations.ts";

/** Races that are open at a time. A busy machine then has longer pauses between them, and keeps the time of each. */
const LANES = 16;
/** The lanes begin one after the other, within the second that a reservation lives. */
const LANE_EVERY_MS = 60;
/** A race begins at most this long before or after its aim, evenly spread. */
const AIM_MS = 50;
/** Shift of the aim after each race. So the expiry wins about half of them on any machine. */
const AIM_STEP_MS = 10;

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

/**
 * Runs a race around the deadline of each of many reservations. Each holds 4.00 for one second.
 * @returns for each race whether the expiry has won, as `run` does
 */
async function raceAroundDeadlines(count: number, run: (race: Race) => Promise<boolean>): Promise<boolean[]> {
  let centerMs = 0;
  const orders = await Promise.all(Array.from({ length: count }, () => ledger.fundedOrder("10.00")));
  const outcomes: boolean[] = [];
  const raceOnce = async (index: number) => {
    const order = orders[index]!;
    const reservationId = await ledger.reserve(order, "4.00", 1);
    const { expiresAt } = (await ledger.findReservations([reservationId]))[0]!;
    const aimMs = centerMs + ((index * 37) % (2 * AIM_MS + 1)) - AIM_MS;
    await Bun.sleep(expiresAt.getTime() + aimMs - Date.now());
    const isExpired = await run({ order, reservationId, expiresAt, index });
    centerMs += isExpired ? -AIM_STEP_MS : AIM_STEP_MS;
    outcomes.push(isExpired);
  };
  const lanes = Array.from({ length: LANES }, async (_, lane) => {
    await Bun.sleep(lane * LANE_EVERY_MS);
    for (let index = lane; index < count; index += LANES) await raceOnce(index);
  });
  await Promise.all(lanes);
  return outcomes;
}

/** Starts all contenders at once, each time with another one first. */
async function atOnce<Result>(contend: (() => Promise<Result>)[], turn: number): Promise<Result[]> {
  const shift = turn % contend.length;
  const started = [...contend.slice(shift), ...contend.slice(0, shift)].map((one) => one());
  const ended = await Promise.all(started);
  return [...ended.slice(contend.length - shift), ...ended.slice(0, contend.length - shift)];
}

async function tallyExpiry({ order, reservationId, expiresAt }: Race): Promise<Record<string, number>> {
  const { posted } = await contenders.expire(order.userId, [reservationId]);
  for (const { completedAt } of posted.operations) {
    expect(completedAt.getTime()).toBeGreaterThanOrEqual(expiresAt.getTime());
  }
  return tally(posted.outcomes);
}

test("in 100 races around the deadline, recognition, release and expiry settle a reservation once", async () => {
  const winners = new Set<number>();
  await raceAroundDeadlines(100, async (race) => {
    const { order, reservationId, index } = race;
    const tallies = await atOnce(
      [
        async () => tally(await contenders.post(recognition({ reservationId }))),
        async () => tally(await contenders.post(release({ reservationId }))),
        () => tallyExpiry(race),
      ],
      index,
    );
    const winner = tallies.findIndex(({ completed }) => completed === 1);
    const late = winner === 2 ? "reservation_expired" : "reservation_settled";
    expect(tallies).toEqual(
      [0, 1, 2].map((one) => (one === winner ? { completed: 1 } : one === 2 ? {} : { [late]: 1 })),
    );
    const parts = [0, 1, 2].map((part) => (part === winner ? "4.00" : "0.00"));
    expect(await ledger.partsOf(reservationId)).toEqual([...parts, "0.00"] as never);
    expect(await ledger.entriesOf(order.userId)).toHaveLength(3);
    winners.add(winner);
    return winner === 2;
  });
  // A contender that never wins has not raced.
  expect(winners).toEqual(new Set([0, 1, 2]));
}, 60_000);

test("in 100 races, parts and the expiry of the rest settle each kopeck once, none before the deadline", async () => {
  const expired = await raceAroundDeadlines(100, async (race) => {
    const { order, reservationId, index } = race;
    const [recognized, released, expiredFirst] = await atOnce(
      [
        async () => tally(await contenders.post(recognition({ reservationId, amount: "1.50", final: false }))),
        async () => tally(await contenders.post(release({ reservationId, amount: "0.50" }))),
        () => tallyExpiry(race),
      ],
      index,
    );
    const wasExpired = expiredFirst!.completed === 1;
    for (const part of [recognized!, released!]) {
      expect(part).toEqual(part.completed || !wasExpired ? { completed: 1 } : { reservation_expired: 1 });
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

test("in 100 races around the deadline, a reservation is either extended and open or expired, never both", async () => {
  const winners = await raceAroundDeadlines(100, async (race) => {
    const { reservationId, index } = race;
    const [extended, expired] = await atOnce(
      [async () => tally(await contenders.post(extension(reservationId, 60))), () => tallyExpiry(race)],
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
