import { expect, test } from "bun:test";
import { WorkflowFailedError } from "@temporalio/client";
import { ApplicationFailure } from "@temporalio/common";
import { MonthRefused } from "../../src/ledger/months.ts";
import { SCHEDULES } from "../../src/temporal/schedules.ts";
import { REPORT_SCHEDULE_ID, reportWorkflowId, TASK_QUEUE } from "../../src/workflows/contract.ts";
import { awaitDetails, awaitPending } from "../support/temporal/workflowView.ts";
import { eventually } from "../support/waiting.ts";
import { useWorkbench } from "../support/workflows/useWorkbench.ts";
import { goodActivities, storeError } from "../support/workflows/workbench.ts";

const bench = useWorkbench();

const namesOf = (calls: { name: string }[]) => calls.map(({ name }) => name);

test("a month's report is frozen only after the month is closed; the details show its total", async () => {
  const { handle, calls } = await bench.startReport("2026-01");
  expect(handle.workflowId).toBe("revenue-report-2026-01");
  expect(await handle.result()).toEqual({ month: "2026-01", total: "1.00", sha256: "0".repeat(64) });
  expect(calls.map(({ name, args }) => [name, args])).toEqual([
    ["closeMonth", ["2026-01"]],
    ["freezeReport", ["2026-01"]],
  ]);
  await awaitDetails(handle, "Total 1.00");
});

test("a failing step is retried until it succeeds, pending in the Web UI with its last error", async () => {
  const ledger: { isRepaired: boolean } = { isRepaired: false };
  const { handle, calls } = await bench.startReport("2026-02", {
    closeMonth: async () => {
      if (calls.length < 3) throw storeError("A booking holds the month");
    },
    freezeReport: async (month) => {
      if (!ledger.isRepaired) throw storeError("The revenue of 2026-02 is 2.00, but its entries come to 3.00");
      return await goodActivities().freezeReport(month);
    },
  });
  await eventually(async () => namesOf(calls).includes("freezeReport"));
  const pending = await awaitPending(handle);
  expect(pending).toEqual(["freezeReport", "The revenue of 2026-02 is 2.00, but its entries come to 3.00"]);
  ledger.isRepaired = true;
  await handle.result();
  expect(namesOf(calls).slice(0, 4)).toEqual(["closeMonth", "closeMonth", "closeMonth", "freezeReport"]);
});

test("a month that is refused fails its workflow at once, since retries cannot end the month", async () => {
  const { handle, calls } = await bench.startReport("2999-01", {
    closeMonth: () => Promise.reject(new MonthRefused("2999-01 is not over")),
  });
  const error = await handle.result().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(WorkflowFailedError);
  const reason = (error as WorkflowFailedError).cause?.cause;
  expect(reason).toBeInstanceOf(ApplicationFailure);
  expect((reason as ApplicationFailure).message).toBe("2999-01 is not over");
  expect(namesOf(calls)).toEqual(["closeMonth"]);
});

test("the schedule starts a workflow for each month without a report, and waits for none of them", async () => {
  const stuck = await bench.startReport("2026-03", { closeMonth: () => Promise.reject(storeError("It is away")) });
  await awaitPending(stuck.handle);
  const { handle, calls } = await bench.startReports(["2026-03", "2026-04", "2026-05"]);
  expect(await handle.result()).toEqual(["2026-03", "2026-04", "2026-05"]);
  expect(namesOf(calls)).toEqual(["findUnreported"]);
  for (const month of ["2026-04", "2026-05"]) {
    const report = bench.client.workflow.getHandle(reportWorkflowId(month));
    expect(await report.result()).toMatchObject({ month });
    expect(await (await report.describe()).staticSummary()).toBe(`Revenue report ${month}`);
  }
  expect((await stuck.handle.describe()).status.name).toBe("RUNNING");
  await stuck.handle.terminate();
});

test("a scheduled run without a month to report does nothing", async () => {
  const { handle, calls } = await bench.startReports([]);
  expect(await handle.result()).toEqual([]);
  expect(namesOf(calls)).toEqual(["findUnreported"]);
});

test("the schedule runs soon after every hour, so that a month is closed soon after it ends", () => {
  const definition = SCHEDULES.find(({ scheduleId }) => scheduleId === REPORT_SCHEDULE_ID);
  expect(definition).toMatchObject({
    spec: { intervals: [{ every: 3_600_000, offset: 60_000 }] },
    action: { workflowType: "revenueReport", taskQueue: TASK_QUEUE, args: [] },
  });
});
