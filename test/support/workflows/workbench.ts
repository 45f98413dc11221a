import { activityInfo } from "@temporalio/activity";
import { Client, type WorkflowHandleWithFirstExecutionRunId } from "@temporalio/client";
import { encodeSearchAttributeIndexedValueType } from "@temporalio/common/lib/search-attributes";
import { msToTs } from "@temporalio/common/lib/time";
import { DefaultLogger, makeTelemetryFilterString, NativeConnection, Runtime, Worker } from "@temporalio/worker";
import type { Activities, PostingResult, SagaSummary } from "../../../src/activities/index.ts";
import { judge } from "../../../src/ledger/audits.ts";
import type { CarrierInput } from "../../../src/ledger/carriers.ts";
import type { Operation } from "../../../src/ledger/operations.ts";
import { loadWorkflowBundle } from "../../../src/temporal/workflowBundle.ts";
import type { audit, audits } from "../../../src/workflows/audit.ts";
import type { carrier } from "../../../src/workflows/carrier.ts";
import {
  AUDIT_WORKFLOW_ID,
  EVENTS_TASK_QUEUE,
  reportWorkflowId,
  type SagaInput,
  TASK_QUEUE,
} from "../../../src/workflows/contract.ts";
import { searchAttributes, searchValues } from "../../../src/workflows/display.ts";
import type { reservation } from "../../../src/workflows/reservation.ts";
import type { revenueReport } from "../../../src/workflows/revenueReport.ts";
import type { sweep } from "../../../src/workflows/sweep.ts";
import { carried, countsOf } from "../activities/carried.ts";
import { stack } from "../api/client.ts";
import { eventually } from "../waiting.ts";

/** One call of an activity, as the worker received it. */
export type Call = { name: keyof Activities; args: unknown[]; taskQueue: string; isLocal: boolean };

export type Run<
  Workflow extends
    | typeof audit
    | typeof audits
    | typeof carrier
    | typeof reservation
    | typeof revenueReport
    | typeof sweep,
> = {
  handle: WorkflowHandleWithFirstExecutionRunId<Workflow>;
  /** The activity calls of this run, in order of their start. */
  calls: Call[];
};

export type Workbench = Awaited<ReturnType<typeof createWorkbench>>;

const warnings: { workflowId: unknown; message: string }[] = [];

/**
 * Reduces the log: failing activities are part of these tests. Temporal logs only its own errors, workflows also
 * warnings.
 */
export function quietenTemporal(): void {
  Runtime.install({
    logger: new DefaultLogger("WARN", ({ level, message, meta }) => {
      if (level === "ERROR") console.error(message, meta);
      else if (meta?.sdkComponent === "workflow") warnings.push({ workflowId: meta.workflowId, message });
    }),
    telemetryOptions: {
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: "ERROR", other: "ERROR" }) },
    },
    shutdownSignals: [],
  });
}

/** Search attributes of the stack's own namespace. */
const keywordList = encodeSearchAttributeIndexedValueType("KEYWORD_LIST")!;
const SEARCH_ATTRIBUTES = {
  OperationKind: keywordList,
  UserId: keywordList,
  OrderId: keywordList,
  ReservationId: encodeSearchAttributeIndexedValueType("KEYWORD")!,
};

/** Registers a namespace with the stack's search attributes, and waits until it is usable. */
export async function createNamespace(connection: NativeConnection): Promise<string> {
  const namespace = `test-${crypto.randomUUID()}`;
  const client = new Client({ connection, namespace });
  await client.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod: msToTs("1 day") });
  await eventually(async () => (await client.workflow.count()).count === 0, 30_000);
  await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: SEARCH_ATTRIBUTES });
  await eventually(async () => (await client.workflow.count("OrderId = 'none'")).count === 0, 30_000);
  return namespace;
}

/**
 * Runs the workflows on the real Temporal server, in a new namespace.
 *
 * Each run brings its activities. The workbench ends with the block.
 */
