import type { Client } from "@temporalio/client";
import { SWEEP_SCHEDULE_ID, TASK_QUEUE } from "../../../src/workflows/contract.ts";
import type { SweepResult, sweep } from "../../../src/workflows/sweep.ts";
import { readLedger } from "../audit/stackAudit.ts";
import { eventually } from "../waiting.ts";

/** Pauses the schedule of the sweep until the block ends. */
export async function pauseSweep({ schedule }: Client): Promise<AsyncDisposable> {
  const handle = schedule.getHandle(SWEEP_SCHEDULE_ID);
  // On a busy machine the service may be up before it has created the schedule.
  await eventually(() => handle.pause("for a test").then(() => true), 30_000);
  return { [Symbol.asyncDispose]: () => handle.unpause() };
}

/** Ages every outbox row and runs a sweep at once. */
export async function sweepNow({ workflow }: Client): Promise<SweepResult> {
  await readLedger((owner) => owner.query("update outbox set created_at = created_at - interval '1 minute'"));
  return await workflow.execute<typeof sweep>("sweep", {
    workflowId: `sweep-${crypto.randomUUID()}`,
    taskQueue: TASK_QUEUE,
  });
}
