import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Carried } from "../../src/activities/index.ts";
import type { Outcome } from "../../src/ledger/operations.ts";
import { EVENTS_TASK_QUEUE, TASK_QUEUE } from "../../src/workflows/contract.ts";
import { carried } from "../support/carried.ts";
import { createWorkbench, quietenTemporal, trouble, type Workbench } from "../support/workbench.ts";

let bench: Workbench;
beforeAll(async () => {
  quietenTemporal();
  bench = await createWorkbench();
}, 60_000);
afterAll(() => bench[Symbol.asyncDispose](), 30_000);

const expiries: Outcome[] = ["one", "two"].map((operationId) => ({ operationId, status: "completed" }));

test("a sweep expires what is overdue and publishes on the queue of events, and says how much it found of each", async () => {
  const { handle, calls } = await bench.startSweep({
    expireOverdue: async () => carried(expiries),
    sweepUnpublished: async () => 7,
  });
  expect(await handle.result()).toEqual({ expired: 2, published: 7 });
  expect(calls[0]).toEqual({
    name: "expireOverdue",
    args: [handle.workflowId],
    taskQueue: TASK_QUEUE,
    isLocal: true,
  });
  expect(calls.at(-1)).toEqual({ name: "sweepUnpublished", args: [], taskQueue: EVENTS_TASK_QUEUE, isLocal: false });
});

test("a sweep that finds nothing touches no store but the ledger", async () => {
  const { handle, calls } = await bench.startSweep();
  expect(await handle.result()).toEqual({ expired: 0, published: 0 });
  expect(calls.map(({ name }) => name)).toEqual(["expireOverdue", "sweepUnpublished"]);
});

test("Kafka away does not keep a sweep from its end: it is asked once, what is due has expired, the next sweep publishes", async () => {
  const { handle, calls } = await bench.startSweep({
    expireOverdue: async () => carried(expiries, { events: "waiting" }),
    sweepUnpublished: () => Promise.reject(trouble("Kafka is away")),
  });
  expect(await handle.result()).toEqual({ expired: 2, published: 0 });
  const names = calls.map(({ name }) => name);
  expect(names.filter((name) => name === "sweepUnpublished")).toHaveLength(1);
  expect(names).not.toContain("publishEvents");
});

test("a ledger that expires nothing does not keep a sweep from its end, nor from publishing: it is asked three times", async () => {
  const { handle, calls } = await bench.startSweep({
    expireOverdue: () => Promise.reject(trouble("It cannot be expired")),
    sweepUnpublished: async () => 3,
  });
  expect(await handle.result()).toEqual({ expired: 0, published: 3 });
  const attempts = calls.filter(({ name }) => name === "expireOverdue");
  expect(attempts.map(({ isLocal }) => isLocal)).toEqual([true, true, true]);
});

test("an expiry that does not come to its end does not keep events from being published meanwhile", async () => {
  const stuck = Promise.withResolvers<Carried>();
  const published = Promise.withResolvers<void>();
  const { handle } = await bench.startSweep({
    expireOverdue: () => stuck.promise,
    async sweepUnpublished() {
      published.resolve();
      return 3;
    },
  });
  await published.promise;
  stuck.resolve(carried([]));
  expect(await handle.result()).toEqual({ expired: 0, published: 3 });
}, 30_000);

test("neither the events, nor the sagas that cannot be told keep a sweep from its end", async () => {
  const sagas = [{ sagaWorkflowId: `gone-${crypto.randomUUID()}`, operationIds: ["one"] }];
  const { handle, calls } = await bench.startSweep({
    expireOverdue: async () => carried(expiries, { events: "waiting", sagas }),
    sweepUnpublished: async () => 3,
  });
  expect(await handle.result()).toEqual({ expired: 2, published: 3 });
  expect(calls.map(({ name }) => name).toSorted()).toEqual(["expireOverdue", "sweepUnpublished"]);
});
