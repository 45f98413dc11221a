import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { CHANGED_SIGNAL, RELEASE_SIGNAL } from "../../src/workflows/contract.ts";
import { stack } from "../support/api/client.ts";
import { settle } from "../support/api/reservations.ts";
import { findBrokenPromises } from "../support/audit/promises.ts";
import { readLedger } from "../support/audit/stackAudit.ts";
import { awaitEvents } from "../support/kafka/events.ts";
import {
  bringTo,
  countSagasInOutbox,
  entryKindsOf,
  eventIdsOf,
  passDeadlines,
  type SagaAtStep,
  type Step,
} from "../support/saga/steps.ts";
import { pauseSweep, sweepNow } from "../support/saga/sweeps.ts";
import { restoreStack } from "../support/stack/outages.ts";
import { openWebUi, type WebUi } from "../support/temporal/webUi.ts";
import { eventually } from "../support/waiting.ts";

// What an operator does meets all sagas at once, each of them in another step, which goes on only then.

const STEPS = ["post", "sleep", "expire", "release"] as const;
const ONE_AND_MANY = [1, 3] as const;
const CASES = ONE_AND_MANY.flatMap((count) => STEPS.map((step) => ({ count, step })));

/** What happened to a reservation after it was made; nothing where it is still open. */
type End = "expiry" | "release" | undefined;

let webUi: WebUi;
let pause: AsyncDisposable;
beforeAll(async () => {
  webUi = await openWebUi();
  // Whatever is done, the sagas do, until the sweep is asked for.
  pause = await pauseSweep(webUi.client);
}, 40_000);

afterAll(async () => {
  await restoreStack();
  await pause[Symbol.asyncDispose]();
  await webUi.close();
});

const cancel = ({ handle }: SagaAtStep) => handle.cancel();
const release = ({ handle, reservationIds: [first] }: SagaAtStep) =>
  handle.signal(RELEASE_SIGNAL, { reservationId: first! });

/** Only the lone one, and none that was already settled. */
function endsOfCancelled(step: Step, count: number): { first: End; others: End } {
  if (step === "expire") return { first: "expiry", others: "expiry" };
  return { first: count === 1 || step === "release" ? "release" : undefined, others: undefined };
}

/** Only the one that is named, and once. */
function endsOfReleased(step: Step): { first: End; others: End } {
  return step === "expire" ? { first: "expiry", others: "expiry" } : { first: "release", others: undefined };
}

describe.each([
  ["cancelled", cancel, endsOfCancelled],
  ["told to release its first", release, endsOfReleased],
] as const)("A saga that is %s", (_, act, endsOf) => {
  const sagas = new Map<string, SagaAtStep>();
  beforeAll(() => leadThrough(sagas, act), 60_000);

  test.each(CASES)(
    "with $count open, in the step $step: each ends once, the saga watches over the rest and completes",
    async ({ count, step }) => {
      const saga = sagas.get(`${count} ${step}`)!;
      const { first, others } = endsOf(step, count);
      const ends = saga.userIds.map((__, index) => (index === 0 ? first : others));
      await expectStories(
        saga,
        ends.map((end) => (end ? ["reservation", end] : ["reservation"])),
      );

      for (const [index, end] of ends.entries()) {
        if (!end) await settle(saga.reservationIds[index]!, "recognitions");
      }
      await eventually(async () => (await statusOf(saga)) === "COMPLETED", 30_000);
      await expectStories(
        saga,
        ends.map((end) => ["reservation", end ?? "recognition"]),
      );
      await awaitEvents(await eventIdsOf(saga.userIds), 30_000);
    },
  );
});

