import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import { DispatchError } from "../../src/dispatch/dispatchError.ts";
import { createDispatcher, type Dispatcher, nameBatch } from "../../src/dispatch/dispatcher.ts";
import type { Operation } from "../../src/ledger/operations.ts";
import { deposit, operation } from "../support/operations.ts";
import { settle } from "../support/settle.ts";

type Carrier = { workflowId: string; operations: Operation[]; isAtomic?: boolean; requestIds: string[] };

let carriers: Carrier[];
/** What the next starts do; each starts at once where nothing is said. */
let startings: (() => Promise<void>)[];
/** Makes the ledger say that it holds the carrier whose first operation has this id. */
let store: Map<string, () => void>;
let isRunning: (workflowId: string) => Promise<boolean>;
/** Operations whose callers have no answer yet. */
let awaited: Set<string>;
/** How many operations are still being looked for in the ledger. */
let approaching: number;
let dispatcher: Dispatcher;

beforeEach(() => {
  jest.useFakeTimers();
  carriers = [];
  startings = [];
  store = new Map();
  isRunning = async () => true;
  awaited = new Set();
  approaching = 0;
  dispatcher = makeDispatcher({});
});

function makeDispatcher(options: { grouping?: boolean }): Dispatcher {
  return createDispatcher({
    isAwaited: (operationId) => awaited.has(operationId),
    approaching: () => approaching,
    ...options,
    async start(workflowId, input, requestIds) {
      carriers.push({ workflowId, ...input, requestIds });
      await startings.shift()?.();
    },
    isRunning: (workflowId) => isRunning(workflowId),
    awaitStored: (operationId, signal) =>
      new Promise<void>((resolve) => {
        store.set(operationId, resolve);
        signal.addEventListener("abort", () => resolve());
      }),
  });
}

afterEach(() => {
  jest.useRealTimers();
});

async function pass(milliseconds: number): Promise<void> {
  jest.advanceTimersByTime(milliseconds);
  await settle();
}

/** The ledger's word, found by asking it. */
async function commit(carrier: Carrier | undefined): Promise<void> {
  store.get(carrier!.operations[0]!.operationId)!();
  await settle();
}

function deposits(count: number, comment = ""): Operation[] {
  return Array.from({ length: count }, () =>
    operation({ kind: "deposit", request: { userId: "alice", amount: "1.00", comment } }),
  );
}

const requestIdOf = ({ operationId }: Operation) => `request-${operationId}`;

/** Dispatches without waiting; each entry tells, in the end, the carrier or why there is none. */
function dispatchAll(operations: Operation[]): Promise<string>[] {
  return operations.map((one) =>
    dispatcher
      .dispatch(one, requestIdOf(one))
      .catch((error: unknown) => (error instanceof DispatchError ? error.refusal : `${error}`)),
  );
}

/** Starts one carrier after another that none of them comes into the ledger. */
async function strand(count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    await dispatcher.dispatch(deposit("alice", "1.00"), "");
    await pass(1_000);
  }
}

describe("a lone operation", () => {
  test("it starts at once, in a carrier that bears its name", async () => {
    const lone = deposit("alice", "1.00");
    const dispatched = dispatcher.dispatch(lone, "request");
    const workflowId = `deposit-${lone.operationId}`;
    expect(carriers).toEqual([{ workflowId, operations: [lone], requestIds: ["request"] }]);
    expect(await dispatched).toBe(`deposit-${lone.operationId}`);
  });

  test("it is answered when its carrier has started, not before, and not only once it is committed", async () => {
    const started = Promise.withResolvers<void>();
    startings = [() => started.promise];
    let answered = false;
    const dispatched = dispatcher.dispatch(deposit("alice", "1.00"), "").then(() => {
      answered = true;
    });
    await settle();
    expect(answered).toBe(false);
    started.resolve();
    await dispatched;
  });

  test("the next one starts at once as well, when the first is committed", async () => {
    await dispatcher.dispatch(deposit("alice", "1.00"), "");
    await commit(carriers[0]);
    await dispatcher.dispatch(deposit("alice", "1.00"), "");
    expect(carriers.map(({ operations }) => operations.length)).toEqual([1, 1]);
  });
});

