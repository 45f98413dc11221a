import { afterAll, beforeAll, expect, test } from "bun:test";
import { apiUrl } from "../support/api/client.ts";
import { awaitEvents } from "../support/kafka/events.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import {
  type Attempt,
  attemptOnce,
  type Callers,
  depositOf,
  reservationOf,
  startCallers,
} from "../support/pulling/callers.ts";
import { isPulled, readInput } from "../support/pulling/carriers.ts";
import { slowCommits } from "../support/pulling/heldCommits.ts";
import { findLost, usersOf } from "../support/pulling/recovery.ts";
import { findUnended, findUnwatched } from "../support/pulling/sagaWatch.ts";
import { eventIdsOf } from "../support/saga/steps.ts";
import { pauseSweep } from "../support/saga/sweeps.ts";
import { restoreStack } from "../support/stack/outages.ts";
import { openWebUi, type WebUi } from "../support/temporal/webUi.ts";

/** Earlier than the deadlines of the other reservations of its saga. */
const TTL_SECONDS = 120;

let webUi: WebUi;
let pause: AsyncDisposable;
let callers: Callers;

beforeAll(async () => {
  webUi = await openWebUi();
  pause = await pauseSweep(webUi.client);
  callers = await startCallers({ depositing: 0, reserving: 2 });
  await callers.awaitAcknowledged(10);
}, 60_000);

afterAll(async () => {
  await callers.stop();
  await restoreStack();
  await pause[Symbol.asyncDispose]();
  await webUi.close();
});

test("a pulled reservation that commits after its posting was given up is watched by its saga", async () => {
  const userId = uniqueUserId("slow");
  await attemptOnce(depositOf(userId), 10, apiUrl, callers.attempts);
  const reserved = await reserveSlowly(userId);
  await callers.stop();
  expect(await readInput(webUi.client, reserved.answer!.body.workflowId)).not.toContain(
    reserved.answer!.body.operationId,
  );
  expect(await findLost(callers.attempts)).toEqual([]);
  expect(await findUnwatched(webUi.client, [userId])).toEqual([]);
  expect(await findUnended(webUi.client, usersOf(callers.attempts))).toEqual([]);
  await awaitEvents(await eventIdsOf([userId]), 60_000);
});

/** Reserves in a transaction that commits late, pulled by a saga. */
async function reserveSlowly(userId: string): Promise<Attempt> {
  await using commits = await slowCommits(`new.request ->> 'userId' = '${userId}'`);
  for (let tries = 0; tries < 5; tries += 1) {
    const pending = attemptOnce(reservationOf(userId, TTL_SECONDS), 10, apiUrl, callers.attempts);
    await commits.awaitWaiting();
    const wasPulled = await isPulled();
    const attempt = await pending;
    if (wasPulled) return attempt;
  }
  throw new Error("No reservation was pulled");
}
