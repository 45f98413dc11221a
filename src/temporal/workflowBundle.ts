import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bundleWorkflowCode, DefaultLogger, type Logger, Runtime, type WorkflowBundle } from "@temporalio/worker";

/** Written by scripts/image/bundleWorkflows.ts at image build. A working copy has no such file. */
const BUILT_PATH = fileURLToPath(new URL("../../dist/workflows.js", import.meta.url));

/** Loads the bundle of the image. In a working copy it bundles the current sources, which takes seconds. */
export async function loadWorkflowBundle(): Promise<WorkflowBundle | { codePath: string }> {
  return existsSync(BUILT_PATH) ? { codePath: BUILT_PATH } : await bundleWorkflows(Runtime.instance().logger);
}

/** Bundles src/workflows with webpack, as the SDK requires. */
export async function bundleWorkflows(logger: Logger = new DefaultLogger("WARN")) {
  return await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL("../workflows/index.ts", import.meta.url)),
    logger,
  });
}
