import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { stack } from "../support/api/client.ts";
import { settle } from "../support/api/reservations.ts";
import { findBrokenPromises } from "../support/audit/promises.ts";
import { readLedger } from "../support/audit/stackAudit.ts";
import { awaitEvents } from "../support/kafka/events.ts";
import { bringTo, countSagasInOutbox, entryKindsOf, eventIdsOf, type SagaAtStep } from "../support/saga/steps.ts";
import { pauseSweep } from "../support/saga/sweeps.ts";
import { restoreStack } from "../support/stack/outages.ts";
import { openWebUi, type WebUi } from "../support/temporal/webUi.ts";
import { eventually } from "../support/waiting.ts";

// One kill meets all of these sagas, each in another step. The sweep is paused, so the sagas themselves do all that
// follows.

/**
 * Temporal redispatches a workflow task of a dead worker after 10 s. The first attempt goes to the queue of that
 * worker.
 */
const ENDS_WITHIN_MS = 60_000;

/** Long enough to bring all other sagas to their commits first. */
const LAPSING_TTL_SECONDS = 4;

const STEPS = ["post", "expire", "release"] as const;

let webUi: WebUi;
let pause: AsyncDisposable;
const beforeCommit = new Map<string, SagaAtStep>();
const afterCommit = new Map<string, SagaAtStep>();
let asleep: SagaAtStep;
let lapsing: SagaAtStep;
/** Entry kinds of the sagas held before their commit, read while the service was dead. */
let uncommitted: string[][];

beforeAll(async () => {
  webUi = await openWebUi();
  const { client } = webUi;
  pause = await pauseSweep(client);
  asleep = await bringTo(client, "sleep", 3);
  await Promise.all(
    STEPS.flatMap((step) => [
      bringTo(client, step, 1).then((saga) => beforeCommit.set(step, saga)),
      bringTo(client, step, 3).then((saga) => afterCommit.set(step, saga)),
    ]),
  );
  lapsing = await bringTo(client, "sleep", 1, LAPSING_TTL_SECONDS);

  // These commits reach only the ledger. Kafka is killed, since data sent to a frozen one would stay in its socket.
  await Promise.all([stack.freeze("temporal"), stack.kill("kafka")]);
  await Promise.all([...afterCommit.values()].map((saga) => saga.resume()));
  await eventually(async () => (await countSagasInOutbox([...afterCommit.values()])) === STEPS.length);
  await stack.kill("saldo");
  uncommitted = await entryKindsOf(STEPS.flatMap((step) => beforeCommit.get(step)!.userIds));
  expect(await entryKindsOf(lapsing.userIds)).toEqual([["deposit", "reservation"]]);
  await Promise.all([...beforeCommit.values()].map((saga) => saga.resume()));
  await Promise.all([stack.start("kafka"), eventually(() => isOverdue(lapsing.reservationIds[0]!))]);

  stack.thaw("temporal");
  await stack.start("saldo");
}, 90_000);

afterAll(async () => {
  await restoreStack();
  await pause[Symbol.asyncDispose]();
  await webUi.close();
});

describe("A service that is killed before the commit", () => {
  test("has posted nothing", () => {
    expect(uncommitted).toEqual([["deposit"], ["deposit", "reservation"], ["deposit", "reservation"]]);
  });

  test("posts the list of a saga once after the restart, and the saga waits for its reservations", async () => {
    const saga = beforeCommit.get("post")!;
    await awaitStories(saga, [["reservation"]]);
    await settle(saga.reservationIds[0]!, "recognitions");
    await expectEnd(saga, [["reservation", "recognition"]]);
  });

  test("posts an expiry once after the restart", async () => {
    await expectEnd(beforeCommit.get("expire")!, [["reservation", "expiry"]]);
  });

  test("posts an operator's release once after the restart", async () => {
    await expectEnd(beforeCommit.get("release")!, [["reservation", "release"]]);
  });
});

describe("A service that is killed between the commit and the events", () => {
  test("posts a list of many reservations only once, publishes it, and the saga continues", async () => {
    const saga = afterCommit.get("post")!;
    await expectEvents(saga);
    for (const reservationId of saga.reservationIds) await settle(reservationId, "releases");
    await expectEnd(
      saga,
      saga.userIds.map(() => ["reservation", "release"]),
    );
  });

  test("publishes the expiry of many reservations, and the saga ends", async () => {
    const saga = afterCommit.get("expire")!;
    await expectEnd(
      saga,
      saga.userIds.map(() => ["reservation", "expiry"]),
    );
  });

  test("publishes an operator's release of one of many, and the saga waits for the others", async () => {
    const saga = afterCommit.get("release")!;
    await expectEvents(saga);
    for (const reservationId of saga.reservationIds.slice(1)) await settle(reservationId, "recognitions");
    await expectEnd(saga, [
      ["reservation", "release"],
      ["reservation", "recognition"],
      ["reservation", "recognition"],
    ]);
  });
});

describe("A service that is killed while its sagas sleep", () => {
  test("resumes them: settlements of their reservations signal the sagas, which end", async () => {
    for (const reservationId of asleep.reservationIds) await settle(reservationId, "recognitions");
    await expectEnd(
      asleep,
      asleep.userIds.map(() => ["reservation", "recognition"]),
    );
  });

  test("keeps a deadline that passed while it was down", async () => {
    await expectEnd(lapsing, [["reservation", "expiry"]]);
  });
});

test("After all kills the ledger has kept every promise", async () => {
  expect(await readLedger(findBrokenPromises)).toEqual([]);
});

/**
 * Expects that the saga completes. Each user has exactly these entries after the deposit, and each entry has its
 * event.
 */
async function expectEnd(saga: SagaAtStep, stories: string[][]): Promise<void> {
  await awaitStories(saga, stories);
  await eventually(async () => (await saga.handle.describe()).status.name === "COMPLETED", ENDS_WITHIN_MS);
  await expectEvents(saga);
  expect(await entryKindsOf(saga.userIds)).toEqual(stories.map((kinds) => ["deposit", ...kinds]));
}

async function awaitStories({ userIds }: SagaAtStep, stories: string[][]): Promise<void> {
  const expected = stories.map((kinds) => ["deposit", ...kinds]);
  await eventually(async () => Bun.deepEquals(await entryKindsOf(userIds), expected), ENDS_WITHIN_MS);
}

/** Expects all events, and no outbox row of the saga. */
async function expectEvents(saga: SagaAtStep): Promise<void> {
  await eventually(async () => (await countSagasInOutbox([saga])) === 0, ENDS_WITHIN_MS);
  await awaitEvents(await eventIdsOf(saga.userIds), ENDS_WITHIN_MS);
}

async function isOverdue(reservationId: string): Promise<boolean> {
  return await readLedger(async (owner) => {
    const { rows } = await owner.query(
      "select expires_at < clock_timestamp() as overdue from reservations where id = $1",
      [reservationId],
    );
    return rows[0].overdue;
  });
}
