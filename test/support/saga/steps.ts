import type { Client, WorkflowHandle } from "@temporalio/client";
import { CHANGED_SIGNAL, carrierId, RELEASE_SIGNAL } from "../../../src/workflows/contract.ts";
import { userWith } from "../api/funds.ts";
import { readLedger } from "../audit/stackAudit.ts";
import { reservation, uniqueOrder } from "../ledger/reservationOperations.ts";
import { holdAccount } from "../stack/heldAccount.ts";
import { startCarrier } from "../temporal/startCarrier.ts";
import { awaitSleep } from "../temporal/workflowView.ts";

/** What a saga is about when something happens to it. */
export type Step = "post" | "sleep" | "expire" | "release";

export type SagaAtStep = {
  handle: WorkflowHandle;
  /** One reservation of 4.00 each; the first is the one that an operator releases. */
  reservationIds: string[];
  /** Each has 10.00 to begin with. */
  userIds: string[];
  /** Lets the step go on, and whatever waits with it. */
  resume(): Promise<void>;
};

/** Longer than any test: what is to expire sooner is made to. */
const TTL_SECONDS = 600;

/**
 * Starts the saga of so many reservations, and leads it into the step, where it is held: its activity waits
 * for the lock on the first user's account, which is the last thing before it reads and writes. A sleeping saga is held by nothing.
 */
export async function bringTo(
  client: Client,
  step: Step,
  reservations: number,
  ttlSeconds = TTL_SECONDS,
): Promise<SagaAtStep> {
  const userIds = await Promise.all(Array.from({ length: reservations }, () => userWith("10.00")));
  const operations = userIds.map((userId) => reservation(uniqueOrder(userId), "4.00", { ttlSeconds }));
  const workflowId = carrierId(operations, () => crypto.randomUUID());
  const handle = client.workflow.getHandle(workflowId);
  const reservationIds = operations.map(({ operationId }) => operationId);
  if (step === "post") {
    const account = await holdAccount(userIds[0]!);
    await startCarrier(client, workflowId, operations);
    await account.awaitWaiting();
    return { handle, reservationIds, userIds, resume: account.release };
  }
  await startCarrier(client, workflowId, operations);
  await awaitSleep(handle);
  if (step === "sleep") return { handle, reservationIds, userIds, resume: async () => {} };

  const account = await holdAccount(userIds[0]!);
  if (step === "release") await handle.signal(RELEASE_SIGNAL, { reservationId: reservationIds[0]! });
  else {
    await passDeadlines(userIds);
    await handle.signal(CHANGED_SIGNAL, { byWorkflowId: "the test" });
  }
  await account.awaitWaiting();
  return { handle, reservationIds, userIds, resume: account.release };
}

/** Time cannot be made to pass, but deadlines of what is open can be made to have passed, long enough ago for the sweep. */
export async function passDeadlines(userIds: string[]): Promise<void> {
  await readLedger((owner) =>
    owner.query(
      `update reservations set expires_at = date_trunc('milliseconds', clock_timestamp()) - interval '10 seconds'
       where user_id = any ($1) and remaining_minor > 0`,
      [userIds],
    ),
  );
}

/** How many of these sagas have events in the outbox. */
export async function countSagasInOutbox(sagas: SagaAtStep[]): Promise<number> {
  return await readLedger(async (owner) => {
    const { rows } = await owner.query(
      "select count(distinct workflow_id)::int as noted from outbox where workflow_id = any ($1)",
      [sagas.map(({ handle }) => handle.workflowId)],
    );
    return rows[0].noted;
  });
}

/** The kinds of all entries of each user, in their order. */
export async function entryKindsOf(userIds: string[]): Promise<string[][]> {
  return await readLedger(async (owner) => {
    const { rows } = await owner.query<{ user_id: string; kinds: string[] }>(
      "select user_id, array_agg(kind order by version) as kinds from entries where user_id = any ($1) group by user_id",
      [userIds],
    );
    const kinds = new Map(rows.map((row) => [row.user_id, row.kinds]));
    return userIds.map((userId) => kinds.get(userId) ?? []);
  });
}

/** The id of the event of each entry of these users. */
export async function eventIdsOf(userIds: string[]): Promise<string[]> {
  return await readLedger(async (owner) => {
    const { rows } = await owner.query<{ id: string }>(
      "select operation_id || ':' || user_id as id from entries where user_id = any ($1)",
      [userIds],
    );
    return rows.map(({ id }) => id);
  });
}
