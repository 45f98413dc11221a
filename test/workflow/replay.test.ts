import { beforeAll, expect, test } from "bun:test";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker, type WorkflowBundleOption } from "@temporalio/worker";
import { DeterminismViolationError } from "@temporalio/workflow";
import { loadWorkflowBundle } from "../../src/temporal/workflowBundle.ts";
import { quietenTemporal } from "../support/workflows/workbench.ts";

const directory = fileURLToPath(new URL("histories", import.meta.url));
/** "0.3.0/carrier-at-once.json": the release that recorded it, or `next`. */
const names = [...new Bun.Glob("*/*.json").scanSync({ cwd: directory })].toSorted((a, b) => (a < b ? -1 : 1));

let workflowBundle: WorkflowBundleOption;
beforeAll(async () => {
  quietenTemporal();
  workflowBundle = await loadWorkflowBundle();
}, 60_000);

async function replay(history: unknown): Promise<void> {
  await Worker.runReplayHistory({ workflowBundle }, history);
}

test("every path of a workflow has a recorded history", () => {
  expect(new Set(names.map((name) => basename(name, ".json")))).toEqual(
    new Set([
      ...["carrier-at-once", "carrier-declined", "carrier-durable", "carrier-queued"],
      ...["carrier-signals-sagas", "carrier-found-by-more"],
      ...["saga-nothing-opened", "saga-recognized", "saga-expired", "saga-cancelled", "saga-released", "saga-durable"],
      ...["saga-open-first-deadline", "saga-open-extended", "saga-open-part-settled", "saga-open-many"],
      ...["saga-open-continued", "saga-open-post-stuck", "saga-open-expire-stuck", "saga-open-release-stuck"],
      ...["report-at-once", "report-durable", "report-open-closeMonth-stuck", "report-open-freezeReport-stuck"],
      ...["reports-scheduled", "reports-scheduled-nothing"],
      ...["audit", "audit-nothing-beside", "audit-open-ledger-stuck", "audits-scheduled", "audits-scheduled-joined"],
      ...[
        "saga-open-events-waiting",
        "saga-open-asleep-events-waiting",
        "sweep",
        "sweep-nothing",
        "sweep-without-kafka",
      ],
    ]),
  );
});

test.each(names)("the current workflows replay %s without a difference", async (name) => {
  await replay(await Bun.file(`${directory}/${name}`).json());
});

test("a history with other steps fails the replay", async () => {
  const latest = names.findLast((name) => name.endsWith("/carrier-durable.json"));
  const text = await Bun.file(`${directory}/${latest}`).text();
  const other = JSON.parse(text.replaceAll('"name": "publishEvents"', '"name": "sweepOutbox"'));
  await expect(replay(other)).rejects.toBeInstanceOf(DeterminismViolationError);
});

test("a history recorded as open has no end", async () => {
  for (const name of names.filter((one) => one.includes("-open-"))) {
    const text = await Bun.file(`${directory}/${name}`).text();
    expect([name, /EVENT_TYPE_WORKFLOW_EXECUTION_(?!STARTED|SIGNALED|CANCEL_REQUESTED)/.exec(text)]).toEqual([
      name,
      null,
    ]);
  }
});