export async function createWorkbench() {
  const connection = await NativeConnection.connect({ address: stack.environment.TEMPORAL_ADDRESS! });
  const namespace = await createNamespace(connection);
  const client = new Client({ connection, namespace, identity: "test" });

  const activitiesOf = new Map<string, { activities: Activities; calls: Call[] }>();
  const dispatch =
    (name: keyof Activities) =>
    async (...args: unknown[]) => {
      const { workflowExecution, taskQueue, isLocal } = activityInfo();
      const run = activitiesOf.get(workflowExecution!.workflowId)!;
      run.calls.push({ name, args, taskQueue, isLocal });
      return await (run.activities[name] as (...args: unknown[]) => unknown)(...args);
    };
  const names = Object.keys(goodActivities()) as (keyof Activities)[];
  const activities = Object.fromEntries(names.map((name) => [name, dispatch(name)]));
  const workflowBundle = await loadWorkflowBundle();
  const common = { connection, namespace, activities, identity: "test", shutdownGraceTime: "1 second" } as const;
  let workers: Worker[] = [];
  let done: Promise<unknown> = Promise.resolve();

  async function startWorkers(): Promise<void> {
    workers = await Promise.all([
      Worker.create({ ...common, taskQueue: TASK_QUEUE, workflowBundle, maxCachedWorkflows: 50 }),
      Worker.create({ ...common, taskQueue: EVENTS_TASK_QUEUE }),
    ]);
    done = Promise.all(workers.map((worker) => worker.run()));
  }

  async function stopWorkers(): Promise<void> {
    for (const worker of workers) worker.shutdown();
    await done;
    workers = [];
  }

  await startWorkers();

  function prepare(overrides: Partial<Activities>, workflowId = `run-${crypto.randomUUID()}`) {
    const calls: Call[] = [];
    activitiesOf.set(workflowId, { activities: { ...goodActivities(), ...overrides }, calls });
    return { calls, options: { workflowId, taskQueue: TASK_QUEUE } };
  }

  return {
    client,
    /** Warnings that the workflow has logged. */
    warningsOf: (workflowId: string) =>
      warnings.filter((warning) => warning.workflowId === workflowId).map(({ message }) => message),
    /** Starts all workers with empty workflow caches. */
    startWorkers,
    stopWorkers,

    /** Starts a carrier of these operations. Its activities succeed, except for the `overrides`. */
    async startCarrier(
      given: Operation[] | CarrierInput,
      overrides: Partial<Activities> = {},
    ): Promise<Run<typeof carrier>> {
      const { calls, options } = prepare(overrides);
      const input = Array.isArray(given) ? { operations: given } : given;
      const typedSearchAttributes = searchAttributes(searchValues(input.operations));
      const started = client.workflow.start("carrier", { ...options, typedSearchAttributes, args: [input] });
      return { calls, handle: await started };
    },

    /** Starts the saga of these operations, or one that continues an earlier run. */
    async startSaga(
      given: Operation[] | SagaInput,
      overrides: Partial<Activities> = {},
      workflowId?: string,
    ): Promise<Run<typeof reservation>> {
      const { calls, options } = prepare(overrides, workflowId);
      const input = Array.isArray(given) ? { operations: given } : given;
      const typedSearchAttributes = searchAttributes(searchValues(input.operations));
      const started = client.workflow.start("reservation", { ...options, typedSearchAttributes, args: [input] });
      return { calls, handle: await started };
    },

    async startSweep(overrides: Partial<Activities> = {}): Promise<Run<typeof sweep>> {
      const { calls, options } = prepare(overrides);
      return { calls, handle: await client.workflow.start("sweep", { ...options, args: [] }) };
    },

    async startAudit(overrides: Partial<Activities> = {}): Promise<Run<typeof audit>> {
      const { calls, options } = prepare(overrides, AUDIT_WORKFLOW_ID);
      return { calls, handle: await client.workflow.start("audit", { ...options, args: [] }) };
    },

    /** Starts the scheduled workflow that starts an audit unless one is running. */
    async startAudits(): Promise<Run<typeof audits>> {
      if (!activitiesOf.has(AUDIT_WORKFLOW_ID)) prepare({}, AUDIT_WORKFLOW_ID);
      const { calls, options } = prepare({});
      return { calls, handle: await client.workflow.start("audits", { ...options, args: [] }) };
    },

    /** Starts the report of a month. */
    async startReport(month: string, overrides: Partial<Activities> = {}): Promise<Run<typeof revenueReport>> {
      const { calls, options } = prepare(overrides, reportWorkflowId(month));
      return { calls, handle: await client.workflow.start("revenueReport", { ...options, args: [month] }) };
    },

    /**
     * Starts the workflow that starts the reports of these months. Reports that were started before keep their
     * activities.
     */
    async startReports(months: string[]): Promise<Run<typeof revenueReport>> {
      for (const month of months) if (!activitiesOf.has(reportWorkflowId(month))) prepare({}, reportWorkflowId(month));
      const { calls, options } = prepare({ findUnreported: async () => months });
      return { calls, handle: await client.workflow.start("revenueReport", { ...options, args: [] }) };
    },

    async [Symbol.asyncDispose](): Promise<void> {
      await stopWorkers();
      await connection.close();
    },
  };
}

/** The summary of a saga without open reservations. */
const NOTHING_OPEN: SagaSummary = {
  reserved: "1.00",
  recognized: "1.00",
  released: "0.00",
  expired: "0.00",
  remaining: "0.00",
  openCount: 0,
};

/** Activities that succeed at once. */
export function goodActivities(): Activities {
  return {
    post: async ({ isSaga }, { operations }) =>
      carried({
        counts: countsOf(operations),
        found: searchValues(operations),
        ...(isSaga && { saga: NOTHING_OPEN }),
      }),
    publishEvents: async () => {},
    sweepOutbox: async () => 0,
    expire: async () => carried({ saga: NOTHING_OPEN }),
    releaseByOperator: async () => carried({ counts: [{ kind: "release", outcome: "completed", count: 1 }] }),
    expireOverdue: async () => carried(),
    findUnreported: async () => [],
    closeMonth: async () => {},
    auditLedger: async (check) => ({ checked: { [check]: 1 }, findings: [], findingsTotal: 0, walk: null }),
    auditCache: async () => ({ checked: { cachedBalances: 1 }, findings: [], findingsTotal: 0 }),
    auditEvents: async () => ({
      checked: { events: 1 },
      findings: [],
      findingsTotal: 0,
      watermark: { offsets: { "0": "1" }, ledgerAt: "2026-11-23T12:00:00.000Z" },
    }),
    recordAudit: async ({ findingsTotal, notChecked }) => ({
      verdict: judge(findingsTotal, notChecked),
      findingsTotal,
    }),
    freezeReport: async (month) => ({ month, total: "1.00", sha256: "0".repeat(64) }),
  };
}

/** A post that succeeds at once and leaves these follow-ups. */
export function postLeaving(left: Partial<PostingResult>): Activities["post"] {
  return async (...args) => ({ ...(await goodActivities().post(...args)), ...left });
}

/** An error without a stack trace, which would put this machine's paths into recorded histories. */
export function storeError(message: string): Error {
  const error = new Error(message);
  error.stack = `Error: ${message}`;
  return error;
}
