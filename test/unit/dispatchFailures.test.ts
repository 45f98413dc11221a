import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import { DispatchError } from "../../src/dispatch/dispatchError.ts";
import type { Operation } from "../../src/ledger/operations.ts";
import { createDispatching, type Dispatching, deposits, pass } from "../support/dispatch/dispatching.ts";
import { drainMicrotasks } from "../support/waiting.ts";

let dispatching: Dispatching;
/** The number of operations of each started carrier. */
const sizes = () => dispatching.carriers.map(({ operations }) => operations.length);
const commit = (index: number) => dispatching.commit(dispatching.carriers[index]!);
const dispatchAll = (operations: Operation[]) => dispatching.dispatchAll(operations);
const dispatchOne = () => dispatching.dispatch({ operations: deposits(1) });

beforeEach(() => {
  jest.useFakeTimers();
  dispatching = createDispatching();
});

afterEach(() => {
  jest.useRealTimers();
});

describe("backpressure", () => {
  test("with 32 uncommitted carriers the next operation is refused, and no carrier is started", async () => {
    await dispatching.startUncommitted(32);
    expect(await Promise.all(dispatchAll(deposits(1)))).toEqual(["backpressure"]);
    expect(sizes()).toHaveLength(32);
  });

  test("all operations queued behind the 32nd carrier are refused together", async () => {
    await dispatching.startUncommitted(31);
    await dispatchOne();
    const gathered = dispatchAll(deposits(5));
    await pass(1_000);
    expect(await Promise.all(gathered)).toEqual(Array(5).fill("backpressure"));
    expect(sizes()).toHaveLength(32);
  });

  test("each of the 32 that is committed makes room for one more", async () => {
    await dispatching.startUncommitted(32);
    await commit(7);
    await dispatchOne();
    expect(sizes()).toHaveLength(33);
    await pass(1_000);
    expect(await Promise.all(dispatchAll(deposits(1)))).toEqual(["backpressure"]);
  });

  test("a caller with 8,000 operations queued is refused, others are not, and the queued ones stay", async () => {
    await dispatchOne();
    // The first thousand fill a carrier, which starts at once.
    const queued = dispatchAll(deposits(1_000));
    await drainMicrotasks();
    queued.push(...dispatchAll(deposits(8_000)));
    expect(await Promise.all(dispatchAll(deposits(1)))).toEqual(["backpressure"]);
    queued.push(...dispatchAll(deposits(4_000, "", "other")));
    expect(await Promise.all(dispatchAll(deposits(1, "", "other")))).toEqual(["backpressure"]);
    queued.push(...dispatchAll(deposits(1, "", "third")));
    expect(dispatching.dispatcher.load().queuedOperations).toBe(12_001);
    for (let index = 0; index < 14; index += 1) {
      await commit(index);
      await pass(1);
    }
    const started = dispatching.carriers.slice(1).map(({ workflowId }) => workflowId);
    expect(new Set(await Promise.all(queued))).toEqual(new Set(started));
  });
});

describe("the time until a retry", () => {
  const refusedAfter = async () => {
    const error = await dispatching.dispatch({ operations: deposits(1) }).catch((refusal: DispatchError) => refusal);
    return error instanceof DispatchError && [error.refusal, error.retryAfterSeconds];
  };

  test("is the age of the first in the queue where a share is full", async () => {
    await dispatching.startPulling();
    void dispatchAll(deposits(1));
    await drainMicrotasks();
    void dispatchAll(deposits(8_000));
    expect(await refusedAfter()).toEqual(["backpressure", 1]);
    jest.advanceTimersByTime(1_500);
    expect(await refusedAfter()).toEqual(["backpressure", 1.5]);
  });

  test("is the age of the oldest uncommitted carrier where 32 wait, bounded", async () => {
    await dispatching.startUncommitted(32);
    expect(await refusedAfter()).toEqual(["backpressure", 20]);
  });
});

describe("a carrier that does not start", () => {
  test("rejects its operations with its error and those behind it as not sent; the next one starts", async () => {
    const starting = Promise.withResolvers<void>();
    dispatching.startings.push(
      async () => {},
      () => starting.promise,
    );
    const [first] = dispatchAll(deposits(1));
    await drainMicrotasks();
    const shared = dispatchAll(deposits(3));
    await commit(0);
    const behind = dispatchAll(deposits(2));
    starting.reject(new DispatchError("outcome_unknown"));
    expect(await first).toBe(dispatching.carriers[0]!.workflowId);
    expect(await Promise.all(shared)).toEqual(Array(3).fill("outcome_unknown"));
    expect(await Promise.all(behind)).toEqual(Array(2).fill("temporal_unavailable"));
    await pass(1);
    expect(sizes()).toHaveLength(2);
    await dispatchOne();
    expect(sizes()).toHaveLength(3);
  });

  test("loses no operation that fills a carrier at any moment of the failure", async () => {
    for (let turns = 0; turns < 20; turns += 1) {
      dispatching = createDispatching();
      const starting = Promise.withResolvers<void>();
      dispatching.startings.push(() => starting.promise);
      void dispatchAll(deposits(1));
      await drainMicrotasks();
      const behind = dispatchAll(deposits(999));
      starting.reject(new DispatchError("outcome_unknown"));
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      behind.push(...dispatchAll(deposits(1)));
      const outcomes = new Set(await Promise.all(behind));
      outcomes.delete("temporal_unavailable");
      // The first start failed. No carrier is started without operations.
      const started = dispatching.carriers.slice(1);
      expect(outcomes).toEqual(new Set(started.map(({ workflowId }) => workflowId)));
      expect(started.map(({ operations }) => operations.length > 0)).toEqual(started.map(() => true));
    }
  });

  test.each([
    ["is refused", () => Promise.reject(new DispatchError("temporal_unavailable"))],
    [
      "fails at once",
      () => {
        throw new Error("There is no client");
      },
    ],
  ])("takes none of the 32 places and delays no other, however often its start %s", async (_, start) => {
    dispatching.startings.push(...Array.from({ length: 40 }, () => start));
    for (let index = 0; index < 40; index += 1) await expect(dispatchOne()).rejects.toThrow();
    await dispatchOne();
    expect(sizes()).toHaveLength(41);
    expect(dispatching.dispatcher.load().uncommittedCarriers).toBe(1);
  });
});

describe("a carrier that stays uncommitted", () => {
  test("frees its place once it is terminated", async () => {
    await dispatching.startUncommitted(32);
    const terminated = dispatching.carriers[3]!.workflowId;
    dispatching.temporal.isRunning = async (workflowId) => workflowId !== terminated;
    await pass(5_000);
    await dispatchOne();
    expect(sizes()).toHaveLength(33);
  });

  test("keeps its place while it runs, or while Temporal does not answer", async () => {
    await dispatching.startUncommitted(32);
    dispatching.temporal.isRunning = async () => Promise.reject(new Error("Temporal is away"));
    await pass(60_000);
    dispatching.temporal.isRunning = async () => true;
    await pass(60_000);
    expect(await Promise.all(dispatchAll(deposits(1)))).toEqual(["backpressure"]);
  });

  test("is not looked up any more once it is committed", async () => {
    const lookedUp: string[] = [];
    dispatching.temporal.isRunning = async (workflowId) => lookedUp.push(workflowId) > 0;
    await dispatchOne();
    await pass(5_000);
    expect(lookedUp).toEqual([dispatching.carriers[0]!.workflowId]);
    await commit(0);
    await pass(60_000);
    expect(lookedUp).toHaveLength(1);
  });
});
