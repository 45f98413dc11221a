import { afterAll, beforeAll, expect, test } from "bun:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker, type WorkflowBundleWithSourceMap } from "@temporalio/worker";
import { RELEASE_SIGNAL } from "../../src/workflows/contract.ts";
import { eventually } from "../support/eventually.ts";
import { createHeldMoney, reserveTen } from "../support/heldMoney.ts";
import { operation } from "../support/operations.ts";
import { awaitSleep } from "../support/operatorsView.ts";
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

/** Beyond the eight seconds after which a worker asks for more time, below the ten that the activity has. */
const SLOW_MS = 9_500;

test("a saga whose next events are due while the ledger is slow goes on in another process", async () => {
  const money = createHeldMoney();
  const list = [reserveTen(), reserveTen()];
  const firstIsOut = Promise.withResolvers<void>();
  let publications = 0;
  let slowMs = 0;
  const { handle, calls } = await bench.startSaga(list, {
    ...money.activities,
    tryPublishEvents: async () => "waiting",
    async publishEvents() {
      publications += 1;
      if (publications === 1) await firstIsOut.promise;
    },
    async expire(...asked) {
      await sleep(slowMs);
      slowMs = 0;
      return await money.activities.expire!(...asked);
    },
  });
  await awaitSleep(handle);
  const before = calls.length;
  slowMs = SLOW_MS;
  // What it releases is the second that is to be published; meanwhile the ledger takes its time, and the first comes through.
  await handle.signal(RELEASE_SIGNAL, { reservationId: list[0]!.operationId });
  await eventually(async () => calls.slice(before).some(({ name }) => name === "expire"));
  firstIsOut.resolve();
  await eventually(() => awaitSleep(handle, 2).then(() => publications === 2), 30_000);
  await Worker.runReplayHistory({ workflowBundle }, await handle.fetchHistory());
  await handle.terminate();
}, 60_000);
