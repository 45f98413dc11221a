import { afterAll, beforeAll, expect, test } from "bun:test";
import fc from "fast-check";
import type { Operation } from "../../src/ledger/operations.ts";
import { findBrokenPromises } from "../support/audit/promises.ts";
import { createReservationLedger, type ReservationLedger } from "../support/ledger/reservationLedger.ts";
import { type Answers, explain } from "./linearization.ts";
import { DEFAULT_TTL_SECONDS } from "./model.ts";
import { observe } from "./observation.ts";
import { type List, type Look, type Round, type Scenario, type ScenarioOperation, scenario } from "./scenario.ts";
import { balanceAt, createWorld, type World } from "./world.ts";

/** About 10 s on two idle cores. After a change of the rules: `PROPERTY_RUNS=2000 ./dev test property`. */
const RUNS = Number(process.env.PROPERTY_RUNS ?? 100);
/** A failure may depend on the order of commits. A smaller case gets several tries before it counts as passing. */
const CHANCES_WHILE_SHRINKING = 3;
/** Time limit, also for shrinking, which ends with the smallest case so far. */
const TIME_LIMIT_MS = Math.max(300_000, 1_000 * RUNS);

let ledger: ReservationLedger;

beforeAll(async () => {
  ledger = await createReservationLedger("property");
  expect(ledger.options.defaultTtlSeconds).toBe(DEFAULT_TTL_SECONDS);
});

afterAll(() => ledger.close());

test(
  "random concurrent and repeated operations match the model and keep every promise",
  async () => {
    let hasFailed = false;
    const check = fc.asyncProperty(scenario, async (run) => {
      for (let chance = hasFailed ? CHANCES_WHILE_SHRINKING : 1; chance > 0; chance -= 1) {
        try {
          await play(run);
        } catch (error) {
          hasFailed = true;
          throw error;
        }
      }
    });
    await fc.assert(check, { numRuns: RUNS, interruptAfterTimeLimit: TIME_LIMIT_MS, markInterruptAsFailure: true });
    expect(ledger.refused).toEqual([]);
  },
  TIME_LIMIT_MS,
);

async function play(run: Scenario): Promise<void> {
  await ledger.rows("truncate accounts, operations, entries, outbox, reservations, recognitions, revenue");
  let world = createWorld();
  for (const [index, round] of run.rounds.entries()) {
    try {
      world = await playRound(world, round, `${index}x`);
    } catch (error) {
      run.failedRound = index;
      throw new Error(run.read(`Round ${index}: ${(error as Error).message}`), { cause: error });
    }
  }
}

/** @returns the world after the round, equal in the model and the ledger */
async function playRound(world: World, round: Round, expiryCarrier: string): Promise<World> {
  for (const reservationId of round.overdue) await passDeadline(world, reservationId);
  const answers = await playAtOnce(round, expiryCarrier);
  const after = explain(world, round, answers, await observe(ledger.owner));
  const broken = await findBrokenPromises(ledger.owner);
  if (broken.length > 0) throw new Error(`Promises are broken:\n${JSON.stringify(broken, null, 1)}`);
  for (const look of round.looks) await lookBack(after, look);
  return after;
}

/** Reads a balance of the past, and compares it with the model's. */
async function lookBack(world: World, { userId, nth, distanceMs }: Look): Promise<void> {
  const postedAtMs = [...new Set([...world.history.values()].flat().map(({ atMs }) => atMs))].toSorted((a, b) => a - b);
  const atMs = postedAtMs.at(-1 - (nth % postedAtMs.length))! + distanceMs;
  const past = await ledger.readPastBalance(userId, new Date(atMs));
  const found = past
    ? `${past.balance.availableMinor} ${past.balance.reservedMinor} v${past.balance.version}`
    : "unknown";
  const expected = balanceAt(world, userId, atMs);
  if (found !== expected) throw new Error(`${userId} had ${expected} at ${new Date(atMs).toISOString()}, not ${found}`);
}

async function playAtOnce({ lists, expiring }: Round, expiryCarrier: string): Promise<Answers> {
  // An expiry gets only existing reservations. It cannot find those that a concurrent list opens.
  const found = await ledger.findReservations(expiring);
  const due = found.map(({ reservationId, userId }) => ({ reservationId, userId, overdueMs: 0 }));
  const expiry = due.length > 0 ? ledger.expire(expiryCarrier, due, { by: "sweep" }) : undefined;
  const posts = lists.map(({ carrier, operations }: List) => ledger.post(carrier, operations.map(toOperation)));
  // Waits for all of them, or the next run would meet leftovers of this one.
  const ended = await Promise.allSettled([expiry, ...posts]);
  for (const one of ended) if (one.status === "rejected") throw one.reason;
  return { lists: await Promise.all(posts), expiry: await expiry, expiryCarrier };
}

function toOperation({ id, key, kind, fields }: ScenarioOperation): Operation {
  return {
    operationId: id,
    caller: "property",
    idempotencyKey: key,
    acceptedAt: new Date().toISOString(),
    kind,
    request: fields,
  } as Operation;
}

/**
 * Moves the deadline into the past as the owner, since tests cannot wait for it.
 *
 * A settled reservation keeps its deadline: on a slow machine a new one would be later than the expiry.
 */
async function passDeadline(world: World, reservationId: string): Promise<void> {
  const [row] = await ledger.rows<{ expires_at: Date }>(
    `update reservations set expires_at = date_trunc('milliseconds', clock_timestamp()) - interval '1 second'
     where id = $1 and remaining_minor > 0
     returning expires_at`,
    [reservationId],
  );
  const held = world.held.get(reservationId);
  if (row && held) held.dueMs = row.expires_at.getTime();
}
