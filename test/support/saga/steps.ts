import type { Client, WorkflowHandle } from "@temporalio/client";
import { CHANGED_SIGNAL, carrierId, RELEASE_SIGNAL } from "../../../src/workflows/contract.ts";
import { userWith } from "../api/funds.ts";
import { readLedger } from "../audit/stackAudit.ts";
import { reservation, uniqueOrder } from "../ledger/reservationOperations.ts";
import { holdAccount } from "../stack/heldAccount.ts";
import { startCarrier } from "../temporal/startCarrier.ts";
import { awaitSleep } from "../temporal/workflowView.ts";

/** The step that a saga is in when the test acts. */
export type Step = "post" | "sleep" | "expire" | "release";

export type SagaAtStep = {
  handle: WorkflowHandle;
  /** Reservations of 4.00 each. An operator releases the first one. */
  reservationIds: string[];
  /** Users with 10.00 each at the start. */
  userIds: string[];
  /** Releases the lock that holds the step. */
  resume(): Promise<void>;
};

/** Longer than any test. Earlier expiries come from `passDeadlines`. */
const TTL_SECONDS = 600;

/**
 * Starts a saga with this many reservations and holds it in the given step.
 *
 * Its activity waits for the lock on the first user's account, directly before it reads and writes. A sleeping saga is
 * not held.
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

/** Moves the deadlines of open reservations into the past, far enough for the sweep. */
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

/** The kinds of each user's entries, in order. */
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

/** The event id of each entry of these users. */
export async function eventIdsOf(userIds: string[]): Promise<string[]> {
  return await readLedger(async (owner) => {
    const { rows } = await owner.query<{ id: string }>(
      "select operation_id || ':' || user_id as id from entries where user_id = any ($1)",
      [userIds],
    );
    return rows.map(({ id }) => id);
  });
}
