import type { Client } from "@temporalio/client";
import { get, post } from "../api/client.ts";
import { readTimers } from "../temporal/workflowView.ts";
import { eventually } from "../waiting.ts";

/** A request of the drill. Its key makes its operation id, which is the same in each run. */
export type DrillRequest = { key: string; path: string; body: object };

const order = (userId: string, orderId: string) => ({ userId, serviceId: "ads", orderId });

/** Before the base backup. */
export const BACKED_UP: DrillRequest[] = ["ann", "bob", "cal"].map((userId) => ({
  key: `deposit-${userId}`,
  path: "/v1/deposits",
  body: { userId, amount: "100.00", source: "visa" },
}));

/** After the base backup, before the time of the restore. The second of cal expires after the restore. */
export const KEPT: DrillRequest[] = [
  { key: "kept-deposit", path: "/v1/deposits", body: { userId: "ann", amount: "50.00" } },
  { key: "recognized", path: "/v1/reservations", body: { ...order("ann", "order-1"), amount: "10.00" } },
  { key: "open", path: "/v1/reservations", body: { ...order("bob", "order-2"), amount: "20.00" } },
  { key: "released", path: "/v1/reservations", body: { ...order("cal", "order-3"), amount: "30.00", ttlSeconds: 25 } },
];

/** After the time of the restore. */
export const LOST: DrillRequest[] = [
  { key: "lost-release", path: "/v1/releases", body: order("cal", "order-3") },
  { key: "lost-deposit", path: "/v1/deposits", body: { userId: "ann", amount: "7.00" } },
  { key: "lost-account", path: "/v1/deposits", body: { userId: "dan", amount: "5.00" } },
  { key: "lost-transfer", path: "/v1/transfers", body: { fromUserId: "ann", toUserId: "bob", amount: "2.00" } },
  { key: "lost-recognition", path: "/v1/recognitions", body: { ...order("ann", "order-1"), amount: "10.00" } },
  { key: "lost-reservation", path: "/v1/reservations", body: { ...order("bob", "order-4"), amount: "40.00" } },
];

/** After the time, while Kafka is away: committed, and its carrier waits for Kafka. */
export const LOST_WITHOUT_EVENT: DrillRequest = {
  key: "lost-withdrawal",
  path: "/v1/withdrawals",
  body: { userId: "cal", amount: "1.00" },
};

/** While PostgreSQL is away: answered 202, and only in Temporal. */
export const ACCEPTED: DrillRequest = {
  key: "accepted",
  path: "/v1/deposits",
  body: { userId: "bob", amount: "3.00" },
};

/** A completed operation: its id, and the workflow that carried it. */
export type Sent = { operationId: string; workflowId: string };

/**
 * Sends requests one after the other, each once the carrier before no longer pulls. So each has its own carrier,
 * and each reservation its own saga.
 * @returns the operations by key @throws where one is not completed
 */
export async function send(requests: readonly DrillRequest[], { workflow }: Client): Promise<Record<string, Sent>> {
  const sent: Record<string, Sent> = {};
  for (const { key, path, body } of requests) {
    const { status, body: operation } = await post(path, body, { key, wait: 20 });
    if (status !== 200) throw new Error(`${key} was answered ${status}: ${JSON.stringify(operation)}`);
    sent[key] = operation;
    const handle = workflow.getHandle(operation.workflowId);
    await eventually(async () => {
      const { status: state, raw } = await handle.describe();
      return (
        state.name !== "RUNNING" || (raw.pendingActivities ?? []).length > 0 || (await readTimers(handle)).isWaiting
      );
    }, WITHIN_MS);
  }
  return sent;
}

/** A step takes seconds on a busy machine. */
const WITHIN_MS = 60_000;

/** The balances in the ledger, as text. */
export async function describeBalances(userIds: readonly string[]): Promise<string> {
  const texts = userIds.map(async (userId) => {
    const { status, body } = await get(`/v1/users/${userId}/balance?consistency=strong`);
    return status === 200
      ? `${userId} ${body.available} + ${body.reserved}, version ${body.version}`
      : `${userId} none`;
  });
  return (await Promise.all(texts)).join("; ");
}
