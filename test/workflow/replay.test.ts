import { beforeAll, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { Worker, type WorkflowBundleWithSourceMap } from "@temporalio/worker";
import { DeterminismViolationError } from "@temporalio/workflow";
import { bundleWorkflows, quietenTemporal } from "../support/workbench.ts";

const directory = fileURLToPath(new URL("histories", import.meta.url));
const names = readdirSync(directory);

let workflowBundle: WorkflowBundleWithSourceMap;
beforeAll(async () => {
  quietenTemporal();
  workflowBundle = await bundleWorkflows();
}, 60_000);

async function replay(history: unknown): Promise<void> {
  await Worker.runReplayHistory({ workflowBundle }, history);
}

test("there is a history of every way that a workflow can go", () => {
  expect(new Set(names)).toEqual(
    new Set([
      ...["carrier-at-once.json", "carrier-declined.json", "carrier-durable.json", "carrier-queued.json"],
      "sweep.json",
    ]),
  );
});

test.each(names)("the workflows of today go on from where %s was recorded", async (name) => {
  await replay(await Bun.file(`${directory}/${name}`).json());
});

test("a history of other steps is noticed", async () => {
  const text = await Bun.file(`${directory}/carrier-durable.json`).text();
  const other = JSON.parse(text.replaceAll('"name": "publishEvents"', '"name": "sweepUnpublished"'));
  await expect(replay(other)).rejects.toBeInstanceOf(DeterminismViolationError);
});
