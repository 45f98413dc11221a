import { type Client, defaultPayloadConverter } from "@temporalio/client";
import type { CarrierInput } from "../../../src/ledger/carriers.ts";
import { scrape } from "../metrics/scrape.ts";
import { eventually } from "../waiting.ts";
import type { Attempt } from "./callers.ts";

/** The operation ids in the workflow's input. Pulled operations are not among them. */
export async function readInput({ workflow }: Client, workflowId: string): Promise<string[]> {
  const { events } = await workflow.getHandle(workflowId).fetchHistory();
  const [payload] = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  const input = payload && defaultPayloadConverter.fromPayload<Partial<CarrierInput>>(payload);
  return (input?.operations ?? []).map(({ operationId }) => operationId);
}

/** Those of the answered requests that their carrier has pulled. */
export async function findPulled(client: Client, attempts: readonly Attempt[]): Promise<Attempt[]> {
  const answered = attempts.filter(({ answer }) => answer?.status === 200);
  const carriers = new Set(answered.map(({ answer }) => `${answer!.body.workflowId}`));
  const inputs = new Map(
    await Promise.all([...carriers].map(async (id) => [id, new Set(await readInput(client, id))] as const)),
  );
  return answered.filter(({ answer }) => !inputs.get(answer!.body.workflowId)!.has(answer!.body.operationId));
}

/** Whether every running carrier has its input in the ledger. A posting in progress then has pulled its operations. */
export async function areInputsCommitted(): Promise<boolean> {
  return (await scrape()).valueAt("saldo_uncommitted_carriers") === 0;
}

/**
 * Whether the waiting posting has pulled its operations. Polls for less than the 2 s after which a posting times out.
 */
export async function isPulled(): Promise<boolean> {
  return await eventually(areInputsCommitted, 1_000).catch(() => false);
}
