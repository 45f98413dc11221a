import type { WorkflowHandle } from "@temporalio/client";
import { historyToJSON } from "@temporalio/common/lib/proto-utils";
import type { Activities } from "../../src/activities/index.ts";
import type { Operation } from "../../src/ledger/operations.ts";
import { AUDIT_WORKFLOW_ID, CHANGED_SIGNAL, RELEASE_SIGNAL } from "../../src/workflows/contract.ts";
import { createHeldMoney, type HeldMoney, reserveTen } from "../support/heldMoney.ts";
import { deposit, transfer, withdrawal } from "../support/operations.ts";
import { awaitDetails, awaitPending, awaitSleep } from "../support/operatorsView.ts";
import { recognition } from "../support/reservationOperations.ts";
import { createWorkbench, goodActivities, quietenTemporal, trouble, type Workbench } from "../support/workbench.ts";

// Records what replay.test.ts replays: `bun test/workflow/record.ts NAME…`, with the test stack up. Only what is new, or when the workflows
// have changed behind `patched()`: the histories that are here already stand for workflows that are under way somewhere.

/** Each leads a workflow to where its history is to be recorded: its end, or a wait. */
const RUNS: Record<string, (bench: Workbench) => Promise<WorkflowHandle>> = {
  "carrier-at-once": (bench) =>
    finish(bench.startCarrier([deposit("alice", "1.00"), transfer("alice", "bob", "1.00")])),
  "carrier-declined": (bench) =>
    finish(
      bench.startCarrier([withdrawal("alice", "1.00")], {
        post: async (_, operations) =>
          operations.map(({ operationId }) => ({ operationId, status: "declined", code: "insufficient_funds" })),
      }),
    ),
  "carrier-durable": (bench) =>
    finish(
      bench.startCarrier([deposit("alice", "1.00")], {
        post: failing(4, "PostgreSQL is away", goodActivities().post),
        tryPublishEvents: async () => "waiting",
        publishEvents: failing(1, "Kafka is away", goodActivities().publishEvents),
      }),
    ),
  "carrier-queued": (bench) =>
    finish(bench.startCarrier([deposit("alice", "1.00")], { tryPublishEvents: async () => "queued" })),

  async "carrier-tells-sagas"(bench) {
    const { handle: saga, money, list } = await startSaga(bench, [reserveTen()]);
    await awaitSleep(saga);
    const reservationId = list[0]!.operationId;
    money.settle(reservationId, "recognized");
    const found = [saga.workflowId, "gone"].map((sagaWorkflowId) => ({ sagaWorkflowId, operationIds: ["operation"] }));
    const carrier = bench.startCarrier([recognition({ reservationId })], { findSagasConcerned: async () => found });
    return await finish(carrier);
  },

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
  "saga-nothing-opened": async (bench) =>
    await finish(
      startSaga(bench, [reserveTen()], {
        post: async (_, operations) =>
          operations.map(({ operationId }) => ({ operationId, status: "declined", code: "insufficient_funds" })),
      }),
    ),
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
    const durable = {
      post: failing(4, "PostgreSQL is away", money.activities.post),
      expire: failing(4, "PostgreSQL is away", money.activities.expire),
      releaseByOperator: failing(4, "PostgreSQL is away", money.activities.releaseByOperator),
      tryPublishEvents: async () => "waiting" as const,
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
    const outcomes = await money.activities.post("earlier", list);
    const watched = { outcomes, reservationIds: list.map(({ operationId }) => operationId) };
    const { handle } = await bench.startSaga({ operations: [], watched }, money.activities);
    await awaitSleep(handle);
    return handle;
  },
  ...Object.fromEntries(
    (["post", "expire"] as const).map((step) => [
      `saga-open-${step}-stuck`,
      async (bench: Workbench) => {
        const stuck = { [step]: () => Promise.reject(trouble("PostgreSQL is away")) };
        const { handle } = await startSaga(bench, [reserveTen()], stuck);
        await awaitPending(handle);
        return handle;
      },
    ]),
  ),
  async "saga-open-release-stuck"(bench) {
    const { handle } = await startSaga(bench, [reserveTen()], {
      releaseByOperator: () => Promise.reject(trouble("PostgreSQL is away")),
    });
    await awaitSleep(handle);
    await handle.cancel();
    await awaitPending(handle);
    return handle;
  },
  async "saga-open-events-waiting"(bench) {
    const { handle } = await startSaga(bench, [reserveTen()], {
      tryPublishEvents: async () => "waiting",
      publishEvents: () => Promise.reject(trouble("Kafka is away")),
    });
    await awaitPending(handle);
    return handle;
  },
  async "saga-open-asleep-events-waiting"(bench) {
    const { handle, list } = await startSaga(bench, [reserveTen(), reserveTen()], {
      tryPublishEvents: async () => "waiting",
      publishEvents: () => Promise.reject(trouble("Kafka is away")),
    });
    await awaitPending(handle);
    await handle.signal(RELEASE_SIGNAL, { reservationId: list[0]!.operationId });
    await awaitDetails(handle, "released 10.00");
    await awaitSleep(handle, 2);
    return handle;
  },

  "report-at-once": (bench) => finish(bench.startReport("2026-01")),
  "report-durable": (bench) =>
    finish(
      bench.startReport("2026-02", {
        closeMonth: failing(2, "Someone books", goodActivities().closeMonth),
        freezeReport: failing(2, "PostgreSQL is away", goodActivities().freezeReport),
      }),
    ),
  ...Object.fromEntries(
    (["closeMonth", "freezeReport"] as const).map((step) => [
      `report-open-${step}-stuck`,
      async (bench: Workbench) => {
        const stuck = { [step]: () => Promise.reject(trouble("PostgreSQL is away")) };
        const { handle } = await bench.startReport(step === "closeMonth" ? "2026-03" : "2026-04", stuck);
        await awaitPending(handle);
        return handle;
      },
    ]),
  ),
  async "reports-scheduled"(bench) {
    const { handle } = await bench.startReport("2026-06", {
      closeMonth: () => Promise.reject(trouble("Someone books")),
    });
    await awaitPending(handle);
    const scheduled = await finish(bench.startReports(["2026-06", "2026-07"]));
    await handle.terminate();
    return scheduled;
  },
  "reports-scheduled-nothing": (bench) => finish(bench.startReports([])),

  audit: (bench) => finish(bench.startAudit()),
  "audit-nothing-beside": (bench) =>
    finish(
      bench.startAudit({
        auditCache: () => Promise.reject(trouble("Redis is away")),
        auditEvents: () => Promise.reject(trouble("Kafka is away")),
      }),
    ),
  async "audit-open-ledger-stuck"(bench) {
    const { handle } = await bench.startAudit({ auditLedger: () => Promise.reject(trouble("PostgreSQL is away")) });
    await awaitPending(handle);
    return handle;
  },
  async "audits-scheduled"(bench) {
    const scheduled = await finish(bench.startAudits());
    await bench.client.workflow.getHandle(AUDIT_WORKFLOW_ID).result();
    return scheduled;
  },
  async "audits-scheduled-joined"(bench) {
    const { handle } = await bench.startAudit({ auditLedger: () => Promise.reject(trouble("PostgreSQL is away")) });
    await awaitPending(handle);
    const scheduled = await finish(bench.startAudits());
    await handle.terminate();
    return scheduled;
  },

  async sweep(bench) {
    const { handle: saga, money, list } = await startSaga(bench, [reserveTen()]);
    await awaitSleep(saga);
    money.settle(list[0]!.operationId, "expired");
    return await finish(
      bench.startSweep({
        expireOverdue: async () => [{ operationId: "expiry", status: "completed" }],
        findSagasConcerned: async (_, operationIds) => [{ sagaWorkflowId: saga.workflowId, operationIds }],
        sweepUnpublished: async () => 7,
      }),
    );
  },
  "sweep-nothing": (bench) => finish(bench.startSweep()),
  "sweep-without-kafka": (bench) =>
    finish(
      bench.startSweep({
        expireOverdue: failing(2, "PostgreSQL is away", async () => [{ operationId: "expiry", status: "completed" }]),
        tryPublishEvents: async () => "waiting",
        sweepUnpublished: () => Promise.reject(trouble("Kafka is away")),
      }),
    ),
};