describe("while a carrier is on its way", () => {
  test("whatever arrives shares the next one, in the order of its arrival", async () => {
    await dispatcher.dispatch(deposit("alice", "1.00"), "");
    const gathered = deposits(3);
    const dispatched = dispatchAll(gathered);
    await pass(999);
    expect(carriers).toHaveLength(1);
    await commit(carriers[0]);
    expect(carriers).toHaveLength(2);
    expect(carriers[1]!.operations).toEqual(gathered);
    expect(carriers[1]!.requestIds).toEqual(gathered.map(requestIdOf));
    expect(carriers[1]!.workflowId).toMatch(/^carrier-[0-9a-f-]{36}$/);
    expect(await Promise.all(dispatched)).toEqual(gathered.map(() => carriers[1]!.workflowId));
  });

  test("a worker's hint that it is committed sends the next one off", async () => {
    const workflowId = await dispatcher.dispatch(deposit("alice", "1.00"), "");
    void dispatcher.dispatch(deposit("alice", "1.00"), "");
    dispatcher.onCommitted(workflowId);
    await settle();
    expect(carriers).toHaveLength(2);
  });

  test("a hint about a stranger's carrier does nothing", async () => {
    await dispatcher.dispatch(deposit("alice", "1.00"), "");
    void dispatcher.dispatch(deposit("alice", "1.00"), "");
    dispatcher.onCommitted("carrier-of-another-process");
    await settle();
    expect(carriers).toHaveLength(1);
  });

  test("the next one waits 1 s for it, and no longer", async () => {
    await dispatcher.dispatch(deposit("alice", "1.00"), "");
    void dispatcher.dispatch(deposit("alice", "1.00"), "");
    await pass(999);
    expect(carriers).toHaveLength(1);
    await pass(1);
    expect(carriers).toHaveLength(2);
  });

  describe("soon after a shared one, which took 20 ms", () => {
    let shared: Operation[];

    beforeEach(async () => {
      await dispatcher.dispatch(deposit("alice", "1.00"), "");
      shared = deposits(3);
      void dispatchAll(shared);
      await commit(carriers[0]);
      await pass(20);
    });

    test("the first who comes back waits for the others: while these have no answer yet, and then as long as more come", async () => {
      awaited.add(shared[2]!.operationId);
      const [first, second] = deposits(2);
      void dispatcher.dispatch(first!, "");
      await commit(carriers[1]);
      await pass(3);
      await pass(3);
      expect(carriers).toHaveLength(2);
      awaited.clear();
      await pass(3);
      void dispatcher.dispatch(second!, "");
      await pass(3);
      expect(carriers).toHaveLength(2);
      await pass(3);
      expect(carriers[2]!.operations).toEqual([first!, second!]);
    });

    test("who is still being looked for in the ledger is waited for as well", async () => {
      approaching = 1;
      void dispatchAll(deposits(1));
      await commit(carriers[1]);
      await pass(3);
      await pass(3);
      expect(carriers).toHaveLength(2);
      approaching = 0;
      await pass(3);
      await pass(3);
      expect(carriers).toHaveLength(3);
    });

    test("the next one starts as soon as there are as many again", async () => {
      void dispatchAll(deposits(1));
      await commit(carriers[1]);
      void dispatchAll(deposits(2));
      await settle();
      expect(carriers[2]!.operations).toHaveLength(3);
    });

    test("nobody waits for longer than that one took", async () => {
      awaited.add(shared[2]!.operationId);
      await commit(carriers[1]);
      void dispatchAll(deposits(1));
      for (let step = 0; step < 6; step += 1) await pass(3);
      expect(carriers).toHaveLength(2);
      await pass(3);
      expect(carriers).toHaveLength(3);
    });

    test("and whoever comes later than that starts at once", async () => {
      await commit(carriers[1]);
      await pass(20);
      void dispatcher.dispatch(deposit("alice", "1.00"), "");
      await settle();
      expect(carriers).toHaveLength(3);
    });
  });
});

