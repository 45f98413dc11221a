import type { Client } from "@temporalio/client";
import { carrierId, TASK_QUEUE } from "../../../src/workflows/contract.ts";
import { userWith } from "../api/funds.ts";
import { SERVICE_ID, uniqueOrderId } from "../api/reservations.ts";
import { readLedger } from "../audit/stackAudit.ts";
import { reservation } from "../ledger/reservationOperations.ts";
import { eventually } from "../waiting.ts";

/** Concurrently opening sagas. With more of them the last would post late and be due late. */
const UNDER_WAY_MAX = 16;
/** Sagas opened before the burst, to measure the time per saga on this machine. */
const MEASURED = 24;
/** Safety factor on the expected time to open all of them. */
const LEAD = 2;
const LEAD_MIN_MS = 10_000;
const USERS = 10;
const LONG_TTL_SECONDS = 3_600;
const OPENED_WITHIN_MS = 60_000;

export type Burst = { userIds: string[]; reservationIds: string[]; dueAtMs: number };

/** Opens this many reservations that are due in the same second. Each has its own saga. */
export async function openBurst(client: Client, count: number): Promise<Burst> {
  const [userIds, others] = [await openUsers(), await openUsers()];
  const startedAtMs = Date.now();
  await openSagas(client, others, MEASURED, () => LONG_TTL_SECONDS);
  const eachMs = (Date.now() - startedAtMs) / MEASURED;
  const dueAtMs = Date.now() + LEAD_MIN_MS + LEAD * eachMs * count;
  const reservationIds = await openSagas(client, userIds, count, () => Math.round((dueAtMs - Date.now()) / 1_000));
  if (Date.now() > dueAtMs) throw new Error("This machine is too slow to open all of them before they are due");
  return { userIds, reservationIds, dueAtMs };
}

function openUsers(): Promise<string[]> {
  const open = () => eventually(() => userWith("100000.00", "burst"), OPENED_WITHIN_MS);
  return Promise.all(Array.from({ length: USERS }, open));
}

/** Starts sagas of one reservation each, a few concurrently. Resolves once all have posted. */
async function openSagas(client: Client, userIds: readonly string[], count: number, ttlSeconds: () => number) {
  const reservationIds: string[] = [];
  while (reservationIds.length < count) {
    const room = UNDER_WAY_MAX - reservationIds.length + (await countOpened(reservationIds));
    const users = userIds.slice(0, Math.min(room, count - reservationIds.length));
    await Promise.all(
      users.map(async (userId) => {
        const order = { userId, serviceId: SERVICE_ID, orderId: uniqueOrderId() };
        const operations = [reservation(order, "1.00", { ttlSeconds: ttlSeconds() })];
        const workflowId = carrierId(operations, () => crypto.randomUUID());
        reservationIds.push(operations[0]!.operationId);
        // A start may be retried, so a slow machine does not fail the test.
        const options = { workflowId, taskQueue: TASK_QUEUE, workflowIdConflictPolicy: "USE_EXISTING" } as const;
        await client.workflow.start("reservation", { ...options, args: [{ operations }] });
      }),
    );
  }
  await eventually(async () => (await countOpened(reservationIds)) === count, OPENED_WITHIN_MS);
  return reservationIds;
}

async function countOpened(reservationIds: readonly string[]): Promise<number> {
  return await readLedger(async (owner) => {
    const { rows } = await owner.query("select count(*)::int as count from reservations where id = any ($1)", [
      reservationIds,
    ]);
    return rows[0].count;
  });
}

/** Expiries of these reservations so far: count, last delay, and the span of their deadlines. */
export async function readExpiries(reservationIds: readonly string[]) {
  return await readLedger(async (owner) => {
    const { rows } = await owner.query<{ count: number; late: number; spread: number; sagas: number }>(
      `select count(*)::int as count, count(distinct saga_workflow_id)::int as sagas,
         extract(epoch from max(completed_at - reservations.expires_at))::float8 as late,
         extract(epoch from max(reservations.expires_at) - min(reservations.expires_at))::float8 as spread
       from reservations
       join entries on entries.reservation_id = reservations.id and entries.kind = 'expiry'
       join operations on operations.id = entries.operation_id
       where reservations.id = any ($1)`,
      [reservationIds],
    );
    return rows[0]!;
  });
}
