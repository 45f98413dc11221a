import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Outcome } from "../../src/ledger/operations.ts";
import { EVENTS_TASK_QUEUE, TASK_QUEUE } from "../../src/workflows/contract.ts";
import { createWorkbench, quietenTemporal, trouble, type Workbench } from "../support/workbench.ts";

let bench: Workbench;
beforeAll(async () => {
  quietenTemporal();
  bench = await createWorkbench();
}, 60_000);
afterAll(() => bench[Symbol.asyncDispose](), 30_000);

const expiries: Outcome[] = ["one", "two"].map((operationId) => ({ operationId, status: "completed" }));
const onLedger = { taskQueue: TASK_QUEUE, isLocal: true };

test("a sweep expires what is overdue and publishes on the queue of events, and says how much it found of each", async () => {
  const { handle, calls } = await bench.startSweep({
    expireOverdue: async () => expiries,
    sweepUnpublished: async () => 7,
  });
  expect(await handle.result()).toEqual({ expired: 2, published: 7 });
  expect(calls[0]).toEqual({ name: "expireOverdue", args: [handle.workflowId], ...onLedger });
  expect(calls.at(-1)).toEqual({ name: "sweepUnpublished", args: [], taskQueue: EVENTS_TASK_QUEUE, isLocal: false });
});

test("what a sweep expires is published and told to the sagas at once, each by its operations", async () => {
  const { handle, calls } = await bench.startSweep({ expireOverdue: async () => expiries });
  await handle.result();
  expect(calls).toContainEqual({ name: "tryPublishEvents", args: [handle.workflowId, ["one", "two"]], ...onLedger });
  expect(calls).toContainEqual({ name: "findSagasConcerned", args: [handle.workflowId, ["one", "two"]], ...onLedger });
});

test("a sweep that finds nothing touches no store but the ledger", async () => {
  const { handle, calls } = await bench.startSweep();
  expect(await handle.result()).toEqual({ expired: 0, published: 0 });
  expect(calls.map(({ name }) => name)).toEqual(["expireOverdue", "sweepUnpublished"]);
});

test("Kafka away does not keep a sweep from its end: it is asked once, what is due has expired, the next sweep publishes", async () => {
  const { handle, calls } = await bench.startSweep({
    expireOverdue: async () => expiries,
    tryPublishEvents: async () => "waiting",
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
  const stuck = Promise.withResolvers<Outcome[]>();
  const published = Promise.withResolvers<void>();
  const { handle } = await bench.startSweep({
    expireOverdue: () => stuck.promise,
    async sweepUnpublished() {
      published.resolve();
      return 3;
    },
  });
  await published.promise;
  stuck.resolve([]);
  expect(await handle.result()).toEqual({ expired: 0, published: 3 });
}, 30_000);

test("neither the events, nor the sagas that cannot be told keep a sweep from its end", async () => {
  const away = () => Promise.reject(trouble("It is away"));
  const { handle } = await bench.startSweep({
    expireOverdue: async () => expiries,
    tryPublishEvents: away,
    findSagasConcerned: away,
    sweepUnpublished: async () => 3,
  });
  expect(await handle.result()).toEqual({ expired: 2, published: 3 });
});
