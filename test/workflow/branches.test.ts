import { afterAll, beforeAll, expect, test } from "bun:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker, type WorkflowBundleWithSourceMap } from "@temporalio/worker";
import { RELEASE_SIGNAL } from "../../src/workflows/contract.ts";
import { eventually } from "../support/eventually.ts";
import { createHeldMoney, reserveTen } from "../support/heldMoney.ts";
import { awaitSleep } from "../support/operatorsView.ts";
import { recognition } from "../support/reservationOperations.ts";
import {
  bundleWorkflows,
  createWorkbench,
  postLeaving,
  quietenTemporal,
  type Workbench,
} from "../support/workbench.ts";

let bench: Workbench;
let workflowBundle: WorkflowBundleWithSourceMap;
beforeAll(async () => {
  quietenTemporal();
  [bench, workflowBundle] = await Promise.all([createWorkbench(), bundleWorkflows()]);
}, 60_000);
afterAll(() => bench[Symbol.asyncDispose](), 30_000);

/** Long enough that a saga that is gone is known to be. */
const LATER_MS = 300;

test.each([
  ["at once", 0],
  ["when they are told", LATER_MS],
])(
  "a carrier with sagas to tell, whose events wait for Kafka and come through %s, completes, and goes on in another process",
  async (_, eventsMs) => {
    const asked = recognition({ reservationId: crypto.randomUUID() });
    const sagas = [{ sagaWorkflowId: "reservation-that-is-over", operationIds: [asked.operationId] }];
    const { handle, calls } = await bench.startCarrier([asked], {
      post: postLeaving({ events: "waiting", sagas }),
      publishEvents: () => sleep(eventsMs),
    });
    expect((await handle.result()).outcomes).toHaveLength(1);
    expect(calls.map(({ name }) => name)).toEqual(["post", "publishEvents"]);
    const history = await handle.fetchHistory();
    const told = history.events?.filter((event) => event.signalExternalWorkflowExecutionInitiatedEventAttributes);
    expect(told).toHaveLength(1);
    // It is replayed as whoever takes it over would do it; what it did in another order would be noticed.
    await Worker.runReplayHistory({ workflowBundle }, history);
  },
);

/** Beyond the eight seconds after which a worker asks for more time, below the ten that the activity has. */
const SLOW_MS = 9_500;

test("a saga whose next events are due while the ledger is slow goes on in another process", async () => {
  const money = createHeldMoney();
  money.kafka.publication = "waiting";
  const list = [reserveTen(), reserveTen()];
  const firstIsOut = Promise.withResolvers<void>();
  let publications = 0;
  let slowMs = 0;
  const { handle, calls } = await bench.startSaga(list, {
    ...money.activities,
    async publishEvents() {
      publications += 1;
      if (publications === 1) await firstIsOut.promise;
    },
    async expire(...asked) {
      await sleep(slowMs);
      slowMs = 0;
      return await money.activities.expire(...asked);
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
