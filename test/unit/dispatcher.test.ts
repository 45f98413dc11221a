import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import { DispatchError } from "../../src/dispatch/dispatchError.ts";
import { GATHER_MAX_MS, GATHER_STEP_MS } from "../../src/dispatch/policy.ts";
import { deriveBatchCarrierId } from "../../src/dispatch/queue.ts";
import type { Operation } from "../../src/ledger/operations.ts";
import { createDispatching, type Dispatching, deposits, pass, requestIdOf } from "../support/dispatch/dispatching.ts";
import { reservation, uniqueOrder } from "../support/ledger/reservationOperations.ts";
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

describe("a single operation", () => {
  test("starts at once, in a carrier with a unique id", async () => {
    const lone = deposits(1);
    const dispatched = dispatching.dispatch({ operations: lone }, "request");
    await drainMicrotasks();
    const { workflowId } = dispatching.carriers[0]!;
    expect(dispatching.carriers).toEqual([{ workflowId, operations: lone, requestIds: ["request"] }]);
    expect(workflowId).toMatch(/^carrier-[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect(await dispatched).toEqual({ workflowId, storedBefore: new Map(), isCommitted: false });
  });

  test("that reserves starts a saga named after it", async () => {
    const lone = reservation(uniqueOrder(), "1.00");
    const { workflowId } = await dispatching.dispatch({ operations: [lone] });
    expect(workflowId).toBe(`reservation-${lone.operationId}`);
  });

  test("is answered once its carrier has started, before its commit", async () => {
    const started = Promise.withResolvers<void>();
    dispatching.startings.push(() => started.promise);
    let answered = false;
    const dispatched = dispatchOne().then(() => {
      answered = true;
    });
    await drainMicrotasks();
    expect(answered).toBe(false);
    started.resolve();
    await dispatched;
  });

  test("starts at once too when the one before it is committed", async () => {
    await dispatchOne();
    await commit(0);
    await dispatchOne();
    expect(sizes()).toEqual([1, 1]);
  });
});

describe("while a carrier is starting", () => {
  test("all arrivals share the next one, in order", async () => {
    await dispatchOne();
    const gathered = deposits(3);
    const dispatched = dispatchAll(gathered);
    await pass(999);
    expect(sizes()).toEqual([1]);
    await commit(0);
    const [, shared] = dispatching.carriers;
    expect(shared!.operations).toEqual(gathered);
    expect(shared!.requestIds).toEqual(gathered.map(requestIdOf));
    expect(await Promise.all(dispatched)).toEqual(gathered.map(() => shared!.workflowId));
  });

  test("the next one waits for it for 1 s at most", async () => {
    await dispatchOne();
    void dispatchOne();
    await pass(999);
    expect(sizes()).toEqual([1]);
    await pass(1);
    expect(sizes()).toEqual([1, 1]);
  });

  describe("soon after a shared carrier of ten, which took 20 ms", () => {
    beforeEach(async () => {
      await dispatchOne();
      void dispatchAll(deposits(10));
      await commit(0);
      await pass(20);
    });

    test("the first caller that returns waits for the others, as long as more arrive", async () => {
      const [first, second] = deposits(2);
      void dispatchAll([first!]);
      await commit(1);
      void dispatchAll([second!]);
      await pass(GATHER_STEP_MS);
      expect(sizes()).toEqual([1, 10]);
      await pass(GATHER_STEP_MS);
      expect(dispatching.carriers[2]!.operations).toEqual([first!, second!]);
    });

    test("no operation waits longer than the limit, even if more arrive all the time", async () => {
      await commit(1);
      void dispatchAll(deposits(1));
      await drainMicrotasks();
      for (let waitedMs = 0; waitedMs < GATHER_MAX_MS; waitedMs += GATHER_STEP_MS) {
        expect(sizes()).toEqual([1, 10]);
        void dispatchAll(deposits(1));
        await pass(GATHER_STEP_MS);
      }
      expect(sizes()).toEqual([1, 10, 1 + GATHER_MAX_MS / GATHER_STEP_MS]);
    });

    test("an operation that arrives after the limit starts at once", async () => {
      await commit(1);
      await pass(20);
      void dispatchOne();
      await drainMicrotasks();
      expect(sizes()).toEqual([1, 10, 1]);
    });
  });
});

describe("a carrier's size", () => {
  test("is at most 1,000 operations", async () => {
    await dispatchOne();
    const dispatched = dispatchAll(deposits(2_500));
    for (const index of [0, 1, 2]) await commit(index);
    expect(sizes()).toEqual([1, 1_000, 1_000, 500]);
    expect(new Set(await Promise.all(dispatched)).size).toBe(3);
  });

  test("is at most 1 MiB of operations, and uses it fully", async () => {
    await dispatchOne();
    const longest = deposits(1_000, "😀".repeat(255));
    void dispatchAll(longest);
    await commit(0);
    const bytes = longest.map((one) => Buffer.byteLength(JSON.stringify([one])));
    const taken = sizes()[1]!;
    const total = (count: number) => bytes.slice(0, count).reduce((sum, size) => sum + size, 0);
    expect(total(taken)).toBeLessThanOrEqual(1024 * 1024);
    expect(total(taken + 1)).toBeGreaterThan(1024 * 1024);
  });
});

describe("a full carrier", () => {
  test("starts while another is starting; a third waits for one of the two", async () => {
    await dispatchOne();
    void dispatchAll(deposits(999));
    await drainMicrotasks();
    expect(sizes()).toEqual([1]);
    void dispatchAll(deposits(1 + 1_000));
    await drainMicrotasks();
    expect(sizes()).toEqual([1, 1_000]);
    await commit(1);
    expect(sizes()).toEqual([1, 1_000, 1_000]);
  });

  test("a rest behind two full carriers waits until neither is starting", async () => {
    await dispatchOne();
    void dispatchAll(deposits(1_001));
    await commit(0);
    await pass(3);
    expect(sizes()).toEqual([1, 1_000]);
    await commit(1);
    await pass(3);
    expect(sizes()).toEqual([1, 1_000, 1]);
  });
});

describe("a batch", () => {
  const atomicOf = (operations: Operation[]) => ({
    operations,
    isAtomic: true,
    workflowId: deriveBatchCarrierId(operations.map(({ operationId }) => operationId)),
  });

  test("shares the next carrier with operations while one is starting", async () => {
    await dispatchOne();
    const [first, second, third] = [deposits(2), deposits(1), deposits(3)] as const;
    const dispatched = [
      dispatching.dispatch({ operations: first }, "first"),
      dispatching.dispatch({ operations: second }, "second"),
      dispatching.dispatch({ operations: third }, "third"),
    ];
    await commit(0);
    const { workflowId, operations, requestIds } = dispatching.carriers[1]!;
    expect(operations).toEqual([...first, ...second, ...third]);
    expect(requestIds).toEqual(["first", "second", "third"]);
    expect((await Promise.all(dispatched)).map((one) => one.workflowId)).toEqual(Array(3).fill(workflowId));
  });

  test("is carried whole: it waits for the next carrier where it does not fit", async () => {
    await dispatchOne();
    for (const size of [600, 300, 200]) void dispatching.dispatch({ operations: deposits(size) });
    await drainMicrotasks();
    for (const index of [0, 1]) {
      await commit(index);
      await pass(3);
    }
    expect(sizes()).toEqual([1, 900, 200]);
  });

  test("that is atomic has a carrier to itself, which bears the batch's name", async () => {
    await dispatchOne();
    const atomic = atomicOf(deposits(2));
    void dispatchAll(deposits(1));
    const dispatched = dispatching.dispatch(atomic, "request");
    void dispatchAll(deposits(1));
    for (const index of [0, 1, 2]) await commit(index);
    expect(sizes()).toEqual([1, 1, 2, 1]);
    expect(dispatching.carriers[2]).toEqual({ ...atomic, requestIds: ["request"] });
    expect(atomic.workflowId).toStartWith("batch-");
    expect((await dispatched).workflowId).toBe(atomic.workflowId);
  });

  test("that is atomic and sent twice at once counts twice until it is committed", async () => {
    const atomic = atomicOf(deposits(1_000));
    dispatching.startings.push(
      async () => {},
      () => Promise.reject(new DispatchError("outcome_unknown")),
    );
    expect((await dispatching.dispatch(atomic)).workflowId).toBe(atomic.workflowId);
    await expect(dispatching.dispatch(atomic)).rejects.toThrow();
    expect(dispatching.dispatcher.load().uncommittedCarriers).toBe(1);
    await commit(0);
    expect(dispatching.dispatcher.load().uncommittedCarriers).toBe(0);
  });
});

test("the dispatcher reports the age of the oldest queued operation", async () => {
  const { load } = dispatching.dispatcher;
  expect(load()).toEqual({ queuedOperations: 0, oldestQueuedAgeMs: 0, uncommittedCarriers: 0 });
  await dispatchOne();
  await pass(10);
  void dispatchAll(deposits(2));
  await pass(30);
  expect(load()).toEqual({ queuedOperations: 2, oldestQueuedAgeMs: 30, uncommittedCarriers: 1 });
});

describe("with carriers of one operation", () => {
  beforeEach(() => {
    dispatching = createDispatching({ operationsMax: 1, carriersMax: 32, pulls: false });
  });

  test("32 run concurrently, and the next starts as soon as one is committed", async () => {
    const arrivals = deposits(40);
    const dispatched = dispatchAll(arrivals);
    await drainMicrotasks();
    expect(sizes()).toHaveLength(32);
    for (let index = 0; index < 40; index += 1) await commit(index);
    expect(dispatching.carriers.map(({ operations }) => operations)).toEqual(arrivals.map((one) => [one]));
    expect(await Promise.all(dispatched)).toEqual(dispatching.carriers.map(({ workflowId }) => workflowId));
  });

  test("uncommitted carriers keep their places, and queued operations are refused", async () => {
    const dispatched = dispatchAll(deposits(40));
    await drainMicrotasks();
    await pass(60_000);
    expect(sizes()).toHaveLength(32);
    expect((await Promise.all(dispatched)).slice(32)).toEqual(Array(8).fill("backpressure"));
  });
});
