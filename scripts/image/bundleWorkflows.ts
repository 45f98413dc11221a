import { bundleWorkflows } from "../../src/temporal/workflowBundle.ts";

/** Writes dist/workflows.js of the folder that it runs in, which src/temporal/workflowBundle.ts then uses. */
const { code } = await bundleWorkflows();
await Bun.write("dist/workflows.js", code);
