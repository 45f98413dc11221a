import { historyToJSON } from "@temporalio/common/lib/proto-utils";
import type { OutcomeCount } from "../../src/ledger/carriers.ts";
import { AUDIT_WORKFLOW_ID } from "../../src/workflows/contract.ts";
import { carried } from "../support/activities/carried.ts";
import { stack } from "../support/api/client.ts";
import { deposit, transfer, withdrawal } from "../support/ledger/operations.ts";
import { recognition, release } from "../support/ledger/reservationOperations.ts";
import { awaitPending, awaitSleep } from "../support/temporal/workflowView.ts";
import { reserveTen } from "../support/workflows/heldMoney.ts";
import {
  createWorkbench,
  goodActivities,
  postLeaving,
  quietenTemporal,
  storeError,
  type Workbench,
} from "../support/workflows/workbench.ts";
import { declining, failing, finish, type Runs, startSaga } from "./runs.ts";
import { SAGA_RUNS } from "./sagaRuns.ts";

// Records the histories for replay.test.ts: `bun test/workflow/record.ts NAME…`. Temporal of the test stack is started
// for it where it is not up.
//
// Histories of a release stand for workflows in production, and stay. New ones belong to the version to come.

const EXPIRED: OutcomeCount[] = [{ kind: "expiry", outcome: "completed", count: 1 }];

const RUNS: Runs = {
  "carrier-at-once": (bench) =>
    finish(bench.startCarrier([deposit("alice", "1.00"), transfer("alice", "bob", "1.00")])),
  "carrier-declined": (bench) => finish(bench.startCarrier([withdrawal("alice", "1.00")], { post: declining })),
  "carrier-durable": (bench) =>
    finish(
      bench.startCarrier([deposit("alice", "1.00")], {
        post: failing(4, "PostgreSQL is away", postLeaving({ events: "waiting" })),
        publishEvents: failing(1, "Kafka is away", goodActivities().publishEvents),
      }),
    ),
  async "carrier-found-by-more"(bench) {
    const found = { kinds: ["release" as const], userIds: ["alice"], orderIds: ["order"], reservationIds: ["r"] };
    return await finish(bench.startCarrier([release({ reservationId: "r" })], { post: postLeaving({ found }) }));
  },
  "carrier-queued": (bench) =>
    finish(bench.startCarrier([deposit("alice", "1.00")], { post: postLeaving({ events: "queued" }) })),

  async "carrier-signals-sagas"(bench) {
    const { handle: saga, money, list } = await startSaga(bench, [reserveTen()]);
    await awaitSleep(saga);
    const reservationId = list[0]!.operationId;
    money.settle(reservationId, "recognized");
    const post = postLeaving({ sagaWorkflowIds: [saga.workflowId, "gone"] });
    return await finish(bench.startCarrier([recognition({ reservationId })], { post }));
  },

  ...SAGA_RUNS,

  "report-at-once": (bench) => finish(bench.startReport("2026-01")),
  "report-durable": (bench) =>
    finish(
      bench.startReport("2026-02", {
        closeMonth: failing(2, "A booking holds the month", goodActivities().closeMonth),
        freezeReport: failing(2, "PostgreSQL is away", goodActivities().freezeReport),
      }),
    ),
  ...Object.fromEntries(
    (["closeMonth", "freezeReport"] as const).map((step) => [
      `report-open-${step}-stuck`,
      async (bench: Workbench) => {
        const stuck = { [step]: () => Promise.reject(storeError("PostgreSQL is away")) };
        const { handle } = await bench.startReport(step === "closeMonth" ? "2026-03" : "2026-04", stuck);
        await awaitPending(handle);
        return handle;
      },
    ]),
  ),
  async "reports-scheduled"(bench) {
    const { handle } = await bench.startReport("2026-06", {
      closeMonth: () => Promise.reject(storeError("A booking holds the month")),
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
        auditCache: () => Promise.reject(storeError("Redis is away")),
        auditEvents: () => Promise.reject(storeError("Kafka is away")),
      }),
    ),
  async "audit-open-ledger-stuck"(bench) {
    const { handle } = await bench.startAudit({ auditLedger: () => Promise.reject(storeError("PostgreSQL is away")) });
    await awaitPending(handle);
    return handle;
  },
  async "audits-scheduled"(bench) {
    const scheduled = await finish(bench.startAudits());
    await bench.client.workflow.getHandle(AUDIT_WORKFLOW_ID).result();
    return scheduled;
  },
  async "audits-scheduled-joined"(bench) {
    const { handle } = await bench.startAudit({ auditLedger: () => Promise.reject(storeError("PostgreSQL is away")) });
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
        expireOverdue: async () => carried({ counts: EXPIRED, sagaWorkflowIds: [saga.workflowId] }),
        sweepOutbox: async () => 7,
      }),
    );
  },
  "sweep-nothing": (bench) => finish(bench.startSweep()),
  "sweep-without-kafka": (bench) =>
    finish(
      bench.startSweep({
        expireOverdue: failing(2, "PostgreSQL is away", async () => carried({ counts: EXPIRED, events: "waiting" })),
        sweepOutbox: () => Promise.reject(storeError("Kafka is away")),
      }),
    ),
};

quietenTemporal();
await stack.withPart("temporal", async () => {
  await using bench = await createWorkbench();
  for (const name of process.argv.slice(2)) {
    const handle = await RUNS[name]!(bench);
    const history = JSON.parse(historyToJSON(await handle.fetchHistory()));
    await Bun.write(new URL(`histories/next/${name}.json`, import.meta.url), `${JSON.stringify(history, null, 2)}\n`);
    if ((await handle.describe()).status.name === "RUNNING") await handle.terminate();
  }
});
process.exit(0);
