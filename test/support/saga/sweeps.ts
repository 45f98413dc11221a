import type { Client } from "@temporalio/client";
import { SWEEP_SCHEDULE_ID, TASK_QUEUE } from "../../../src/workflows/contract.ts";
import type { SweepResult, sweep } from "../../../src/workflows/sweep.ts";
import { readLedger } from "../audit/stackAudit.ts";
import { pauseSchedule } from "../temporal/schedules.ts";

/** Pauses the schedule of the sweep until the block ends. */
export function pauseSweep(client: Client): Promise<AsyncDisposable> {
  return pauseSchedule(client, SWEEP_SCHEDULE_ID);
}

/** Ages every outbox row and runs a sweep at once. */
export async function sweepNow({ workflow }: Client): Promise<SweepResult> {
  await readLedger((owner) => owner.query("update outbox set created_at = created_at - interval '1 minute'"));
  return await workflow.execute<typeof sweep>("sweep", {
    workflowId: `sweep-${crypto.randomUUID()}`,
    taskQueue: TASK_QUEUE,
  });
}
