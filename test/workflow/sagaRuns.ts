import type { WorkflowHandle } from "@temporalio/client";
import type { Operation } from "../../src/ledger/operations.ts";
import { CHANGED_SIGNAL, RELEASE_SIGNAL } from "../../src/workflows/contract.ts";
import { deposit } from "../support/ledger/operations.ts";
import { awaitDetails, awaitPending, awaitSleep } from "../support/temporal/workflowView.ts";
import { createHeldMoney, reserveTen } from "../support/workflows/heldMoney.ts";
import { goodActivities, storeError, type Workbench } from "../support/workflows/workbench.ts";
import { declining, failing, finish, type Runs, startSaga } from "./runs.ts";

/** Runs of sagas whose histories are recorded. */
export const SAGA_RUNS: Runs = {
  async "saga-recognized"(bench) {
    const { handle, money, list } = await startSaga(bench, [reserveTen()]);
    await awaitSleep(handle);
    money.settle(list[0]!.operationId, "recognized", "4.00");
    await change(handle);
    await awaitSleep(handle, 2);
    money.settle(list[0]!.operationId, "recognized");
    await change(handle);
    return await finish({ handle });
  },
  "saga-expired": async (bench) => await finish(startSaga(bench, [reserveTen(1), reserveTen(2)])),
  "saga-nothing-opened": async (bench) => await finish(startSaga(bench, [reserveTen()], { post: declining })),
  async "saga-cancelled"(bench) {
    const { handle } = await startSaga(bench, [reserveTen()]);
    await awaitSleep(handle);
    await handle.cancel();
    return await finish({ handle });
  },
  async "saga-released"(bench) {
    const { handle, list } = await startSaga(bench, [reserveTen(), reserveTen()]);
    await awaitSleep(handle);
    for (const [index, { operationId }] of list.entries()) {
      await handle.signal(RELEASE_SIGNAL, { reservationId: operationId });
      if (index === 0) await awaitSleep(handle, 2);
    }
    return await finish({ handle });
  },
  async "saga-durable"(bench) {
    const money = createHeldMoney();
    money.kafka.publication = "waiting";
    const durable = {
      post: failing(4, "PostgreSQL is away", money.activities.post),
      expire: failing(4, "PostgreSQL is away", money.activities.expire),
      releaseByOperator: failing(4, "PostgreSQL is away", money.activities.releaseByOperator),
      publishEvents: failing(1, "Kafka is away", goodActivities().publishEvents),
    };
    const { handle, list } = await startSaga(bench, [reserveTen(), reserveTen(8)], durable, money);
    await awaitSleep(handle);
    await handle.signal(RELEASE_SIGNAL, { reservationId: list[0]!.operationId });
    return await finish({ handle });
  },

  async "saga-open-first-deadline"(bench) {
    const { handle } = await startSaga(bench, [reserveTen()]);
    await awaitSleep(handle);
    return handle;
  },
  async "saga-open-extended"(bench) {
    const { handle, money, list } = await startSaga(bench, [reserveTen(1)]);
    await awaitSleep(handle);
    money.extend(list[0]!.operationId, 3_600_000);
    await awaitSleep(handle, 2);
    return handle;
  },
  async "saga-open-part-settled"(bench) {
    const { handle, money, list } = await startSaga(bench, [reserveTen()]);
    await awaitSleep(handle);
    money.settle(list[0]!.operationId, "recognized", "4.00");
    await change(handle);
    await awaitSleep(handle, 2);
    return handle;
  },
  async "saga-open-many"(bench) {
    const list = [reserveTen(1), ...Array.from({ length: 30 }, () => reserveTen()), deposit("alice", "1.00")];
    const { handle } = await startSaga(bench, list);
    await awaitSleep(handle, 2);
    await handle.cancel();
    await awaitDetails(handle, "Cancelling releases nothing here");
    await handle.signal(RELEASE_SIGNAL, { reservationId: list[1]!.operationId });
    await handle.signal(RELEASE_SIGNAL, { reservationId: "unknown" });
    await awaitDetails(handle, "released 10.00");
    await awaitSleep(handle, 4);
    return handle;
  },
  async "saga-open-continued"(bench) {
    const money = createHeldMoney();
    const list = [reserveTen(), reserveTen()];
    const workflowId = `saga-${crypto.randomUUID()}`;
    await money.activities.post({ workflowId, isSaga: true }, { operations: list });
    const { handle } = await bench.startSaga({ operations: [], isPosted: true }, money.activities, workflowId);
    await awaitSleep(handle);
    return handle;
  },
  ...Object.fromEntries(
    (["post", "expire"] as const).map((step) => [
      `saga-open-${step}-stuck`,
      async (bench: Workbench) => {
        const stuck = { [step]: () => Promise.reject(storeError("PostgreSQL is away")) };
        const { handle } = await startSaga(bench, [reserveTen(1)], stuck);
        await awaitPending(handle);
        return handle;
      },
    ]),
  ),
  async "saga-open-release-stuck"(bench) {
    const { handle } = await startSaga(bench, [reserveTen()], {
      releaseByOperator: () => Promise.reject(storeError("PostgreSQL is away")),
    });
    await awaitSleep(handle);
    await handle.cancel();
    await awaitPending(handle);
    return handle;
  },
  async "saga-open-events-waiting"(bench) {
    const { handle } = await startSagaWithoutKafka(bench, [reserveTen()]);
    await awaitPending(handle);
    return handle;
  },
  async "saga-open-asleep-events-waiting"(bench) {
    const { handle, list } = await startSagaWithoutKafka(bench, [reserveTen(), reserveTen()]);
    await awaitPending(handle);
    await handle.signal(RELEASE_SIGNAL, { reservationId: list[0]!.operationId });
    await awaitDetails(handle, "released 10.00");
    await awaitSleep(handle, 2);
    return handle;
  },
};

async function startSagaWithoutKafka(bench: Workbench, list: Operation[]) {
  const money = createHeldMoney();
  money.kafka.publication = "waiting";
  return await startSaga(bench, list, { publishEvents: () => Promise.reject(storeError("Kafka is away")) }, money);
}

async function change(handle: WorkflowHandle): Promise<void> {
  await handle.signal(CHANGED_SIGNAL, { byWorkflowId: "another" });
}
