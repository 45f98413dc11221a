import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import { DispatchError } from "../../src/dispatch/dispatchError.ts";
import { GATHER_STEP_MS, LINGER_MS } from "../../src/dispatch/policy.ts";
import type { Operation } from "../../src/ledger/operations.ts";
import { createDispatching, type Dispatching, deposits, idOf, pass, watch } from "../support/dispatch/dispatching.ts";
import { storedDeposit } from "../support/dispatch/storedDeposit.ts";
import { drainMicrotasks } from "../support/waiting.ts";

let dispatching: Dispatching;

beforeEach(() => {
  jest.useFakeTimers();
  dispatching = createDispatching();
});

afterEach(() => {
  jest.useRealTimers();
});

const startPulling = (operations?: Operation[]) => dispatching.startPulling(operations);
const dispatchAll = (operations: Operation[]) => dispatching.dispatchAll(operations);
const started = () => dispatching.carriers.map(({ operations }) => operations.length);

describe("a carrier whose posting runs in this process", () => {
  test("posts dispatched operations in order of arrival, and no other carrier starts", async () => {
    const { workflowId, pulled } = await startPulling();
    const arrivals = deposits(3);
    const dispatched = dispatchAll(arrivals);
    await drainMicrotasks();
    expect(pulled.map(({ operations }) => operations)).toEqual([arrivals]);
    await pulled[0]!.commit();
    expect(await Promise.all(dispatched)).toEqual(Array(3).fill(workflowId));
    expect(started()).toEqual([1]);
  });

  test("answers no caller before the commit of its operation", async () => {
    const { workflowId, pulled } = await startPulling();
    const [one] = dispatchAll(deposits(1)).map(watch);
    await pass(500);
    expect(one!.is).toBe("waiting");
    await pulled[0]!.commit();
    expect(one!.is).toBe(workflowId);
  });

  test("posts one batch at a time: operations that arrive meanwhile share the next one", async () => {
    const { pulled } = await startPulling();
    void dispatchAll(deposits(1));
    await drainMicrotasks();
    void dispatchAll(deposits(4));
    await pass(100);
    expect(pulled).toHaveLength(1);
    await pulled[0]!.commit();
    expect(pulled.map(({ operations }) => operations.length)).toEqual([1, 4]);
  });

  test("takes 1,000 operations at a time, and a batch as a whole", async () => {
    const { pulled } = await startPulling();
    void dispatchAll(deposits(1));
    await drainMicrotasks();
    for (const size of [600, 300, 200]) void dispatching.dispatch({ operations: deposits(size) });
    for (const index of [0, 1]) await pulled[index]!.commit();
    expect(pulled.map(({ operations }) => operations.length)).toEqual([1, 900, 200]);
  });

  test("gathers the callers of one batch, which return together", async () => {
    const { pulled } = await startPulling();
    void dispatchAll(deposits(1));
    await drainMicrotasks();
    void dispatchAll(deposits(3));
    await pulled[0]!.commit();
    await pass(10);
    await pulled[1]!.commit();
    void dispatchAll(deposits(1));
    await drainMicrotasks();
    expect(pulled).toHaveLength(2);
    void dispatchAll(deposits(2));
    await pass(2 * GATHER_STEP_MS);
    expect(pulled.map(({ operations }) => operations.length)).toEqual([1, 3, 3]);
  });

  test("waits with the next batch until its follow-ups are bounded", async () => {
    const { pulled, gate } = await startPulling();
    const published = Promise.withResolvers<void>();
    gate.isReady = published.promise;
    void dispatchAll(deposits(1));
    await drainMicrotasks();
    await pulled[0]!.commit();
    void dispatchAll(deposits(1));
    await pass(1_000);
    expect(pulled).toHaveLength(1);
    published.resolve();
    await drainMicrotasks();
    expect(pulled).toHaveLength(2);
  });

  test("ends when no operation arrives for a while; the next operation starts a carrier", async () => {
    const { pulled, state } = await startPulling();
    expect(dispatching.dispatcher.isPulling({ operations: deposits(1) })).toBe(true);
    await pass(LINGER_MS - 1);
    void dispatchAll(deposits(1));
    await drainMicrotasks();
    await pulled[0]!.commit();
    await pass(LINGER_MS - 1);
    expect(state.hasEnded).toBe(false);
    await pass(1);
    expect(state.hasEnded).toBe(true);
    expect(dispatching.dispatcher.isPulling({ operations: deposits(1) })).toBe(false);
    await dispatching.dispatch({ operations: deposits(1) });
    expect(started()).toEqual([1, 1]);
  });

  test("takes the queue behind it when its input is committed, even before its start is answered", async () => {
    const answer = Promise.withResolvers<void>();
    dispatching.startings.push(() => answer.promise);
    void dispatchAll(deposits(1));
    await drainMicrotasks();
    void dispatchAll(deposits(2));
    const { pulled } = await dispatching.beginPulling(dispatching.carriers[0]!);
    expect(pulled.map(({ operations }) => operations.length)).toEqual([2]);
    answer.resolve();
    await drainMicrotasks();
    expect(started()).toEqual([1]);
  });
});

