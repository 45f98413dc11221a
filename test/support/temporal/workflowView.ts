import type { WorkflowHandle } from "@temporalio/client";
import { tsToMs } from "@temporalio/common/lib/time";
import { eventually } from "../waiting.ts";

/** Reads of a workflow's state, as the Temporal Web UI shows it. */

/** A step takes seconds on a busy machine. */
const STEP_TIMEOUT_MS = 30_000;

/** Waits for a pending activity that has failed, and returns its name and last error. */
export async function awaitPending(handle: WorkflowHandle): Promise<unknown[]> {
  return await eventually(async () => {
    const { raw } = await handle.describe();
    const [pending] = raw.pendingActivities ?? [];
    return pending?.lastFailure ? [pending.activityType?.name, pending.lastFailure.message] : undefined;
  }, STEP_TIMEOUT_MS);
}

export async function readCurrentDetails(handle: WorkflowHandle): Promise<string> {
  const metadata = await handle.query<{ currentDetails: string }>("__temporal_workflow_metadata");
  return metadata.currentDetails;
}

/** Resolves once the current details contain the text; rejects with the actual details. */
export async function awaitDetails(handle: WorkflowHandle, text: string): Promise<string> {
  return await eventually(async () => {
    const details = await readCurrentDetails(handle);
    if (!details.includes(text)) throw new Error(`It reads: ${details}`);
    return details;
  }, STEP_TIMEOUT_MS);
}

/** The timers set so far, in milliseconds, and whether the last one is pending. */
export async function readTimers(handle: WorkflowHandle): Promise<{ setMs: number[]; isWaiting: boolean }> {
  const events = (await handle.fetchHistory()).events ?? [];
  const set = events.flatMap(({ timerStartedEventAttributes }) => timerStartedEventAttributes ?? []);
  const over = events.filter((event) => event.timerFiredEventAttributes ?? event.timerCanceledEventAttributes);
  return { setMs: set.map((timer) => tsToMs(timer.startToFireTimeout)), isWaiting: set.length > over.length };
}

/** Resolves once this many timers were set and the last one is pending. */
export async function awaitSleep(handle: WorkflowHandle, timers = 1): Promise<void> {
  await eventually(async () => {
    const { setMs, isWaiting } = await readTimers(handle);
    if (!isWaiting || setMs.length < timers) throw new Error(`It has set ${setMs.length} timers, waits: ${isWaiting}`);
    return true;
  }, STEP_TIMEOUT_MS);
}
