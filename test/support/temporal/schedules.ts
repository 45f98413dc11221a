import type { Client } from "@temporalio/client";
import { eventually } from "../waiting.ts";

/** Pauses a schedule until the block ends. */
export async function pauseSchedule({ schedule }: Client, scheduleId: string): Promise<AsyncDisposable> {
  const handle = schedule.getHandle(scheduleId);
  // On a busy machine the service may be up before it has created the schedule.
  await eventually(() => handle.pause("for a test").then(() => true), 30_000);
  return { [Symbol.asyncDispose]: () => handle.unpause() };
}
