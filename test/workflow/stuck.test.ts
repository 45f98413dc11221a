import { expect, test } from "bun:test";
import type { PostingResult } from "../../src/activities/index.ts";
import type { carrier } from "../../src/workflows/carrier.ts";
import { TASK_QUEUE } from "../../src/workflows/contract.ts";
import { deposit } from "../support/ledger/operations.ts";
import { awaitPending, readCurrentDetails } from "../support/temporal/workflowView.ts";
import { eventually } from "../support/waiting.ts";
import { useWorkbench } from "../support/workflows/useWorkbench.ts";
import { postLeaving, type Run, storeError } from "../support/workflows/workbench.ts";

const bench = useWorkbench();

const COMPLETED = [{ kind: "deposit", outcome: "completed", count: 1 }] as const;

type CarrierRun = Run<typeof carrier>;
type Store = { isBack: boolean };

/** Starts a carrier whose post fails until the ledger is back. The post then leaves these follow-ups. */
async function startWithoutLedger(left: Partial<PostingResult> = {}) {
  const ledger: Store = { isBack: false };
  const post = postLeaving(left);
  const run = await bench.startCarrier([deposit("alice", "1.00")], {
    post: (...args) => (ledger.isBack ? post(...args) : Promise.reject(storeError("PostgreSQL is away"))),
  });
  return { ...run, ledger };
}

/** Cancels the workflow as the Web UI does, and waits for the next attempt. By then the workflow has reacted. */
async function cancelAndAwaitAttempt({ handle, calls }: CarrierRun): Promise<void> {
  await handle.cancel();
  await eventually(async () => {
    const { events } = await handle.fetchHistory();
    return events?.some((event) => event.workflowExecutionCancelRequestedEventAttributes);
  });
  const attemptsBefore = calls.length;
  await eventually(async () => calls.length > attemptsBefore);
}

test("a post that fails three times continues as a pending activity with its last error until it succeeds", async () => {
  const run = await startWithoutLedger();
  expect(await awaitPending(run.handle)).toEqual(["post", "PostgreSQL is away"]);
  expect(await readCurrentDetails(run.handle)).toContain("Waiting for the ledger");
  await eventually(async () => bench.warningsOf(run.handle.workflowId).length > 0);
  expect(bench.warningsOf(run.handle.workflowId)).toEqual(["The ledger could not be reached at once"]);
  expect((await run.handle.describe()).status.name).toBe("RUNNING");

  run.ledger.isBack = true;
  expect(await run.handle.result()).toEqual({ counts: [...COMPLETED] });
  const posts = run.calls.filter(({ name }) => name === "post");
  expect(posts.length).toBeGreaterThan(4);
  expect(posts.map(({ isLocal }) => isLocal)).toEqual(posts.map((_, attempt) => attempt < 3));
  expect(new Set(posts.map(({ taskQueue }) => taskQueue))).toEqual(new Set([TASK_QUEUE]));
  expect(run.calls).toEqual(posts);
  expect(await readCurrentDetails(run.handle)).toBe("Deposit completed.");
}, 30_000);

test("a post that fails twice succeeds at its third local attempt", async () => {
  const post = postLeaving({});
  let failures = 2;
  const { handle, calls } = await bench.startCarrier([deposit("alice", "1.00")], {
    post: (...args) => (failures-- > 0 ? Promise.reject(storeError("A connection broke")) : post(...args)),
  });
  await handle.result();
  expect(calls.filter(({ name }) => name === "post").map(({ isLocal }) => isLocal)).toEqual([true, true, true]);
});

test("cancelling a carrier that waits for the ledger has no effect: it publishes and completes", async () => {
  const run = await startWithoutLedger({ events: "waiting" });
  await awaitPending(run.handle);
  await cancelAndAwaitAttempt(run);

  run.ledger.isBack = true;
  expect(await run.handle.result()).toEqual({ counts: [...COMPLETED] });
  expect((await run.handle.describe()).status.name).toBe("COMPLETED");
  expect(run.calls.at(-1)?.name).toBe("publishEvents");
}, 30_000);

test("cancelling a carrier whose events wait for Kafka has no effect: it publishes and completes", async () => {
  const kafka: Store = { isBack: false };
  const run = await bench.startCarrier([deposit("alice", "1.00")], {
    post: postLeaving({ events: "waiting" }),
    publishEvents: async () => {
      if (!kafka.isBack) throw storeError("Kafka is away");
    },
  });
  expect(await awaitPending(run.handle)).toEqual(["publishEvents", "Kafka is away"]);
  await cancelAndAwaitAttempt(run);

  kafka.isBack = true;
  expect(await run.handle.result()).toEqual({ counts: [...COMPLETED] });
  expect((await run.handle.describe()).status.name).toBe("COMPLETED");
  expect(run.calls.at(-1)?.name).toBe("publishEvents");
}, 30_000);
