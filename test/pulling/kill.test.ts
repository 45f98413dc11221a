import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { stack } from "../support/api/client.ts";
import { findBrokenPromises } from "../support/audit/promises.ts";
import { readLedger } from "../support/audit/stackAudit.ts";
import { awaitEvents } from "../support/kafka/events.ts";
import { findPulled } from "../support/pulling/carriers.ts";
import {
  type Killed,
  killAtWindowEnd,
  killBeforeAnswer,
  killBeforeCommit,
  killBeforeEvent,
  killBetweenBatches,
  killWhileSuccessorStarts,
} from "../support/pulling/killSteps.ts";
import { countOutbox, countStored, findLost, usersOf } from "../support/pulling/recovery.ts";
import { findUnended, findUnwatched } from "../support/pulling/sagaWatch.ts";
import { eventIdsOf } from "../support/saga/steps.ts";
import { pauseSweep } from "../support/saga/sweeps.ts";
import { restoreStack } from "../support/stack/outages.ts";
import { openWebUi, type WebUi } from "../support/temporal/webUi.ts";
import { eventually } from "../support/waiting.ts";

// The service is killed in each step of a carrier that pulls, and started again. The sweep is paused: the carriers do what follows.

const RECOVERED_WITHIN_MS = 60_000;

const STEPS = {
  "before the commit": killBeforeCommit,
  "between commit and answer": killBeforeAnswer,
  "between commit and event": killBeforeEvent,
  "between two batches": killBetweenBatches,
  "while the saga that relieves the carrier posts": killWhileSuccessorStarts,
  "while the carrier's successor at its window's end posts": () => killAtWindowEnd(webUi.client),
};
type Step = keyof typeof STEPS;

let webUi: WebUi;
let pause: AsyncDisposable;
const killed = {} as Record<Step, Killed>;

beforeAll(async () => {
  webUi = await openWebUi();
  pause = await pauseSweep(webUi.client);
  for (const [step, kill] of Object.entries(STEPS) as [Step, () => Promise<Killed>][]) {
    killed[step] = await kill();
    await stack.start("saldo");
  }
}, 240_000);

afterAll(async () => {
  await restoreStack();
  await pause[Symbol.asyncDispose]();
  await webUi.close();
});

test("What is killed before its commit is not done; what is committed, or in a carrier's input, is, without a retry", async () => {
  await eventually(async () => (await countStored(killed["while the saga that relieves the carrier posts"].met)) === 1);
  expect(await countStored(killed["before the commit"].met)).toBe(0);
  expect(await countStored(killed["between commit and answer"].met)).toBe(1);
});

describe.each(Object.keys(STEPS) as Step[])("A service that is killed %s", (step) => {
  test("has pulled what it acknowledged", async () => {
    expect((await findPulled(webUi.client, killed[step].attempts)).length).toBeGreaterThan(0);
  });

  test("loses nothing acknowledged, and does each request once", async () => {
    expect(await findLost(killed[step].attempts)).toEqual([]);
  });

  test("leaves no event out", async () => {
    await awaitEvents(await eventIdsOf(usersOf(killed[step].attempts)), RECOVERED_WITHIN_MS);
  });

  test("leaves each reservation to its saga", async () => {
    expect(await findUnwatched(webUi.client, usersOf(killed[step].attempts))).toEqual([]);
  });
});

test("Sagas that have pulled reservations end when all of them are settled, whatever was killed", async () => {
  const attempts = Object.values(killed).flatMap((one) => one.attempts);
  const reservations = attempts.filter(({ path }) => path === "/v1/reservations");
  expect((await findPulled(webUi.client, reservations)).length).toBeGreaterThan(0);
  expect(await findUnended(webUi.client, usersOf(reservations))).toEqual([]);
});

test("Whatever was killed, the outbox is empty and the ledger has kept every promise", async () => {
  await eventually(async () => (await countOutbox()) === 0, RECOVERED_WITHIN_MS);
  expect(await readLedger(findBrokenPromises)).toEqual([]);
});
