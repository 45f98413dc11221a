import { fileURLToPath } from "node:url";
import { Client } from "@temporalio/client";
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from "@temporalio/worker";
import { Elysia } from "elysia";
import { pino } from "pino";
import { createAuthentication } from "../../../src/api/auth/authentication.ts";
import { Problem, toProblemResponse } from "../../../src/api/http/problems.ts";
import { loadConfig } from "../../../src/config.ts";
import type { empty } from "./workflow.ts";

const TASK_QUEUE = "bench-empty";

/**
 * The lowest cost of a request with a workflow of its own.
 * It has the token check, an eager start, an empty workflow and its result.
 */
const config = loadConfig(process.env);
const log = pino({ level: config.logLevel });
Runtime.install({ logger: new DefaultLogger("ERROR"), shutdownSignals: [] });
const connection = await NativeConnection.connect({
  address: config.temporal.address,
  grpcCompression: { codec: "none" },
});
const client = new Client({ connection, namespace: config.temporal.namespace });
const worker = await Worker.create({
  connection,
  namespace: config.temporal.namespace,
  taskQueue: TASK_QUEUE,
  workflowBundle: await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL("./workflow.ts", import.meta.url)),
    logger: new DefaultLogger("WARN"),
  }),
  maxCachedWorkflows: 500,
});
const working = worker.run();

const requireScope = await createAuthentication(config, log);
const server = new Elysia()
  .onError(({ error, request }) =>
    toProblemResponse(error instanceof Problem ? error : new Problem("internal"), new URL(request.url).pathname),
  )
  .get("/readyz", () => {})
  .use(
    new Elysia().use(requireScope("funds:write")).post("/v1/empty", async () => {
      await client.workflow.execute<typeof empty>("empty", {
        workflowId: `empty-${crypto.randomUUID()}`,
        taskQueue: TASK_QUEUE,
        requestEagerStart: true,
      });
      return { status: "completed" };
    }),
  );
server.listen({ hostname: config.host, port: config.port });

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, async () => {
    await server.stop();
    worker.shutdown();
    await working;
    await connection.close();
    process.exit(0);
  });
}
