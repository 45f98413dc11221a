import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Answer, get, stack } from "../support/api/client.ts";
import { awaitEvents } from "../support/kafka/events.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { restoreStack } from "../support/stack/outages.ts";
import { depositAlone, depositOne, eventIdOf } from "../support/temporal/depositCarriers.ts";
import { openWebUi, type WebUi } from "../support/temporal/webUi.ts";
import { eventually } from "../support/waiting.ts";

// One outage and one wait for the sweep serve all cases, which run concurrently.

const CROWD = 150;
/** The limit of 100, plus a few carriers that were counted concurrently. */
const OPEN_CARRIERS_MAX = 110;
/** The longest backoff, or the sweep's minimum age, period and attempt under way. */
const EVENTS_WITHIN_MS = 100_000;

let webUi: WebUi;
let killedAtOnce: Answer;
let waiting: Answer;
let cancelled: Answer;
let terminated: Answer;
const crowd: Answer[] = [];
let openCarriers: number;

beforeAll(async () => {
  webUi = await openWebUi();
  await stack.freeze("kafka");

  // Its carrier is in the first attempt to publish. The workflow history contains nothing of it, not even the commit.
  killedAtOnce = await depositOne(uniqueUserId("killed"));
  await stack.kill("saldo");
  await stack.start("saldo");

  waiting = await depositAlone(webUi.client, uniqueUserId("waiting"));
  cancelled = await depositAlone(webUi.client, uniqueUserId("cancelled"));
  terminated = await depositAlone(webUi.client, uniqueUserId("terminated"));
  for (const { body } of [waiting, cancelled, terminated]) {
    await eventually(() => webUi.pendingError(body.workflowId, "publishEvents"), 20_000);
  }
  await webUi.cancel(cancelled.body.workflowId);
  await webUi.terminate(terminated.body.workflowId);

  const userId = uniqueUserId("crowd");
  // A carrier that pulls would take all of them. The limit is on the number of waiting carriers.
  while (crowd.length < CROWD) {
    const some = Array.from({ length: 10 }, () => depositAlone(webUi.client, userId));
    crowd.push(...(await Promise.all(some)));
  }
  const isCrowd = `UserId = "${userId}"`;
  await eventually(async () => (await webUi.count(isCrowd)) === CROWD);
  openCarriers = await eventually(async () => {
    const count = await webUi.count(`${isCrowd} and ExecutionStatus = "Running"`);
    return count <= OPEN_CARRIERS_MAX && count;
  }).catch(() => webUi.count(`${isCrowd} and ExecutionStatus = "Running"`));

  await stack.kill("saldo");
  stack.thaw("kafka");
  await stack.start("saldo");
}, 120_000);

afterAll(async () => {
  await restoreStack();
  await webUi.close();
});

describe("Between the commit and the event", () => {
  test("a service killed right after a commit loses no event, and the carrier completes after the restart", async () => {
    await expectArrived(killedAtOnce);
    expect(await awaitEnd(killedAtOnce)).toBe("COMPLETED");
  });

  test("a service killed while the carrier waits for Kafka loses no event", async () => {
    await expectArrived(waiting);
    expect(await awaitEnd(waiting)).toBe("COMPLETED");
  });

  test("a carrier that is cancelled in the Web UI continues, publishes and completes", async () => {
    await expectArrived(cancelled);
    expect(await awaitEnd(cancelled)).toBe("COMPLETED");
  });

  test("a carrier that is terminated in the Web UI leaves its event to the sweep", async () => {
    await expectArrived(terminated);
    expect(await webUi.status(terminated.body.workflowId)).toBe("TERMINATED");
  });

  test("with Kafka frozen 150 carriers post, about 100 wait, and the sweep publishes the other events", async () => {
    expect(crowd.map(({ status }) => status)).toEqual(crowd.map(() => 200));
    expect(openCarriers).toBeGreaterThan(0);
    expect(openCarriers).toBeLessThanOrEqual(OPEN_CARRIERS_MAX);
    const events = await awaitEvents(crowd.map(eventIdOf), EVENTS_WITHIN_MS);
    const versions = events.map(({ data }) => data.version).toSorted((one, other) => one - other);
    expect(versions).toEqual(crowd.map((_, index) => index + 1));
  });
});

/** Expects the event published, the operation completed, and the money moved once. */
async function expectArrived(deposit: Answer): Promise<void> {
  expect(deposit.status).toBe(200);
  const { operationId, userId } = deposit.body;
  const [event] = await awaitEvents([eventIdOf(deposit)], EVENTS_WITHIN_MS);
  expect(event!.data).toMatchObject({ operationId, userId, amount: "1.00", availableAfter: "1.00", version: 1 });
  expect((await get(`/v1/operations/${operationId}`)).body.status).toBe("completed");
  const balance = await get(`/v1/users/${userId}/balance?consistency=strong`);
  expect(balance.body).toMatchObject({ available: "1.00", version: 1 });
}

async function awaitEnd({ body }: Answer): Promise<string> {
  return await eventually(async () => {
    const status = await webUi.status(body.workflowId);
    return status !== "RUNNING" && status;
  }, EVENTS_WITHIN_MS);
}
