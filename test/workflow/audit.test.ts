import { expect, test } from "bun:test";
import { LEDGER_CHECKS } from "../../src/ledger/audits.ts";
import { SCHEDULES } from "../../src/temporal/schedules.ts";
import { AUDIT_SCHEDULE_ID, AUDIT_WORKFLOW_ID, EVENTS_TASK_QUEUE, TASK_QUEUE } from "../../src/workflows/contract.ts";
import { awaitDetails, awaitPending } from "../support/temporal/workflowView.ts";
import { eventually } from "../support/waiting.ts";
import { useWorkbench } from "../support/workflows/useWorkbench.ts";
import { storeError } from "../support/workflows/workbench.ts";

const bench = useWorkbench();

test("an audit runs every check, then the cache, then the events, and is stored with its run's id", async () => {
  const finding = {
    promise: 2,
    sentence: "Account anna is at version 2, its last entry at version 3.",
    accountId: "anna",
  };
  const { handle, calls } = await bench.startAudit({
    auditLedger: async (check) => ({
      checked: { [check]: 1 },
      findings: check === "accounts" ? [finding] : [],
      findingsTotal: check === "accounts" ? 1 : 0,
      walk: check === "entries" ? { end: 2, next: 1 } : null,
    }),
  });
  expect(await handle.result()).toEqual({ verdict: "broken", findingsTotal: 1 });
  expect(calls.map(({ name, args: [arg], taskQueue }) => [name, taskQueue, name === "auditLedger" ? arg : ""])).toEqual(
    [
      ...LEDGER_CHECKS.map((check) => ["auditLedger", TASK_QUEUE, check]),
      ["auditCache", TASK_QUEUE, ""],
      ["auditEvents", EVENTS_TASK_QUEUE, ""],
      ["recordAudit", TASK_QUEUE, ""],
    ],
  );
  expect(calls.every(({ isLocal }) => !isLocal)).toBe(true);
  expect(calls.at(-1)!.args).toEqual([
    {
      auditId: handle.firstExecutionRunId,
      workflowId: AUDIT_WORKFLOW_ID,
      startedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      checked: { ...Object.fromEntries(LEDGER_CHECKS.map((check) => [check, 1])), cachedBalances: 1, events: 1 },
      findings: [finding],
      findingsTotal: 1,
      notChecked: [],
      watermark: { offsets: { "0": "1" }, ledgerAt: "2026-11-23T12:00:00.000Z" },
      walks: { entries: { end: 2, next: 1 } },
    },
  ]);
  await awaitDetails(handle, finding.sentence);
});

test("without Redis and Kafka the ledger is audited, after three attempts the rest is not checked", async () => {
  const { handle, calls } = await bench.startAudit({
    auditCache: () => Promise.reject(storeError("Redis is away")),
    auditEvents: () => Promise.reject(storeError("Kafka is away")),
  });
  expect(await handle.result()).toEqual({ verdict: "incomplete", findingsTotal: 0 });
  for (const name of ["auditCache", "auditEvents"]) expect(calls.filter((call) => call.name === name)).toHaveLength(3);
  expect(calls.at(-1)!.args).toMatchObject([{ notChecked: ["cache", "events"], watermark: null, findings: [] }]);
}, 60_000);

test("an audit waits for the ledger, visible as pending, and the schedule joins a running audit", async () => {
  const ledger: { isBack: boolean } = { isBack: false };
  const { handle } = await bench.startAudit({
    auditLedger: async (check) => {
      if (!ledger.isBack) throw storeError("PostgreSQL is away");
      return { checked: { [check]: 1 }, findings: [], findingsTotal: 0, walk: null };
    },
  });
  expect(await awaitPending(handle)).toEqual(["auditLedger", "PostgreSQL is away"]);
  await (await bench.startAudits()).handle.result();
  expect((await bench.client.workflow.getHandle(AUDIT_WORKFLOW_ID).describe()).runId).toBe(handle.firstExecutionRunId);
  ledger.isBack = true;
  expect(await handle.result()).toMatchObject({ verdict: "clean" });
}, 60_000);

test("the schedule starts an audit with the one id of all audits, and does not wait for it", async () => {
  await (await bench.startAudits()).handle.result();
  const started = bench.client.workflow.getHandle(AUDIT_WORKFLOW_ID);
  await eventually(async () => (await started.describe()).status.name === "COMPLETED");
  expect(await (await started.describe()).staticSummary()).toBe("Audit of ledger, cache and events");
});

test("the schedule runs every hour", () => {
  expect(SCHEDULES.find(({ scheduleId }) => scheduleId === AUDIT_SCHEDULE_ID)).toMatchObject({
    spec: { intervals: [{ every: 3_600_000 }] },
    policies: { overlap: "SKIP" },
    action: { workflowType: "audits", taskQueue: TASK_QUEUE, args: [] },
  });
});
