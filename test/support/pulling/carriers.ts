import { type Client, defaultPayloadConverter } from "@temporalio/client";
import type { CarrierInput } from "../../../src/ledger/carriers.ts";
import { scrape } from "../metrics/scrape.ts";
import { eventually } from "../waiting.ts";
import type { Attempt } from "./callers.ts";

/** The ids of the operations that Temporal holds for a workflow: its input. What it pulled is not among them. */
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

/** Whether the input of each carrier of the process is in the ledger: what a posting then holds in its hands was pulled. */
export async function areInputsCommitted(): Promise<boolean> {
  return (await scrape()).valueAt("saldo_uncommitted_carriers") === 0;
}

/** Whether what a posting waits with was pulled. Looks for less than the 2 s after which it is given up. */
export async function isPulled(): Promise<boolean> {
  return await eventually(areInputsCommitted, 1_000).catch(() => false);
}