async function startSaga(
  bench: Workbench,
  list: Operation[],
  overrides: Partial<Activities> = {},
  money: HeldMoney = createHeldMoney(),
) {
  const { handle } = await bench.startSaga(list, { ...money.activities, ...overrides });
  return { handle, money, list };
}

async function change(handle: WorkflowHandle): Promise<void> {
  await handle.signal(CHANGED_SIGNAL, { byWorkflowId: "another", operationIds: ["operation"] });
}

async function finish(run: Promise<{ handle: WorkflowHandle }> | { handle: WorkflowHandle }): Promise<WorkflowHandle> {
  const { handle } = await run;
  await handle.result();
  return handle;
}

/** The activity, which fails the first `times`. */
function failing<Activity extends Activities[keyof Activities]>(
  times: number,
  message: string,
  activity: Activity,
): Activity {
  let attempts = 0;
  const flaky = (...args: never[]) => {
    attempts += 1;
    return attempts <= times ? Promise.reject(trouble(message)) : (activity as (...args: never[]) => unknown)(...args);
  };
  return flaky as Activity;
}

quietenTemporal();
const bench = await createWorkbench();
for (const name of process.argv.slice(2)) {
  const handle = await RUNS[name]!(bench);
  const history = JSON.parse(historyToJSON(await handle.fetchHistory()));
  await Bun.write(new URL(`histories/${name}.json`, import.meta.url), `${JSON.stringify(history, null, 2)}\n`);
  if ((await handle.describe()).status.name === "RUNNING") await handle.terminate();
}
await bench[Symbol.asyncDispose]();
process.exit(0);
