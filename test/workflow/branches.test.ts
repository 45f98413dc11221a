import { beforeAll, expect, test } from "bun:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker, type WorkflowBundleOption } from "@temporalio/worker";
import { loadWorkflowBundle } from "../../src/temporal/workflowBundle.ts";
import { RELEASE_SIGNAL } from "../../src/workflows/contract.ts";
import { recognition } from "../support/ledger/reservationOperations.ts";
import { awaitSleep } from "../support/temporal/workflowView.ts";
import { eventually } from "../support/waiting.ts";
import { createHeldMoney, reserveTen } from "../support/workflows/heldMoney.ts";
import { useWorkbench } from "../support/workflows/useWorkbench.ts";
import { postLeaving } from "../support/workflows/workbench.ts";

const bench = useWorkbench();
let workflowBundle: WorkflowBundleOption;
beforeAll(async () => {
  workflowBundle = await loadWorkflowBundle();
}, 60_000);

/** Longer than the server takes to report that a saga has ended. */
const LATER_MS = 300;

test.each([
  ["at once", 0],
  ["with their signals", LATER_MS],
])(
  "a carrier that signals sagas while its events wait, published %s, replays without a difference",
  async (_, eventsMs) => {
    const operation = recognition({ reservationId: crypto.randomUUID() });
    const { handle, calls } = await bench.startCarrier([operation], {
      post: postLeaving({ events: "waiting", sagaWorkflowIds: ["reservation-that-is-over"] }),
      publishEvents: () => sleep(eventsMs),
    });
    await handle.result();
    expect(calls.map(({ name }) => name)).toEqual(["post", "publishEvents"]);
    const history = await handle.fetchHistory();
    const signalled = history.events?.filter((event) => event.signalExternalWorkflowExecutionInitiatedEventAttributes);
    expect(signalled).toHaveLength(1);
    // Replay in another process throws where the order of steps differs.
    await Worker.runReplayHistory({ workflowBundle }, history);
  },
);

/** Above the 8 s after which a worker asks for more time. Below the timeout of 10 s of the activity. */
const SLOW_MS = 9_500;

test("a saga whose next events are due while the ledger is slow replays without a difference", async () => {
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
    async expire(...args) {
      await sleep(slowMs);
      slowMs = 0;
      return await money.activities.expire(...args);
    },
  });
  await awaitSleep(handle);
  const before = calls.length;
  slowMs = SLOW_MS;
  // Its release is published second. Meanwhile the ledger is slow, and the first events are published.
  await handle.signal(RELEASE_SIGNAL, { reservationId: list[0]!.operationId });
  await eventually(async () => calls.slice(before).some(({ name }) => name === "expire"));
  firstIsOut.resolve();
  await eventually(() => awaitSleep(handle, 2).then(() => publications === 2), 30_000);
  await Worker.runReplayHistory({ workflowBundle }, await handle.fetchHistory());
  await handle.terminate();
}, 60_000);
