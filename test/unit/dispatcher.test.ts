import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import { DispatchError } from "../../src/dispatch/dispatchError.ts";
import { GATHER_MAX_MS, GATHER_STEP_MS } from "../../src/dispatch/policy.ts";
import { nameBatch } from "../../src/dispatch/queue.ts";
import type { Operation } from "../../src/ledger/operations.ts";
import { createDispatching, type Dispatching, deposits, pass, requestIdOf } from "../support/dispatching.ts";
import { reservation, uniqueOrder } from "../support/reservationOperations.ts";
import { settle } from "../support/settle.ts";

let dispatching: Dispatching;
/** How many operations each started carrier has. */
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

describe("a lone operation", () => {
  test("starts at once, in a carrier with an id of its own", async () => {
    const lone = deposits(1);
    const dispatched = dispatching.dispatch({ operations: lone }, "request");
    await settle();
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

  test("is answered when its carrier has started, not before, and not only once it is committed", async () => {
    const started = Promise.withResolvers<void>();
    dispatching.startings.push(() => started.promise);
    let answered = false;
    const dispatched = dispatchOne().then(() => {
      answered = true;
    });
    await settle();
    expect(answered).toBe(false);
    started.resolve();
    await dispatched;
  });

  test("starts at once as well when the one before is committed", async () => {
    await dispatchOne();
    await commit(0);
    await dispatchOne();
    expect(sizes()).toEqual([1, 1]);
  });
});

describe("while a carrier is on its way", () => {
  test("whatever arrives shares the next one, in the order of its arrival", async () => {
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

  test("the next one waits 1 s for it, and no longer", async () => {
    await dispatchOne();
    void dispatchOne();
    await pass(999);
    expect(sizes()).toEqual([1]);
    await pass(1);
    expect(sizes()).toEqual([1, 1]);
  });

  describe("soon after a shared one of ten, which took 20 ms", () => {
    beforeEach(async () => {
      await dispatchOne();
      void dispatchAll(deposits(10));
      await commit(0);
      await pass(20);
    });

    test("the first that comes back waits for the others, as long as more come", async () => {
      const [first, second] = deposits(2);
      void dispatchAll([first!]);
      await commit(1);
      void dispatchAll([second!]);
      await pass(GATHER_STEP_MS);
      expect(sizes()).toEqual([1, 10]);
      await pass(GATHER_STEP_MS);
      expect(dispatching.carriers[2]!.operations).toEqual([first!, second!]);
    });

    test("no operation waits longer than the bound, though more come all the time", async () => {
      await commit(1);
      void dispatchAll(deposits(1));
      await settle();
      for (let waitedMs = 0; waitedMs < GATHER_MAX_MS; waitedMs += GATHER_STEP_MS) {
        expect(sizes()).toEqual([1, 10]);
        void dispatchAll(deposits(1));
        await pass(GATHER_STEP_MS);
      }
      expect(sizes()).toEqual([1, 10, 1 + GATHER_MAX_MS / GATHER_STEP_MS]);
    });

    test("and what comes later than that starts at once", async () => {
      await commit(1);
      await pass(20);
      void dispatchOne();
      await settle();
      expect(sizes()).toEqual([1, 10, 1]);
    });
  });
});

describe("a carrier's size", () => {
  test("is never more than 1,000 operations", async () => {
    await dispatchOne();
    const dispatched = dispatchAll(deposits(2_500));
    for (const index of [0, 1, 2]) await commit(index);
    expect(sizes()).toEqual([1, 1_000, 1_000, 500]);
    expect(new Set(await Promise.all(dispatched)).size).toBe(3);
  });

  test("is never more than 1 MiB of operations, and no less than fits", async () => {
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
  test("goes beside one that is on its way; a third waits for one of the two", async () => {
    await dispatchOne();
    void dispatchAll(deposits(999));
    await settle();
    expect(sizes()).toEqual([1]);
    void dispatchAll(deposits(1 + 1_000));
    await settle();
    expect(sizes()).toEqual([1, 1_000]);
    await commit(1);
    expect(sizes()).toEqual([1, 1_000, 1_000]);
  });

  test("what is left behind two of them waits until neither is on its way", async () => {
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
    workflowId: nameBatch(operations.map(({ operationId }) => operationId)),
  });

  test("while a carrier is on its way, batches and operations share the next one", async () => {
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

  test("is carried whole: what does not fit goes with the next one", async () => {
    await dispatchOne();
    for (const size of [600, 300, 200]) void dispatching.dispatch({ operations: deposits(size) });
    await settle();
    for (const index of [0, 1]) {
      await commit(index);
      await pass(3);
    }
    expect(sizes()).toEqual([1, 900, 200]);
  });

  test("that is atomic shares its carrier with nothing, and that bears the batch's name", async () => {
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

  test("that is atomic and sent twice at once counts twice until it is in the ledger", async () => {
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

test("the age of the oldest queued operation is known", async () => {
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

  test("32 go side by side, the next as soon as one is committed", async () => {
    const asked = deposits(40);
    const dispatched = dispatchAll(asked);
    await settle();
    expect(sizes()).toHaveLength(32);
    for (let index = 0; index < 40; index += 1) await commit(index);
    expect(dispatching.carriers.map(({ operations }) => operations)).toEqual(asked.map((one) => [one]));
    expect(await Promise.all(dispatched)).toEqual(dispatching.carriers.map(({ workflowId }) => workflowId));
  });

  test("carriers that stay uncommitted keep their places, and what waits is refused", async () => {
    const dispatched = dispatchAll(deposits(40));
    await settle();
    await pass(60_000);
    expect(sizes()).toHaveLength(32);
    expect((await Promise.all(dispatched)).slice(32)).toEqual(Array(8).fill("backpressure"));
  });
});
