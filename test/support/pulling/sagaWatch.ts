import type { Client } from "@temporalio/client";
import { tsToMs } from "@temporalio/common/lib/time";
import { apiUrl, post } from "../api/client.ts";
import { readLedger } from "../audit/stackAudit.ts";
import { eventually } from "../waiting.ts";

/** Above the 10 s after which Temporal reassigns a workflow task of a killed worker. */
const RECOVERED_WITHIN_MS = 60_000;
/** A frozen Temporal starts a timer late: only when it accepts the completed workflow task. */
const LATE_MS_MAX = 15_000;
/** Carriers signal these sagas one after the other. */
const ENDED_WITHIN_MS = 90_000;
const SETTLED_AT_ONCE = 8;

type Watch = { sagaWorkflowId: string; deadline: Date; reservationIds: string[] };

/**
 * Waits until each saga of these users has a timer for its earliest deadline.
 *
 * Only sagas with open reservations count.
 * @returns the violations
 */
export async function findUnwatched({ workflow }: Client, userIds: readonly string[]): Promise<string[]> {
  const findings = await Promise.all(
    (await readWatches(userIds)).map(async ({ sagaWorkflowId, deadline }) => {
      const handle = workflow.getHandle(sagaWorkflowId);
      const look = async () => {
        const { status } = await handle.describe();
        if (status.name !== "RUNNING") throw new Error(`${sagaWorkflowId} is ${status.name}, with reservations open`);
        const { events } = await handle.fetchHistory();
        const endsAtMs = timerEndsAtMs(events ?? []);
        if (endsAtMs === undefined) throw new Error(`${sagaWorkflowId} does not sleep`);
        const lateMs = endsAtMs - deadline.getTime();
        if (lateMs > LATE_MS_MAX) throw new Error(`${sagaWorkflowId} sleeps until ${lateMs} ms after a deadline`);
        return [];
      };
      return await eventually(look, RECOVERED_WITHIN_MS).catch((error: Error) => [error.message]);
    }),
  );
  return findings.flat();
}

/**
 * Releases all open reservations of these users and waits until their sagas have ended.
 * @returns the sagas that have not
 */
export async function findUnended(
  { workflow }: Client,
  userIds: readonly string[],
  origin = apiUrl,
): Promise<string[]> {
  const watches = await readWatches(userIds);
  const open = watches.flatMap(({ reservationIds }) => reservationIds);
  await Promise.all(
    Array.from({ length: SETTLED_AT_ONCE }, async () => {
      for (let next = open.pop(); next; next = open.pop()) await release(next, origin);
    }),
  );
  const ends = await Promise.all(
    watches.map(async ({ sagaWorkflowId }) => {
      const status = async () => (await workflow.getHandle(sagaWorkflowId).describe()).status.name;
      const isCompleted = await eventually(async () => (await status()) === "COMPLETED", ENDED_WITHIN_MS).catch(
        () => false,
      );
      return isCompleted ? [] : [`${sagaWorkflowId} is ${await status()}, with nothing open`];
    }),
  );
  return ends.flat();
}

async function release(reservationId: string, origin: string): Promise<void> {
  const { status, body } = await post(`/v1/reservations/${reservationId}/releases`, {}, { wait: 20, origin });
  if (status !== 200) throw new Error(`The release was answered ${status} ${body?.code}`);
}

async function readWatches(userIds: readonly string[]): Promise<Watch[]> {
  return await readLedger(async (owner) => {
    const { rows } = await owner.query(
      `select saga_workflow_id, min(expires_at) as deadline, array_agg(id::text) as ids
       from reservations where user_id = any ($1) and remaining_minor > 0
       group by saga_workflow_id`,
      [userIds],
    );
    return rows.map((row) => ({
      sagaWorkflowId: row.saga_workflow_id,
      deadline: row.deadline,
      reservationIds: row.ids,
    }));
  });
}

type Events = NonNullable<Awaited<ReturnType<ReturnType<Client["workflow"]["getHandle"]>["fetchHistory"]>>["events"]>;

/** The time of the pending timer; undefined where none is pending. */
function timerEndsAtMs(events: Events): number | undefined {
  const last = events.findLast((event) => event.timerStartedEventAttributes);
  const id = last?.timerStartedEventAttributes?.timerId;
  const isOver = events.some(
    (event) => (event.timerFiredEventAttributes ?? event.timerCanceledEventAttributes)?.timerId === id,
  );
  if (!last || isOver) return undefined;
  return tsToMs(last.eventTime) + tsToMs(last.timerStartedEventAttributes!.startToFireTimeout);
}
