import { type Client, type IntervalSpec, ScheduleAlreadyRunning, type ScheduleOptions } from "@temporalio/client";
import type { Duration } from "@temporalio/common";
import type { audits } from "../workflows/audit.ts";
import {
  AUDIT_EVERY_MS,
  AUDIT_OFFSET_MS,
  AUDIT_SCHEDULE_ID,
  REPORT_EVERY_MS,
  REPORT_OFFSET_MS,
  REPORT_SCHEDULE_ID,
  SWEEP_EVERY_MS,
  SWEEP_SCHEDULE_ID,
  TASK_QUEUE,
} from "../workflows/contract.ts";
import type { revenueReport } from "../workflows/revenueReport.ts";
import type { sweep } from "../workflows/sweep.ts";

/** Defines a schedule. `SKIP`: no run starts while the previous one is running. */
function define(
  scheduleId: string,
  interval: IntervalSpec,
  catchupWindow: Duration,
  action: { workflowType: string; workflowId: string; staticSummary: string; workflowExecutionTimeout?: Duration },
): ScheduleOptions {
  return {
    scheduleId,
    spec: { intervals: [interval] },
    policies: { overlap: "SKIP", catchupWindow },
    action: { type: "startWorkflow", taskQueue: TASK_QUEUE, args: [], ...action },
  };
}

/** The scheduled workflows. */
export const SCHEDULES: readonly ScheduleOptions[] = [
  define(SWEEP_SCHEDULE_ID, { every: SWEEP_EVERY_MS }, "1 minute", {
    workflowType: "sweep" satisfies typeof sweep.name,
    workflowId: "sweep",
    staticSummary: "Expires overdue reservations and publishes overdue events",
    // Twice the longest duration of its activities. A run that never ends would block all later ones.
    workflowExecutionTimeout: "5 minutes",
  }),
  define(REPORT_SCHEDULE_ID, { every: REPORT_EVERY_MS, offset: REPORT_OFFSET_MS }, "1 hour", {
    workflowType: "revenueReport" satisfies typeof revenueReport.name,
    workflowId: "revenue-reports",
    staticSummary: "Revenue reports of the months that are over",
  }),
  define(AUDIT_SCHEDULE_ID, { every: AUDIT_EVERY_MS, offset: AUDIT_OFFSET_MS }, "1 minute", {
    workflowType: "audits" satisfies typeof audits.name,
    workflowId: "audits",
    staticSummary: "Starts the hourly audit",
  }),
];

/**
 * Creates the schedule, or updates an existing one to this definition.
 * All processes share it, and a new release may have changed it. Its state is kept: a schedule that an operator paused
 * stays paused.
 */
export async function ensureSchedule(client: Client, definition: ScheduleOptions): Promise<void> {
  try {
    await client.schedule.create(definition);
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    const existing = client.schedule.getHandle(definition.scheduleId);
    await existing.update(({ state }) => ({ ...definition, state }));
  }
}
