import { apiUrl, post } from "../api/client.ts";
import { uniqueUserId } from "../ledger/operations.ts";
import { openWebUi } from "./webUi.ts";

/**
 * Resolves once no carrier pulls, so that the next request starts a carrier.
 *
 * It sends an atomic batch, which relieves the pulling carrier, and which ends when no operation arrives for a moment.
 */
export async function awaitIdle(): Promise<void> {
  const operations = [
    { kind: "deposit", idempotencyKey: crypto.randomUUID(), userId: uniqueUserId("idle"), amount: "1.00" },
  ];
  const { body } = await post("/v1/batches", { operations, atomic: true }, { key: null, wait: 20, origin: apiUrl });
  const webUi = await openWebUi();
  await webUi.client.workflow.getHandle(body.workflowId).result();
  await webUi.close();
}
