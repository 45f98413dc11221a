import { Client } from "@temporalio/client";
import { NativeConnection } from "@temporalio/worker";
import { stack } from "../api/client.ts";

export type WebUi = Awaited<ReturnType<typeof openWebUi>>;

/** Reads and acts as an operator in the Temporal Web UI, by the same API. Close it after use. */
export async function openWebUi() {
  const connection = await NativeConnection.connect({ address: stack.environment.TEMPORAL_ADDRESS! });
  const client = new Client({ connection });
  const { workflow } = client;

  return {
    client,
    cancel: async (workflowId: string): Promise<void> => void (await workflow.getHandle(workflowId).cancel()),
    terminate: async (workflowId: string): Promise<void> =>
      void (await workflow.getHandle(workflowId).terminate("by the operator")),

    /** RUNNING, COMPLETED, TERMINATED, … */
    status: async (workflowId: string): Promise<string> =>
      (await workflow.getHandle(workflowId).describe()).status.name,

    /** The fields of a workflow that the list and its page show. */
    async describe(workflowId: string) {
      const description = await workflow.getHandle(workflowId).describe();
      const attributes = description.typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]);
      return {
        workflowId: description.workflowId,
        type: description.type,
        historyLength: description.historyLength,
        summary: await description.staticSummary(),
        memo: description.memo ?? {},
        searchAttributes: Object.fromEntries(attributes) as Record<string, string[]>,
      };
    },

    /**
     * The last error of the pending activity with this name.
     *
     * Undefined where it is not pending or has not failed.
     */
    async pendingError(workflowId: string, activity: string): Promise<string | undefined> {
      const { raw } = await workflow.getHandle(workflowId).describe();
      const pending = raw.pendingActivities?.find(({ activityType }) => activityType?.name === activity);
      return pending?.lastFailure?.message ?? undefined;
    },

    /** How many workflows a filter of the list shows. */
    count: async (query: string): Promise<number> => (await workflow.count(query)).count,

    close: () => connection.close(),
  };
}
