import { fileURLToPath } from "node:url";
import type { Client } from "@temporalio/client";
import { bundleWorkflowCode, DefaultLogger, type NativeConnection, Worker } from "@temporalio/worker";
import type { Activities } from "../activities/index.ts";
import { EVENTS_TASK_QUEUE, TASK_QUEUE } from "../workflows/contract.ts";
import { ensureSchedule, SCHEDULES } from "./schedules.ts";

/** Given, since the default is read off the heap figures of an engine that Bun does not have. */
const CACHED_WORKFLOWS_MAX = 500;

/** As many sends to Kafka can be stuck at once. */
const EVENTS_ACTIVITIES_MAX = 10;

/** Activities are far shorter, but for an audit's and a report's; a step that is cut off is done again elsewhere. */
const SHUTDOWN_GRACE_TIME = "5 seconds";
/** What does not end when it is told to is left behind. */
const SHUTDOWN_FORCE_TIME = "8 seconds";

/** The workers of one process, at work. */
export type Workers = {
  /** Resolves once they have shut down; rejects where one failed for good. */
  done: Promise<void>;
  /** Lets what is under way come to an end. */
  shutdown(): void;
};

/**
 * Starts one worker for carriers and what leads to the ledger, and one for events that could not be published at once, whose slots a frozen
 * Kafka may take without stopping anything else. Sees to it that what runs by the clock is scheduled.
 */
export async function startWorkers(
  client: Client,
  connection: NativeConnection,
  activities: Activities,
): Promise<Workers> {
  const { namespace } = client.options;
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL("../workflows/index.ts", import.meta.url)),
    logger: new DefaultLogger("WARN"),
  });
  const common = {
    connection,
    namespace,
    activities,
    shutdownGraceTime: SHUTDOWN_GRACE_TIME,
    shutdownForceTime: SHUTDOWN_FORCE_TIME,
  };
  const workers = await Promise.all([
    Worker.create({ ...common, taskQueue: TASK_QUEUE, workflowBundle, maxCachedWorkflows: CACHED_WORKFLOWS_MAX }),
    Worker.create({
      ...common,
      taskQueue: EVENTS_TASK_QUEUE,
      maxConcurrentActivityTaskExecutions: EVENTS_ACTIVITIES_MAX,
    }),
  ]);
  await Promise.all(SCHEDULES.map((definition) => ensureSchedule(client, definition)));
  return {
    done: Promise.all(workers.map((worker) => worker.run())).then(() => {}),
    shutdown() {
      for (const worker of workers) if (worker.getState() === "RUNNING") worker.shutdown();
    },
  };
}
