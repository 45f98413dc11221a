import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { apiUrl, get, stack } from "../support/api/client.ts";
import { awaitEvents } from "../support/kafka/events.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { type Attempt, attemptOnce, type Callers, depositOf, startCallers } from "../support/pulling/callers.ts";
import { findPulled, isPulled, readInput } from "../support/pulling/carriers.ts";
import { countStored, findLost, usersOf } from "../support/pulling/recovery.ts";
import { findUnended, findUnwatched } from "../support/pulling/sagaWatch.ts";
import { eventIdsOf } from "../support/saga/steps.ts";
import { pauseSweep } from "../support/saga/sweeps.ts";
import { type HeldAccount, holdAccount } from "../support/stack/heldAccount.ts";
import { type Outage, restoreStack, withOutage } from "../support/stack/outages.ts";
import { openWebUi, type WebUi } from "../support/temporal/webUi.ts";
import { eventually } from "../support/waiting.ts";

/** The longest backoff of a post, plus its attempts on connections to the dead server. */
const RECOVERED_WITHIN_MS = 60_000;

const REFUSALS = ["outcome_unknown", "temporal_unavailable", "backpressure"];

let webUi: WebUi;
let pause: AsyncDisposable;

beforeAll(async () => {
  webUi = await openWebUi();
  pause = await pauseSweep(webUi.client);
}, 60_000);

afterAll(async () => {
  await restoreStack();
  await pause[Symbol.asyncDispose]();
  await webUi.close();
});

describe.each<Outage>(["stopped", "killed", "frozen"])("While PostgreSQL is %s during a pulled posting", (outage) => {
  test("its caller gets 202 once Temporal holds the operation, which completes afterwards", async () => {
    await using callers = await startCallers({ depositing: 2, reserving: 1, wait: null });
    const held = await holdPulled(callers);
    await using account = held.account;
    await withOutage("postgres", outage, async () => {
      const { answer } = await held.attempt;
      expect(answer?.status).toBe(202);
      const { workflowId, operationId } = answer!.body;
      const isInput = (await readInput(webUi.client, workflowId)).includes(operationId);
      // A graceful stop may end the session with the lock first. The posting then commits: completion is proven below.
      if (outage !== "stopped") expect(isInput).toBe(true);
      if (isInput) expect(await webUi.status(workflowId)).toBe("RUNNING");
      await callers.stop();
    });
    await account.release().catch(() => {});
    await expectCompletion(callers.attempts);
  });
});

test("a pulled operation that waits too long is answered 202, and is pending in a carrier of its own", async () => {
  await using callers = await startCallers({ depositing: 2, reserving: 1, wait: null });
  const held = await holdPulled(callers);
  await using account = held.account;
  const { answer } = await held.attempt;
  expect(answer?.status).toBe(202);
  const { workflowId, operationId } = answer!.body;
  const read = await get(`/v1/operations/${operationId}?workflowId=${workflowId}`);
  expect(read.body).toMatchObject({ status: "pending", workflowId, operationId });
  expect(await readInput(webUi.client, workflowId)).toContain(operationId);
  await callers.stop();
  await account.release();
  await expectCompletion(callers.attempts);
});

test("with Temporal frozen a carrier pulls until its window ends, then callers get 503; nothing is lost", async () => {
  await using callers = await startCallers({ depositing: 3, reserving: 1 });
  await callers.awaitAcknowledged(20);
  const goneOn = await withOutage("temporal", "frozen", async () => {
    const before = callers.acknowledged().length;
    await callers.awaitAcknowledged(5);
    const refused = () => callers.attempts.filter(({ answer }) => answer?.status === 503);
    await eventually(async () => refused().length >= 12, 30_000);
    for (const { answer } of refused()) expect(REFUSALS).toContain(answer!.body.code);
    const after = callers.acknowledged();
    await callers.stop();
    expect(callers.acknowledged()).toHaveLength(after.length);
    return after.slice(before);
  });
  expect(await findPulled(webUi.client, goneOn)).not.toEqual([]);
  await expectRecovery(callers.attempts);
});

/** A pulled request, whose posting waits for the lock of an account. */
async function holdPulled(callers: Callers): Promise<{ account: HeldAccount; attempt: Promise<Attempt> }> {
  await eventually(async () => callers.attempts.filter(({ answer }) => answer?.status === 202).length > 10, 30_000);
  for (let tries = 0; tries < 5; tries += 1) {
    const userId = uniqueUserId("held");
    await attemptOnce(depositOf(userId), 10, apiUrl, callers.attempts);
    const account = await holdAccount(userId);
    const attempt = attemptOnce(depositOf(userId), null, apiUrl, callers.attempts);
    await account.awaitWaiting();
    if (await isPulled()) return { account, attempt };
    await account.release();
  }
  throw new Error("No request was pulled");
}

/** Expects that accepted requests complete without a retry. */
async function expectCompletion(attempts: readonly Attempt[]): Promise<void> {
  const accepted = attempts.filter(({ answer }) => answer?.status === 202);
  await eventually(async () => (await countStored(accepted)) === accepted.length, RECOVERED_WITHIN_MS);
  await expectRecovery(attempts);
}

async function expectRecovery(attempts: readonly Attempt[]): Promise<void> {
  const users = usersOf(attempts);
  expect(await findLost(attempts)).toEqual([]);
  await awaitEvents(await eventIdsOf(users), RECOVERED_WITHIN_MS);
  expect(await findUnwatched(webUi.client, users)).toEqual([]);
  expect(await findUnended(webUi.client, users)).toEqual([]);
  expect((await stack.health("saldo")).healthy).toBe(true);
}
