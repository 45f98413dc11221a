import { expect, test } from "bun:test";
import type { ScheduleOptions } from "@temporalio/client";
import { ensureSchedule, SCHEDULES } from "../../src/temporal/schedules.ts";
import { useWorkbench } from "../support/workflows/useWorkbench.ts";

const bench = useWorkbench();

/** The service's first schedule with another id, too rare to run during the test. */
function hourly(scheduleId: string): ScheduleOptions {
  return { ...SCHEDULES[0]!, scheduleId, spec: { intervals: [{ every: "1 hour" }] } };
}

test("processes that start concurrently create one schedule per definition", async () => {
  const definition = hourly("at-once");
  await Promise.all(Array.from({ length: 5 }, () => ensureSchedule(bench.client, definition)));
  const { spec, policies, action } = await bench.client.schedule.getHandle("at-once").describe();
  expect(spec.intervals).toMatchObject([{ every: 3_600_000 }]);
  expect(policies).toMatchObject({ overlap: "SKIP", catchupWindow: 60_000 });
  expect(action).toMatchObject({ workflowType: "sweep", taskQueue: "saldo" });
});

test("a changed definition updates the existing schedule, and a paused schedule stays paused", async () => {
  const definition = hourly("changed");
  await ensureSchedule(bench.client, definition);
  const schedule = bench.client.schedule.getHandle("changed");
  await schedule.pause("by the operator");

  await ensureSchedule(bench.client, {
    ...definition,
    spec: { intervals: [{ every: "2 hours" }] },
    policies: { overlap: "BUFFER_ONE" },
  });
  const { spec, policies, state } = await schedule.describe();
  expect(spec.intervals).toMatchObject([{ every: 7_200_000 }]);
  expect(policies.overlap).toBe("BUFFER_ONE");
  expect(state).toMatchObject({ paused: true, note: "by the operator" });
});