describe("a carrier's size", () => {
  test("it never takes more than 1,000 operations", async () => {
    await dispatcher.dispatch(deposit("alice", "1.00"), "");
    const dispatched = dispatchAll(deposits(2_500));
    for (const index of [0, 1, 2]) await commit(carriers[index]);
    expect(carriers.map(({ operations }) => operations.length)).toEqual([1, 1_000, 1_000, 500]);
    expect(new Set(await Promise.all(dispatched)).size).toBe(3);
  });

  test("it never takes more than 1 MiB of operations, and no less than fits", async () => {
    await dispatcher.dispatch(deposit("alice", "1.00"), "");
    const longest = deposits(1_000, "😀".repeat(255));
    void dispatchAll(longest);
    await commit(carriers[0]);
    const bytes = longest.map((one) => Buffer.byteLength(JSON.stringify(one)));
    const taken = carriers[1]!.operations.length;
    const total = (count: number) => bytes.slice(0, count).reduce((sum, size) => sum + size, 0);
    expect(total(taken)).toBeLessThanOrEqual(1024 * 1024);
    expect(total(taken + 1)).toBeGreaterThan(1024 * 1024);
  });
});

describe("a full carrier", () => {
  test("it goes beside one that is on its way; a third waits for one of the two", async () => {
    await dispatcher.dispatch(deposit("alice", "1.00"), "");
    void dispatchAll(deposits(999));
    await settle();
    expect(carriers).toHaveLength(1);
    void dispatchAll(deposits(1 + 1_000));
    await settle();
    expect(carriers.map(({ operations }) => operations.length)).toEqual([1, 1_000]);
    await commit(carriers[1]);
    expect(carriers.map(({ operations }) => operations.length)).toEqual([1, 1_000, 1_000]);
  });

  test("what is left behind two of them waits until neither is on its way", async () => {
    await dispatcher.dispatch(deposit("alice", "1.00"), "");
    void dispatchAll(deposits(1_001));
    await commit(carriers[0]);
    await pass(3);
    expect(carriers).toHaveLength(2);
    await commit(carriers[1]);
    await pass(3);
    expect(carriers.map(({ operations }) => operations.length)).toEqual([1, 1_000, 1]);
  });
});

describe("a batch", () => {
  const batchOf = (operations: Operation[], isAtomic?: boolean) => ({
    workflowId: nameBatch(
      operations.map(({ operationId }) => operationId),
      isAtomic ?? false,
    ),
    operations,
    ...(isAtomic && { isAtomic }),
  });

  test("alone, it starts at once, in a carrier that bears its name", async () => {
    const batch = batchOf(deposits(2));
    expect(await dispatcher.dispatchBatch(batch, "request")).toBe(batch.workflowId);
    expect(carriers).toEqual([{ ...batch, requestIds: ["request"] }]);
  });

  test("while a carrier is on its way, batches and operations share the next one, which bears none of their names", async () => {
    await dispatcher.dispatch(deposit("alice", "1.00"), "");
    const [first, second, third] = [deposits(2), deposits(1), deposits(3)] as const;
    const dispatched = [
      dispatcher.dispatchBatch(batchOf(first), "first"),
      ...dispatchAll(second),
      dispatcher.dispatchBatch(batchOf(third), "third"),
    ];
    await commit(carriers[0]);
    const { workflowId, operations, requestIds } = carriers[1]!;
    expect(workflowId).toMatch(/^carrier-/);
    expect(operations).toEqual([...first, ...second, ...third]);
    expect(requestIds).toEqual(["first", requestIdOf(second[0]!), "third"]);
    expect(await Promise.all(dispatched)).toEqual(Array(3).fill(workflowId));
  });

  test("it is carried whole: what does not fit goes with the next one", async () => {
    await dispatcher.dispatch(deposit("alice", "1.00"), "");
    for (const size of [600, 300, 200]) void dispatcher.dispatchBatch(batchOf(deposits(size)), "");
    await settle();
    for (const index of [0, 1]) {
      await commit(carriers[index]);
      await pass(3);
    }
    expect(carriers.map(({ operations }) => operations.length)).toEqual([1, 900, 200]);
  });

  test("an atomic one shares its carrier with nothing", async () => {
    await dispatcher.dispatch(deposit("alice", "1.00"), "");
    const atomic = batchOf(deposits(2), true);
    void dispatchAll(deposits(1));
    const dispatched = dispatcher.dispatchBatch(atomic, "request");
    void dispatchAll(deposits(1));
    for (const index of [0, 1, 2]) await commit(carriers[index]);
    expect(carriers.map(({ operations }) => operations.length)).toEqual([1, 1, 2, 1]);
    expect(carriers[2]).toEqual({ ...atomic, requestIds: ["request"] });
    expect(await dispatched).toBe(atomic.workflowId);
  });
});

