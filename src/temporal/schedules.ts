import { type Client, ScheduleAlreadyRunning, type ScheduleOptions } from "@temporalio/client";
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

/** The scheduled workflows. `SKIP`: no run starts while the previous one is running. */
export const SCHEDULES: readonly ScheduleOptions[] = [
  {
    scheduleId: SWEEP_SCHEDULE_ID,
    spec: { intervals: [{ every: SWEEP_EVERY_MS }] },
    policies: { overlap: "SKIP", catchupWindow: "1 minute" },
    action: {
      type: "startWorkflow",
      workflowType: "sweep" satisfies typeof sweep.name,
      workflowId: "sweep",
      taskQueue: TASK_QUEUE,
      args: [],
      staticSummary: "Expires overdue reservations and publishes overdue events",
      // Twice the longest duration of its activities. A run that never ends would block all later ones.
      workflowExecutionTimeout: "5 minutes",
    },
  },
  {
    scheduleId: REPORT_SCHEDULE_ID,
    spec: { intervals: [{ every: REPORT_EVERY_MS, offset: REPORT_OFFSET_MS }] },
    policies: { overlap: "SKIP", catchupWindow: "1 hour" },
    action: {
      type: "startWorkflow",
      workflowType: "revenueReport" satisfies typeof revenueReport.name,
      workflowId: "revenue-reports",
      taskQueue: TASK_QUEUE,
      args: [],
      staticSummary: "Revenue reports of the months that are over",
    },
  },
  {
    scheduleId: AUDIT_SCHEDULE_ID,
    spec: { intervals: [{ every: AUDIT_EVERY_MS, offset: AUDIT_OFFSET_MS }] },
    policies: { overlap: "SKIP", catchupWindow: "1 minute" },
    action: {
      type: "startWorkflow",
      workflowType: "audits" satisfies typeof audits.name,
      workflowId: "audits",
      taskQueue: TASK_QUEUE,
      args: [],
      staticSummary: "Starts the hourly audit",
    },
  },
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
