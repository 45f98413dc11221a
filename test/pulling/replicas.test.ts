import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { stack } from "../support/api/client.ts";
import { awaitEvents } from "../support/kafka/events.ts";
import { findPulled } from "../support/pulling/carriers.ts";
import { type Killed, killBeforeAnswer, killBeforeCommit } from "../support/pulling/killSteps.ts";
import { countOutbox, countStored, findLost, usersOf } from "../support/pulling/recovery.ts";
import { findUnended, findUnwatched } from "../support/pulling/sagaWatch.ts";
import { eventIdsOf } from "../support/saga/steps.ts";
import { pauseSweep } from "../support/saga/sweeps.ts";
import { restoreStack } from "../support/stack/outages.ts";
import { type Replicas, startReplicas } from "../support/stack/replicas.ts";
import { openWebUi, type WebUi } from "../support/temporal/webUi.ts";
import { eventually } from "../support/waiting.ts";

// Two processes pull concurrently and one is killed. The other does the remaining work of its carriers, since the
// sweep is paused.

const RECOVERED_WITHIN_MS = 60_000;

const STEPS = { "before the commit": killBeforeCommit, "between commit and answer": killBeforeAnswer };
type Step = keyof typeof STEPS;

let webUi: WebUi;
let pause: AsyncDisposable;
let replicas: Replicas;
let other: string;

beforeAll(async () => {
  webUi = await openWebUi();
  pause = await pauseSweep(webUi.client);
  replicas = await startReplicas(1);
  other = replicas.origins[1]!;
}, 90_000);

afterAll(async () => {
  await replicas[Symbol.asyncDispose]();
  await restoreStack();
  await pause[Symbol.asyncDispose]();
  await webUi.close();
});

describe.each(Object.keys(STEPS) as Step[])("Of two processes that pull, one that is killed %s", (step) => {
  let killed: Killed;
  beforeAll(async () => {
    killed = await STEPS[step]([...replicas.origins]);
  }, 60_000);
  afterAll(() => stack.start("saldo"), 60_000);

  test("has pulled acknowledged operations, and so has the other", async () => {
    const pulled = await findPulled(webUi.client, killed.attempts);
    expect(new Set(pulled.map(({ origin }) => origin)).size).toBe(2);
    expect(await countStored(killed.met)).toBe(step === "before the commit" ? 0 : 1);
  });

  test("leaves its events and its sagas to the other", async () => {
    const users = usersOf(killed.attempts);
    await awaitEvents(await eventIdsOf(users), RECOVERED_WITHIN_MS);
    expect(await findUnwatched(webUi.client, users)).toEqual([]);
    await eventually(async () => (await countOutbox()) === 0, RECOVERED_WITHIN_MS);
  });

  test("loses no acknowledged operation, and the other does each request once and ends the sagas", async () => {
    expect(await findLost(killed.attempts, other)).toEqual([]);
    expect(await findUnended(webUi.client, usersOf(killed.attempts), other)).toEqual([]);
  });
});