test("of a batch of a thousand that is sent twice at once, each carrier counts until it is in the ledger", async () => {
  const operations = deposits(1_000);
  const batch = { workflowId: "batch", operations };
  startings = [async () => {}, () => Promise.reject(new DispatchError("outcome_unknown"))];
  expect(await dispatcher.dispatchBatch(batch, "first")).toBe("batch");
  await expect(dispatcher.dispatchBatch(batch, "second")).rejects.toThrow();
  expect(dispatcher.load().uncommittedCarriers).toBe(1);
  dispatcher.onCommitted("batch");
  await settle();
  expect(dispatcher.load().uncommittedCarriers).toBe(0);
});

describe("backpressure", () => {
  test("with 32 carriers out of the ledger the next operation is refused, and no carrier is started", async () => {
    await strand(32);
    expect(await Promise.all(dispatchAll(deposits(1)))).toEqual(["backpressure"]);
    expect(carriers).toHaveLength(32);
  });

  test("what has gathered behind the 32nd carrier is refused with it, all of it", async () => {
    await strand(31);
    await dispatcher.dispatch(deposit("alice", "1.00"), "");
    const gathered = dispatchAll(deposits(5));
    await pass(1_000);
    expect(await Promise.all(gathered)).toEqual(Array(5).fill("backpressure"));
    expect(carriers).toHaveLength(32);
  });

  test("one of the 32 that comes into the ledger makes room for one", async () => {
    await strand(32);
    await commit(carriers[7]);
    await dispatcher.dispatch(deposit("alice", "1.00"), "");
    expect(carriers).toHaveLength(33);
    await pass(1_000);
    expect(await Promise.all(dispatchAll(deposits(1)))).toEqual(["backpressure"]);
  });

  test("with 16,000 operations queued the next one is refused, and none of the queued", async () => {
    await dispatcher.dispatch(deposit("alice", "1.00"), "");
    // The first thousand are a full carrier, which waits for none.
    const queued = dispatchAll(deposits(1_000 + 16_000));
    expect(await Promise.all(dispatchAll(deposits(1)))).toEqual(["backpressure"]);
    for (let index = 0; index < 17; index += 1) {
      await commit(carriers[index]);
      await pass(1);
    }
    expect(new Set(await Promise.all(queued))).toEqual(new Set(carriers.slice(1).map(({ workflowId }) => workflowId)));
  });
});