describe("A saga that is terminated, with Kafka away", () => {
  const sagas = new Map<string, SagaAtStep>();
  beforeAll(async () => {
    await leadThrough(
      sagas,
      ({ handle }) => handle.terminate("by the operator"),
      () => stack.freeze("kafka"),
    );
    const held = [...sagas].flatMap(([name, saga]) => (name.includes("sleep") ? [] : [saga]));
    await eventually(async () => (await countSagasInOutbox(held)) === held.length);
    stack.thaw("kafka");
    const userIds = [...sagas.values()].flatMap((saga) => saga.userIds);
    await passDeadlines(userIds);
    await eventually(async () => {
      await sweepNow(webUi.client);
      return (await countOrphans(userIds)) === 0;
    }, 40_000);
  }, 90_000);

  test.each(CASES)(
    "with $count open, in the step $step: what it leaves, the sweep expires and publishes, once",
    async ({ count, step }) => {
      const saga = sagas.get(`${count} ${step}`)!;
      expect(await statusOf(saga)).toBe("TERMINATED");
      const first = step === "release" ? "release" : "expiry";
      await expectStories(
        saga,
        saga.userIds.map((_, index) => ["reservation", index === 0 ? first : "expiry"]),
      );
      await awaitEvents(await eventIdsOf(saga.userIds), 30_000);
    },
  );
});

test("A saga whose events wait for Kafka is cancelled, told to release and expires all the same, and its events follow", async () => {
  await stack.freeze("kafka");
  const [cancelled, told, lapsing] = (await Promise.all(
    ([1, 3, 1] as const).map((count) => bringTo(webUi.client, "sleep", count)),
  )) as [SagaAtStep, SagaAtStep, SagaAtStep];
  await passDeadlines(lapsing.userIds);
  await Promise.all([
    cancel(cancelled),
    release(told),
    lapsing.handle.signal(CHANGED_SIGNAL, { byWorkflowId: "the test" }),
  ]);
  const reserved = ["reservation"];
  await expectStories(cancelled, [[...reserved, "release"]]);
  await expectStories(told, [[...reserved, "release"], reserved, reserved]);
  await expectStories(lapsing, [[...reserved, "expiry"]]);
  const sagas = [cancelled, told, lapsing];
  expect(await countSagasInOutbox(sagas)).toBe(sagas.length);
  expect(await Promise.all(sagas.map(statusOf))).toEqual(["RUNNING", "RUNNING", "RUNNING"]);

  stack.thaw("kafka");
  for (const reservationId of told.reservationIds.slice(1)) await settle(reservationId, "recognitions");
  for (const saga of sagas) {
    await eventually(async () => (await statusOf(saga)) === "COMPLETED", 30_000);
    await awaitEvents(await eventIdsOf(saga.userIds), 30_000);
  }
}, 90_000);

test("Whatever was done to its sagas, the ledger has kept every promise", async () => {
  expect(await readLedger(findBrokenPromises)).toEqual([]);
});

/** Brings a saga of one and one of many to each step, does this to all of them, and lets the steps go on. */
async function leadThrough(
  sagas: Map<string, SagaAtStep>,
  act: (saga: SagaAtStep) => Promise<unknown>,
  beforeGoing: () => Promise<void> = async () => {},
): Promise<void> {
  await Promise.all(
    CASES.map(async ({ count, step }) => sagas.set(`${count} ${step}`, await bringTo(webUi.client, step, count))),
  );
  await Promise.all([...sagas.values()].map(act));
  await beforeGoing();
  await Promise.all([...sagas.values()].map((saga) => saga.resume()));
}

async function statusOf({ handle }: SagaAtStep): Promise<string> {
  return (await handle.describe()).status.name;
}

/** Each user comes to have exactly these entries, after the deposit. */
async function expectStories({ userIds }: SagaAtStep, stories: string[][]): Promise<void> {
  const expected = stories.map((kinds) => ["deposit", ...kinds]);
  await eventually(async () => Bun.deepEquals(await entryKindsOf(userIds), expected), 30_000).catch(() => {});
  expect(await entryKindsOf(userIds)).toEqual(expected);
}

/** What of these users is open though it is overdue, and whose events are noted and not published. */
async function countOrphans(userIds: string[]): Promise<number> {
  return await readLedger(async (owner) => {
    const { rows } = await owner.query<{ orphans: number }>(
      `select (
         (select count(*) from reservations where user_id = any ($1) and remaining_minor > 0)
         + (select count(*) from outbox, entries where operation_id = any (operation_ids) and user_id = any ($1))
       )::int as orphans`,
      [userIds],
    );
    return rows[0]!.orphans;
  });
}
