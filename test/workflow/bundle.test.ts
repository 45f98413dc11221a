import { expect, test } from "bun:test";
import { bundleWorkflows, loadWorkflowBundle } from "../../src/temporal/workflowBundle.ts";

test("the workflow bundle has only workflows and pure code: no activity, no client of a store, no HTTP", async () => {
  const { code } = await bundleWorkflows();
  for (const own of ["./src/workflows/carry.ts", "./src/workflows/sweep.ts", "./src/workflows/display.ts"]) {
    expect(code).toContain(own);
  }
  const folders = [...code.matchAll(/\.\/src\/(\w+)/g)].map(([, folder]) => folder!);
  expect(folders.filter((folder) => !["workflows", "ledger"].includes(folder))).toEqual([]);
  const packages = [...code.matchAll(/\/node_modules\/((?:@[\w.-]+\/)?[\w.-]+)\//g)].map(([, name]) => name!);
  const allowed = /^(@temporalio\/(common|workflow)|long|ms|nexus-rpc)$/;
  expect([...new Set(packages)].filter((name) => !allowed.test(name))).toEqual([]);
});

test("a working copy runs the bundle of its present sources, also where it was bundled before", async () => {
  const { code } = await bundleWorkflows();
  const [first, second] = [await loadWorkflowBundle(), await loadWorkflowBundle()];
  expect([first, second]).toEqual([{ code }, { code }]);
});
