import { expect, test } from "bun:test";
import type { PostingResult } from "../../src/activities/index.ts";
import type { OutcomeCount } from "../../src/ledger/carriers.ts";
import { EVENTS_TASK_QUEUE, TASK_QUEUE } from "../../src/workflows/contract.ts";
import { carried } from "../support/activities/carried.ts";
import { useWorkbench } from "../support/workflows/useWorkbench.ts";
import { storeError } from "../support/workflows/workbench.ts";

const bench = useWorkbench();

const counts: OutcomeCount[] = [{ kind: "expiry", outcome: "completed", count: 2 }];

test("a sweep expires overdue reservations, publishes on the events queue, and returns both counts", async () => {
  const { handle, calls } = await bench.startSweep({
    expireOverdue: async () => carried({ counts }),
    sweepOutbox: async () => 7,
  });
  expect(await handle.result()).toEqual({ expired: 2, published: 7 });
  expect(calls[0]).toEqual({
    name: "expireOverdue",
    args: [handle.workflowId],
    taskQueue: TASK_QUEUE,
    isLocal: true,
  });
  expect(calls.at(-1)).toEqual({ name: "sweepOutbox", args: [], taskQueue: EVENTS_TASK_QUEUE, isLocal: false });
});

test("a sweep without work uses no store but the ledger", async () => {
  const { handle, calls } = await bench.startSweep();
  expect(await handle.result()).toEqual({ expired: 0, published: 0 });
  expect(calls.map(({ name }) => name)).toEqual(["expireOverdue", "sweepOutbox"]);
});

test("a sweep ends without Kafka after one attempt, with due reservations expired", async () => {
  const { handle, calls } = await bench.startSweep({
    expireOverdue: async () => carried({ counts, events: "waiting" }),
    sweepOutbox: () => Promise.reject(storeError("Kafka is away")),
  });
  expect(await handle.result()).toEqual({ expired: 2, published: 0 });
  const names = calls.map(({ name }) => name);
  expect(names.filter((name) => name === "sweepOutbox")).toHaveLength(1);
  expect(names).not.toContain("publishEvents");
});

test("a sweep that cannot expire ends after three attempts, and publishes", async () => {
  const { handle, calls } = await bench.startSweep({
    expireOverdue: () => Promise.reject(storeError("It cannot be expired")),
    sweepOutbox: async () => 3,
  });
  expect(await handle.result()).toEqual({ expired: 0, published: 3 });
  const attempts = calls.filter(({ name }) => name === "expireOverdue");
  expect(attempts.map(({ isLocal }) => isLocal)).toEqual([true, true, true]);
});

test("events are published while an expiry is stuck", async () => {
  const stuck = Promise.withResolvers<PostingResult>();
  const published = Promise.withResolvers<void>();
  const { handle } = await bench.startSweep({
    expireOverdue: () => stuck.promise,
    async sweepOutbox() {
      published.resolve();
      return 3;
    },
  });
  await published.promise;
  stuck.resolve(carried());
  expect(await handle.result()).toEqual({ expired: 0, published: 3 });
}, 30_000);

test("a sweep ends although events wait and a saga has ended", async () => {
  const { handle, calls } = await bench.startSweep({
    expireOverdue: async () => carried({ counts, events: "waiting", sagaWorkflowIds: [`gone-${crypto.randomUUID()}`] }),
    sweepOutbox: async () => 3,
  });
  expect(await handle.result()).toEqual({ expired: 2, published: 3 });
  expect(calls.map(({ name }) => name).toSorted()).toEqual(["expireOverdue", "sweepOutbox"]);
});
