import type { Client } from "@temporalio/client";
import { apiUrl, stack } from "../api/client.ts";
import { readLedger } from "../audit/stackAudit.ts";
import { uniqueUserId } from "../ledger/operations.ts";
import { holdAccount } from "../stack/heldAccount.ts";
import { eventually } from "../waiting.ts";
import {
  type Attempt,
  attemptOnce,
  type Callers,
  type CallersOptions,
  depositOf,
  reservationOf,
  startCallers,
} from "./callers.ts";
import { areInputsCommitted, isPulled } from "./carriers.ts";
import { holdCommits } from "./heldCommits.ts";
import { countOutbox } from "./recovery.ts";

/** The requests of one step: all of them, and those in progress at the kill. */
export type Killed = { attempts: Attempt[]; met: Attempt[] };

/** Attempts per step, each with a new user. A hand-over to another carrier can interfere with the step. */
const TRIES = 5;

/** Kills the service while a pulled batch waits for an account lock. Nothing of it is committed. */
export async function killBeforeCommit(origins = [apiUrl]): Promise<Killed> {
  return await underCallers({ depositing: 2, reserving: 2, origins }, async (callers) => {
    for (let tries = 0; tries < TRIES; tries += 1) {
      const userId = uniqueUserId("held");
      await attemptOnce(depositOf(userId), 10, apiUrl, callers.attempts);
      await using account = await holdAccount(userId);
      const request = attemptOnce(depositOf(userId), 10, apiUrl, callers.attempts);
      await account.awaitWaiting();
      if (!(await isPulled())) continue;
      await crash();
      await account.release();
      return [await request];
    }
    throw new Error("No request was pulled");
  });
}

/** Freezes, then kills the service after PostgreSQL has committed a held pulled batch. */
export async function killBeforeAnswer(origins = [apiUrl]): Promise<Killed> {
  return await underCallers({ depositing: 2, reserving: 2, origins }, async (callers) => {
    for (let tries = 0; tries < TRIES; tries += 1) {
      const userId = uniqueUserId("held");
      await using commits = await holdCommits(`new.request ->> 'userId' = '${userId}'`);
      const request = attemptOnce(depositOf(userId), 10, apiUrl, callers.attempts);
      await commits.awaitWaiting();
      if (!(await isPulled())) continue;
      await stack.freeze("saldo");
      await commits.release();
      await eventually(() => isCommitted(userId));
      await crash();
      return [await request];
    }
    throw new Error("No request was pulled");
  });
}

/** Kills the service when batches are acknowledged while Kafka is down. Their events are not published. */
export async function killBeforeEvent(): Promise<Killed> {
  return await underCallers({ depositing: 2, reserving: 2 }, async (callers) => {
    await stack.kill("kafka");
    const before = callers.acknowledged().length;
    await callers.awaitAcknowledged(40);
    await crash();
    if ((await countOutbox()) === 0) throw new Error("No event was left to publish");
    await stack.start("kafka");
    return callers.acknowledged().slice(before);
  });
}

/**
 * Kills the service as soon as a pulled request is answered.
 *
 * The carrier waits for the next batch then.
 */
export async function killBetweenBatches(): Promise<Killed> {
  const attempts: Attempt[] = [];
  const userId = uniqueUserId("lone");
  let last: string | undefined;
  for (;;) {
    const attempt = await attemptOnce(depositOf(userId), 10, apiUrl, attempts);
    const { workflowId } = attempt.answer!.body;
    if (workflowId === last) {
      await crash();
      return { attempts, met: [attempt] };
    }
    last = workflowId;
  }
}

/**
 * Kills the service after a saga was started as successor.
 *
 * The carrier pulls on until the saga posts.
 */
export async function killWhileSuccessorStarts(): Promise<Killed> {
  return await underCallers({ depositing: 3 }, async (callers) => {
    const userId = uniqueUserId("held");
    await attemptOnce(depositOf(userId), 10, apiUrl, callers.attempts);
    await using account = await holdAccount(userId);
    const accepted = await attemptOnce(reservationOf(userId), null, apiUrl, callers.attempts);
    if (accepted.answer?.status !== 202) throw new Error(`The reservation was answered ${accepted.answer?.status}`);
    await account.awaitWaiting();
    await callers.awaitAcknowledged(5);
    await crash();
    return [accepted];
  });
}

/**
 * Kills the service at the end of a carrier's window.
 *
 * Its successor has posted its input in a commit that is held, while the carrier still pulls.
 */
export async function killAtWindowEnd(client: Client): Promise<Killed> {
  return await underCallers({ depositing: 4 }, async (callers) => {
    for (let tries = 0; tries < TRIES; tries += 1) {
      await callers.awaitAcknowledged(1);
      const { workflowId } = callers.acknowledged().at(-1)!.answer!.body;
      await using commits = await holdCommits(`new.workflow_id <> '${workflowId}'`);
      await commits.awaitWaiting();
      const before = callers.acknowledged().length;
      const isGoingOn = await eventually(async () => callers.acknowledged().length > before, 500).catch(() => false);
      if (!isGoingOn || (await areInputsCommitted())) continue;
      const running = await client.workflow.count('WorkflowType = "carrier" and ExecutionStatus = "Running"');
      if (running.count < 2) continue;
      await crash();
      await commits.release();
      return callers.attempts.filter(({ answer }) => answer === undefined);
    }
    throw new Error("No hand-over was in progress");
  });
}

/** Kills all processes of the service at once. */
export async function crash(): Promise<void> {
  for (const pid of stack.processes("saldo")) process.kill(pid, "SIGKILL");
  await stack.kill("saldo");
}

async function underCallers(options: CallersOptions, step: (callers: Callers) => Promise<Attempt[]>): Promise<Killed> {
  await using callers = await startCallers(options);
  for (const origin of options.origins ?? [apiUrl]) {
    await eventually(async () => callers.acknowledged().filter((one) => one.origin === origin).length >= 20, 60_000);
  }
  const met = await step(callers);
  return { attempts: callers.attempts, met };
}

async function isCommitted(userId: string): Promise<boolean> {
  return await readLedger(async (owner) => {
    const { rowCount } = await owner.query("select from entries where user_id = $1", [userId]);
    return rowCount === 1;
  });
}