describe("an operation that was stored before", () => {
  const storedAgain = (operation: Operation) => storedDeposit(operation.operationId, "an earlier carrier");

  test("is marked for its caller, and for no other of the same posting", async () => {
    const { pulled } = await startPulling();
    const [fresh, stored] = deposits(2);
    const dispatched = [fresh!, stored!].map((one) => dispatching.dispatch({ operations: [one] }));
    await drainMicrotasks();
    await pulled[0]!.commit({ stored: [storedAgain(stored!)] });
    expect((await Promise.all(dispatched)).map(({ storedBefore }) => [...storedBefore.keys()])).toEqual([
      [],
      [stored!.operationId],
    ]);
  });

  test("of a batch is marked alone", async () => {
    const { pulled } = await startPulling();
    const operations = deposits(3);
    const dispatched = dispatching.dispatch({ operations });
    await drainMicrotasks();
    await pulled[0]!.commit({ stored: [storedAgain(operations[1]!)] });
    expect([...(await dispatched).storedBefore.keys()]).toEqual([operations[1]!.operationId]);
  });
});

describe.each([
  ["fails", (pulled: { fail(): Promise<void> }) => pulled.fail()],
  ["takes longer than 2 s", () => pass(2_000)],
])("a pulled batch whose posting %s", (_, end) => {
  test("becomes the input of a carrier, ahead of later operations, and its callers wait for that start", async () => {
    const { pulled, state } = await startPulling();
    const lost = deposits(2);
    const dispatched = dispatchAll(lost).map(watch);
    await drainMicrotasks();
    const later = deposits(1);
    const laterDispatched = dispatchAll(later).map(watch);
    const starting = Promise.withResolvers<void>();
    dispatching.startings.push(() => starting.promise);
    await end(pulled[0]!);
    // Callers of one batch are gathered as usual.
    await pass(20);
    expect(state.hasEnded).toBe(true);
    expect(dispatching.carriers.slice(1).map(({ operations }) => operations)).toEqual([[...lost, ...later]]);
    expect([...dispatched, ...laterDispatched].map(({ is }) => is)).toEqual(Array(3).fill("waiting"));

    starting.resolve();
    await drainMicrotasks();
    const { workflowId } = dispatching.carriers[1]!;
    expect([...dispatched, ...laterDispatched].map(({ is }) => is)).toEqual(Array(3).fill(workflowId));
  });

  test("has an unknown outcome where that carrier certainly does not start", async () => {
    const { pulled } = await startPulling();
    const [lost] = dispatchAll(deposits(1));
    await drainMicrotasks();
    dispatching.startings.push(() => Promise.reject(new DispatchError("temporal_unavailable")));
    await end(pulled[0]!);
    // Its first posting may still commit.
    expect(await lost).toBe("outcome_unknown");
  });

  test("may be committed after all without a second answer", async () => {
    const { pulled } = await startPulling();
    const [lost] = dispatchAll(deposits(1));
    await drainMicrotasks();
    await end(pulled[0]!);
    const { workflowId } = dispatching.carriers[1]!;
    await pulled[0]!.commit();
    expect(await lost).toBe(workflowId);
  });
});

describe("of several carriers one pulls", () => {
  test("a carrier that another process started does not pull where one pulls", async () => {
    const { pulled, state } = await startPulling();
    const foreign = await dispatching.beginPulling({ workflowId: "carrier-of-another-process" });
    expect([foreign.state.hasEnded, state.hasEnded]).toEqual([true, false]);
    void dispatchAll(deposits(1));
    await drainMicrotasks();
    expect([foreign.pulled.length, pulled.length]).toEqual([0, 1]);
  });

  test("a carrier that another process started pulls where none pulls", async () => {
    const foreign = await dispatching.beginPulling({ workflowId: "carrier-of-another-process" });
    const [dispatched] = dispatchAll(deposits(1));
    await drainMicrotasks();
    await foreign.pulled[0]!.commit();
    expect(await dispatched).toBe("carrier-of-another-process");
    expect(started()).toEqual([]);
  });

  test("no carrier pulls where pulling is off", async () => {
    dispatching = createDispatching({ pulls: false });
    const { state } = await startPulling();
    expect(state.hasEnded).toBe(true);
    expect(dispatching.dispatcher.isPulling({ operations: deposits(1) })).toBe(false);
  });
});

describe("shutdown", () => {
  test("ends pulling after the current posting, and starts a carrier for the queue", async () => {
    const { workflowId, pulled, state } = await startPulling();
    const [first] = dispatchAll(deposits(1));
    await drainMicrotasks();
    const rest = dispatchAll(deposits(2));
    dispatching.dispatcher.stop();
    await drainMicrotasks();
    expect(state.hasEnded).toBe(false);
    await pulled[0]!.commit();
    expect(await first).toBe(workflowId);
    expect(state.hasEnded).toBe(true);
    expect(started()).toEqual([1, 2]);
    expect(await Promise.all(rest)).toEqual(Array(2).fill(dispatching.carriers[1]!.workflowId));
  });

  test("ends at once a carrier that waits for operations, and no other pulls after it", async () => {
    const { state } = await startPulling();
    dispatching.dispatcher.stop();
    await drainMicrotasks();
    expect(state.hasEnded).toBe(true);
    const late = await startPulling();
    expect(late.state.hasEnded).toBe(true);
  });
});

test("backpressure while a carrier pulls refuses one operation and leaves the queue to that carrier", async () => {
  const { workflowId, pulled } = await startPulling();
  void dispatchAll(deposits(1));
  await drainMicrotasks();
  const queued = dispatchAll(deposits(8_000));
  expect(await idOf(dispatching.dispatch({ operations: deposits(1) }))).toBe("backpressure");
  for (let index = 0; index < 9; index += 1) await pulled[index]!.commit();
  expect(new Set(await Promise.all(queued))).toEqual(new Set([workflowId]));
});
