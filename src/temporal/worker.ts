import type { Client } from "@temporalio/client";
import { type NativeConnection, Runtime, Worker } from "@temporalio/worker";
import type { Activities } from "../activities/index.ts";
import { EVENTS_TASK_QUEUE, TASK_QUEUE } from "../workflows/contract.ts";
import { ensureSchedule, SCHEDULES } from "./schedules.ts";
import { loadWorkflowBundle } from "./workflowBundle.ts";
import { type ThreadOptions, withThreadOptions } from "./workflowThreads.ts";

/** Set explicitly: the default is computed from V8's heap statistics, which Bun lacks. */
const CACHED_WORKFLOWS_MAX = 500;

/** Upper bound of sends to Kafka that can hang at the same time. */
const EVENTS_ACTIVITIES_MAX = 10;

/** Far longer than an activity, except those of audits and reports. A cancelled step is retried by another process. */
const SHUTDOWN_GRACE_TIME = "5 seconds";
/** Activities that ignore their cancellation are abandoned after this. */
const SHUTDOWN_FORCE_TIME = "8 seconds";

/** The running workers of one process. */
export type Workers = {
  /** Resolves once they have shut down; rejects where one failed permanently. */
  done: Promise<void>;
  /** Goes on with another connection. */
  use(connection: NativeConnection): void;
  /** Begins a graceful shutdown: running tasks are completed. */
  shutdown(): void;
};

/**
 * Starts the two workers of a process, and creates the schedules.
 * One runs carriers and their activities. The other publishes events that could not be published at once: a frozen
 * Kafka can occupy all its slots without delaying the first.
 */
export async function startWorkers(
  client: Client,
  connection: NativeConnection,
  activities: Activities,
  threadOptions: ThreadOptions,
): Promise<Workers> {
  const { namespace } = client.options;
  const workflowBundle = await loadWorkflowBundle(Runtime.instance().logger);
  const common = {
    connection,
    namespace,
    activities,
    shutdownGraceTime: SHUTDOWN_GRACE_TIME,
    shutdownForceTime: SHUTDOWN_FORCE_TIME,
  };
  const workers = await Promise.all([
    withThreadOptions(threadOptions, () =>
      Worker.create({ ...common, taskQueue: TASK_QUEUE, workflowBundle, maxCachedWorkflows: CACHED_WORKFLOWS_MAX }),
    ),
    Worker.create({
      ...common,
      taskQueue: EVENTS_TASK_QUEUE,
      maxConcurrentActivityTaskExecutions: EVENTS_ACTIVITIES_MAX,
    }),
  ]);
  await Promise.all(SCHEDULES.map((definition) => ensureSchedule(client, definition)));
  return {
    done: Promise.all(workers.map((worker) => worker.run())).then(() => {}),
    use(replacement) {
      for (const worker of workers) worker.connection = replacement;
    },
    shutdown() {
      for (const worker of workers) if (worker.getState() === "RUNNING") worker.shutdown();
    },
  };
}
