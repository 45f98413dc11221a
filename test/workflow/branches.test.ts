import { afterAll, beforeAll, expect, test } from "bun:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker, type WorkflowBundleWithSourceMap } from "@temporalio/worker";
import { operation } from "../support/operations.ts";
import { bundleWorkflows, createWorkbench, quietenTemporal, type Workbench } from "../support/workbench.ts";

let bench: Workbench;
let workflowBundle: WorkflowBundleWithSourceMap;
beforeAll(async () => {
  quietenTemporal();
  [bench, workflowBundle] = await Promise.all([createWorkbench(), bundleWorkflows()]);
}, 60_000);
afterAll(() => bench[Symbol.asyncDispose](), 30_000);

/** Long enough that the other one has returned, and what follows from it has been commanded. */
const LATER_MS = 300;

test.each([
  ["before", 0, LATER_MS],
  ["after", LATER_MS, 0],
])(
  "a carrier whose events wait for Kafka, known %s the sagas that it tells, goes on in another process",
  async (_, eventsMs, sagasMs) => {
    const request = { reservationId: crypto.randomUUID() };
    const { handle } = await bench.startCarrier([operation({ kind: "recognition", request })], {
      async tryPublishEvents() {
        await sleep(eventsMs);
        return "waiting";
      },
      async findSagasConcerned(__, operationIds) {
        await sleep(sagasMs);
        return [{ sagaWorkflowId: "reservation-that-is-over", operationIds }];
      },
    });
    expect((await handle.result()).outcomes).toHaveLength(1);
    // It is replayed as whoever takes it over would do it; what it did in another order would be noticed.
    await Worker.runReplayHistory({ workflowBundle }, await handle.fetchHistory());
  },
);
