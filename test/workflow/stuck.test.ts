import { afterAll, beforeAll, expect, test } from "bun:test";
import type { carrier } from "../../src/workflows/carrier.ts";
import { TASK_QUEUE } from "../../src/workflows/contract.ts";
import type { Left } from "../support/carried.ts";
import { eventually } from "../support/eventually.ts";
import { deposit } from "../support/operations.ts";
import { awaitPending, readCurrentDetails } from "../support/operatorsView.ts";
import {
  createWorkbench,
  postLeaving,
  quietenTemporal,
  type Run,
  trouble,
  type Workbench,
} from "../support/workbench.ts";

let bench: Workbench;
beforeAll(async () => {
  quietenTemporal();
  bench = await createWorkbench();
}, 60_000);
afterAll(() => bench[Symbol.asyncDispose](), 30_000);

type CarrierRun = Run<typeof carrier>;
type Store = { isBack: boolean };

/** A carrier whose post fails until the ledger is said to be back, and then leaves this to do. */
async function startWithoutLedger(left: Left = {}) {
  const ledger: Store = { isBack: false };
  const post = postLeaving(left);
  const run = await bench.startCarrier([deposit("alice", "1.00")], {
    post: (workflowId, operations) =>
      ledger.isBack ? post(workflowId, operations) : Promise.reject(trouble("PostgreSQL is away")),
  });
  return { ...run, ledger };
}

/** Asks the workflow to cancel, in the Web UI's way, and waits until it has had every chance to obey: an attempt later. */
async function cancelAndAwaitAttempt({ handle, calls }: CarrierRun): Promise<void> {
  await handle.cancel();
  await eventually(async () => {
    const { events } = await handle.fetchHistory();
    return events?.some((event) => event.workflowExecutionCancelRequestedEventAttributes);
  });
  const attemptsBefore = calls.length;
  await eventually(async () => calls.length > attemptsBefore);
}

test("a post that fails goes on, after three attempts at once, as a pending activity with its last error, and ends when it succeeds", async () => {
  const run = await startWithoutLedger();
  expect(await awaitPending(run.handle)).toEqual(["post", "PostgreSQL is away"]);
  expect(await readCurrentDetails(run.handle)).toContain("Waiting for the ledger");
  expect((await run.handle.describe()).status.name).toBe("RUNNING");

  run.ledger.isBack = true;
  expect((await run.handle.result()).outcomes[0]?.status).toBe("completed");
  const posts = run.calls.filter(({ name }) => name === "post");
  expect(posts.length).toBeGreaterThan(4);
  expect(posts.map(({ isLocal }) => isLocal)).toEqual(posts.map((_, attempt) => attempt < 3));
  expect(new Set(posts.map(({ taskQueue }) => taskQueue))).toEqual(new Set([TASK_QUEUE]));
  expect(run.calls).toEqual(posts);
  expect(await readCurrentDetails(run.handle)).toBe("Completed");
}, 30_000);

test("a post that fails twice is done by the third attempt at once", async () => {
  const post = postLeaving({});
  let failures = 2;
  const { handle, calls } = await bench.startCarrier([deposit("alice", "1.00")], {
    post: (workflowId, operations) =>
      failures-- > 0 ? Promise.reject(trouble("A connection broke")) : post(workflowId, operations),
  });
  await handle.result();
  expect(calls.filter(({ name }) => name === "post").map(({ isLocal }) => isLocal)).toEqual([true, true, true]);
});

test("cancelling a carrier that waits for the ledger changes nothing: it publishes, and completes", async () => {
  const run = await startWithoutLedger({ events: "waiting" });
  await awaitPending(run.handle);
  await cancelAndAwaitAttempt(run);

  run.ledger.isBack = true;
  expect((await run.handle.result()).outcomes[0]?.status).toBe("completed");
  expect((await run.handle.describe()).status.name).toBe("COMPLETED");
  expect(run.calls.at(-1)?.name).toBe("publishEvents");
}, 30_000);

test("cancelling a carrier whose events wait for Kafka changes nothing: it publishes, and completes", async () => {
  const kafka: Store = { isBack: false };
  const run = await bench.startCarrier([deposit("alice", "1.00")], {
    post: postLeaving({ events: "waiting" }),
    publishEvents: async () => {
      if (!kafka.isBack) throw trouble("Kafka is away");
    },
  });
  expect(await awaitPending(run.handle)).toEqual(["publishEvents", "Kafka is away"]);
  await cancelAndAwaitAttempt(run);

  kafka.isBack = true;
  expect((await run.handle.result()).outcomes[0]?.status).toBe("completed");
  expect((await run.handle.describe()).status.name).toBe("COMPLETED");
  expect(run.calls.at(-1)?.name).toBe("publishEvents");
}, 30_000);