describe("a carrier that does not start", () => {
  test("its own operations fail with its error, those gathered behind it as never sent, and the next one starts", async () => {
    const starting = Promise.withResolvers<void>();
    startings = [async () => {}, () => starting.promise];
    const [first] = dispatchAll(deposits(1));
    await settle();
    const shared = dispatchAll(deposits(3));
    await commit(carriers[0]);
    const behind = dispatchAll(deposits(2));
    starting.reject(new DispatchError("outcome_unknown"));
    expect(await first).toBe(carriers[0]!.workflowId);
    expect(await Promise.all(shared)).toEqual(Array(3).fill("outcome_unknown"));
    expect(await Promise.all(behind)).toEqual(Array(2).fill("temporal_unavailable"));
    await pass(1);
    expect(carriers).toHaveLength(2);
    await dispatcher.dispatch(deposit("alice", "1.00"), "");
    expect(carriers).toHaveLength(3);
  });

  test("where a full carrier's worth was just there behind it, all of that is refused, and nothing is sent", async () => {
    await dispatcher.dispatch(deposit("alice", "1.00"), "");
    void dispatchAll(deposits(3));
    for (const index of [0, 1]) await commit(carriers[index]);
    await pass(5_000);
    const starting = Promise.withResolvers<void>();
    startings = [() => starting.promise];
    void dispatchAll(deposits(1));
    await settle();
    const behind = dispatchAll(deposits(999));
    starting.reject(new DispatchError("outcome_unknown"));
    await Promise.resolve();
    behind.push(...dispatchAll(deposits(1)));
    await settle();
    expect(new Set(await Promise.all(behind))).toEqual(new Set(["temporal_unavailable"]));
    await dispatcher.dispatch(deposit("alice", "1.00"), "");
    expect(carriers).toHaveLength(4);
  });

  test("it takes none of the 32 places, however often", async () => {
    startings = Array.from({ length: 40 }, () => () => Promise.reject(new DispatchError("temporal_unavailable")));
    for (let index = 0; index < 40; index += 1) {
      expect(await Promise.all(dispatchAll(deposits(1)))).toEqual(["temporal_unavailable"]);
    }
    await dispatcher.dispatch(deposit("alice", "1.00"), "");
    expect(carriers).toHaveLength(41);
  });
});

describe("a carrier that stays out of the ledger", () => {
  test("one that was terminated frees its place", async () => {
    await strand(32);
    const terminated = carriers[3]!.workflowId;
    isRunning = async (workflowId) => workflowId !== terminated;
    await pass(5_000);
    await dispatcher.dispatch(deposit("alice", "1.00"), "");
    expect(carriers).toHaveLength(33);
  });

  test("one that is still running, or of which nothing is known, keeps its place", async () => {
    await strand(32);
    isRunning = async () => Promise.reject(new Error("Temporal is away"));
    await pass(60_000);
    isRunning = async () => true;
    await pass(60_000);
    expect(await Promise.all(dispatchAll(deposits(1)))).toEqual(["backpressure"]);
  });

  test("it is not asked after any more once it has come into the ledger", async () => {
    const asked: string[] = [];
    isRunning = async (workflowId) => asked.push(workflowId) > 0;
    await dispatcher.dispatch(deposit("alice", "1.00"), "");
    await pass(5_000);
    expect(asked).toEqual([carriers[0]!.workflowId]);
    await commit(carriers[0]);
    await pass(60_000);
    expect(asked).toHaveLength(1);
  });
});

describe("without grouping", () => {
  beforeEach(() => {
    dispatcher = makeDispatcher({ grouping: false });
  });

  test("every operation has a carrier of its own, 32 of them side by side, the next as soon as one is committed", async () => {
    const asked = deposits(40);
    const answers = dispatchAll(asked);
    await settle();
    expect(carriers).toHaveLength(32);
    for (let index = 0; index < 40; index += 1) await commit(carriers[index]);
    expect(carriers.map(({ operations }) => operations)).toEqual(asked.map((one) => [one]));
    expect(await Promise.all(answers)).toEqual(carriers.map(({ workflowId }) => workflowId));
  });

  test("carriers that stay out of the ledger keep their places, and what waits is bounded", async () => {
    const answers = dispatchAll(deposits(32 + 16_000 + 1));
    await pass(60_000);
    expect(carriers).toHaveLength(32);
    expect(await answers.at(-1)).toBe("backpressure");
  });
});
