import { afterEach, beforeEach, expect, jest, test } from "bun:test";
import { createPosting } from "../../src/activities/posting.ts";
import { createDispatcher } from "../../src/dispatch/dispatcher.ts";
import { createOutcomes } from "../../src/dispatch/outcomes.ts";
import { WINDOW_MS } from "../../src/dispatch/policy.ts";
import { createOnPosted } from "../../src/dispatch/posted.ts";
import { NOTHING_FOLLOWS } from "../support/activities/barePosting.ts";
import { completing } from "../support/activities/posting.ts";
import { deposits, idOf, pass } from "../support/dispatch/dispatching.ts";

// The dispatcher, the posting activity and the outcomes, composed as in a process.
//
// Their ledger completes every operation at once.

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

function compose() {
  const never = () => Promise.reject(new Error("Not called in this test"));
  const runs: { workflowId: string; isOver: boolean }[] = [];
  const outcomes = createOutcomes({
    findOperations: async () => [],
    refreshTouched: async () => {},
    noteFinished: () => {},
    pollEveryMs: 100,
  });
  const dispatcher = createDispatcher({
    async start(workflowId, input) {
      const run = { workflowId, isOver: false };
      runs.push(run);
      // A worker starts the carrier some time after it was accepted.
      setTimeout(async () => {
        await posting.post({ workflowId, isSaga: false }, input);
        run.isOver = true;
      }, 5);
      return workflowId;
    },
    isRunning: async () => true,
    awaitOutcome: outcomes.awaitOutcome,
  });
  const nothing = async () => {};
  const posting = createPosting(
    {
      post: async (_, operations) => completing(operations),
      ...{ expire: never, findDue: never, findOverdue: never, findReservations: never },
      ...{ findSagasToSignal: never, readSagaReservations: never },
    },
    {
      ...NOTHING_FOLLOWS,
      onPosted: createOnPosted({ resolve: outcomes.resolve, refreshBalances: nothing, refreshTouched: nothing }),
      pull: dispatcher.pull,
    },
  );
  return { dispatcher, runs };
}

test("under load one carrier pulls per window, its successor relieves it, and each caller is answered", async () => {
  const { dispatcher, runs } = compose();
  const dispatched: Promise<string>[] = [];
  for (let passedMs = 0; passedMs < 3 * WINDOW_MS; passedMs += 5) {
    for (const one of deposits(2)) dispatched.push(idOf(dispatcher.dispatch({ operations: [one] }, "")));
    await pass(5);
  }
  // Three windows, the last of which has just ended.
  expect(runs.length).toBeWithin(3, 5);
  expect(runs.slice(0, -2).map(({ isOver }) => isOver)).toEqual(runs.slice(0, -2).map(() => true));
  await pass(100);
  const ids = new Set(runs.map(({ workflowId }) => workflowId));
  expect((await Promise.all(dispatched)).filter((id) => !ids.has(id))).toEqual([]);
  expect(dispatcher.load()).toMatchObject({ queuedOperations: 0, uncommittedCarriers: 0 });
});

test("a single caller after a pause has its own carrier", async () => {
  const { dispatcher, runs } = compose();
  for (let count = 1; count <= 3; count += 1) {
    const [one] = deposits(1);
    const dispatched = idOf(dispatcher.dispatch({ operations: [one!] }, ""));
    await pass(1_000);
    expect(await dispatched).toBe(runs[count - 1]!.workflowId);
    expect(runs).toHaveLength(count);
    await pass(1_000);
    expect(runs.map(({ isOver }) => isOver)).toEqual(runs.map(() => true));
  }
});
