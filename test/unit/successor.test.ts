import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import { DispatchError } from "../../src/dispatch/dispatchError.ts";
import { OVERTIME_MS, WINDOW_MS } from "../../src/dispatch/policy.ts";
import type { Operation } from "../../src/ledger/operations.ts";
import { createDispatching, type Dispatching, deposits, pass, watch } from "../support/dispatch/dispatching.ts";
import { reservation, uniqueOrder } from "../support/ledger/reservationOperations.ts";
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
const reservations = (count: number) => Array.from({ length: count }, () => reservation(uniqueOrder(), "1.00"));
const atomicOf = (operations: Operation[]) => ({ operations, isAtomic: true, workflowId: "batch-of-the-test" });

describe("at the end of its window a carrier", () => {
  /** Pulls one operation per posting until the carrier's window is over. */
  async function pullUntilWindowIsOver() {
    const pulling = await startPulling();
    for (let passedMs = 0; passedMs < WINDOW_MS; passedMs += 10) {
      void dispatchAll(deposits(1));
      await drainMicrotasks();
      await pulling.pulled.at(-1)!.commit();
      await pass(10);
    }
    expect(started()).toEqual([1]);
    return pulling;
  }

  test("has its successor started with one entry, and continues to pull", async () => {
    const { workflowId, pulled } = await pullUntilWindowIsOver();
    const before = pulled.length;
    const starting = Promise.withResolvers<void>();
    dispatching.startings.push(() => starting.promise);
    const dispatched = dispatchAll(deposits(5)).map(watch);
    await drainMicrotasks();
    expect(started()).toEqual([1, 1]);
    expect(pulled.slice(before).map(({ operations }) => operations.length)).toEqual([4]);
    await pulled.at(-1)!.commit();
    expect(dispatched.map(({ is }) => is)).toEqual(["waiting", ...Array(4).fill(workflowId)]);
    starting.resolve();
    await drainMicrotasks();
    expect(dispatched[0]!.is).toBe(dispatching.carriers[1]!.workflowId);
  });

  test("has its successor started with the first of several entries that wait behind a posting", async () => {
    const { pulled } = await startPulling();
    for (let passedMs = 0; passedMs < WINDOW_MS - 10; passedMs += 10) {
      void dispatchAll(deposits(1));
      await drainMicrotasks();
      await pulled.at(-1)!.commit();
      await pass(10);
    }
    const before = pulled.length;
    void dispatchAll(deposits(1));
    await drainMicrotasks();
    const [first, ...others] = deposits(4);
    void dispatchAll([first!, ...others]);
    await pass(10);
    expect(started()).toEqual([1]);
    const last = deposits(1);
    void dispatchAll(last);
    await drainMicrotasks();
    expect(dispatching.carriers[1]!.operations).toEqual([first!]);
    await pulled[before]!.commit();
    expect(pulled[before + 1]!.operations).toEqual([...others, ...last]);
  });

  test("starts no second successor while the first is starting", async () => {
    const { pulled } = await pullUntilWindowIsOver();
    for (let count = 0; count < 3; count += 1) {
      void dispatchAll(deposits(2));
      await drainMicrotasks();
      await pulled.at(-1)!.commit();
    }
    expect(started()).toEqual([1, 1]);
  });

  test("is relieved by its successor once that is committed, after the current posting", async () => {
    const old = await pullUntilWindowIsOver();
    void dispatchAll(deposits(2));
    await drainMicrotasks();
    const successor = dispatching.carriers[1]!;
    const next = await dispatching.beginPulling(successor);
    expect(old.state.hasEnded).toBe(false);
    await old.pulled.at(-1)!.commit();
    expect(old.state.hasEnded).toBe(true);

    const before = old.pulled.length;
    const [dispatched] = dispatchAll(deposits(1));
    await drainMicrotasks();
    expect(old.pulled).toHaveLength(before);
    await next.pulled.at(-1)!.commit();
    expect(await dispatched).toBe(successor.workflowId);
    expect(dispatching.dispatcher.isPulling({ operations: deposits(1) })).toBe(true);
  });

  test("is relieved at once where it waits for operations", async () => {
    const old = await pullUntilWindowIsOver();
    void dispatchAll(deposits(1));
    await drainMicrotasks();
    const successor = dispatching.carriers[1]!;
    expect(old.state.hasEnded).toBe(false);
    await dispatching.beginPulling(successor);
    expect(old.state.hasEnded).toBe(true);
  });

  test("ends without a successor when its overtime is over, and the queue starts carriers", async () => {
    const { pulled, state } = await pullUntilWindowIsOver();
    // Temporal accepts each start, but no worker runs it.
    for (let passedMs = 0; passedMs < OVERTIME_MS; passedMs += 10) {
      expect(state.hasEnded).toBe(false);
      void dispatchAll(deposits(2));
      await pass(5);
      await pulled.at(-1)!.commit();
      await pass(5);
    }
    void dispatchAll(deposits(2));
    await pass(5);
    await pulled.at(-1)!.commit();
    expect(state.hasEnded).toBe(true);
    // Each of the carriers for the rest delays the next one by a second.
    await pass(2_500);
    const before = started().length;
    void dispatchAll(deposits(1));
    await pass(20);
    expect(started()).toHaveLength(before + 1);
  });

  test("posts all operations where the start of its successor fails, also the one of that start", async () => {
    const { workflowId, pulled } = await pullUntilWindowIsOver();
    dispatching.startings.push(() => Promise.reject(new DispatchError("outcome_unknown")));
    const dispatched = dispatchAll(deposits(3));
    await drainMicrotasks();
    await pulled.at(-1)!.commit();
    await pulled.at(-1)!.commit();
    expect(await Promise.all(dispatched)).toEqual([workflowId, workflowId, workflowId]);
    // The next arrival triggers the next attempt.
    const [next] = dispatchAll(deposits(1));
    expect(await next).toBe(dispatching.carriers[2]!.workflowId);
  });
});

describe("entries that a carrier cannot pull start its successor", () => {
  test("an atomic batch has its own carrier, and the first carrier pulls the rest", async () => {
    const { workflowId, pulled, state } = await startPulling();
    void dispatchAll(deposits(1));
    await drainMicrotasks();
    const first = dispatchAll(deposits(2));
    const atomic = atomicOf(deposits(2));
    const dispatched = dispatching.dispatch(atomic, "request");
    const last = dispatchAll(deposits(2));
    await drainMicrotasks();
    expect(dispatching.carriers.slice(1)).toEqual([{ ...atomic, requestIds: ["request"] }]);
    expect((await dispatched).workflowId).toBe(atomic.workflowId);
    await pulled[0]!.commit();
    await pulled[1]!.commit();
    expect(await Promise.all([...first, ...last])).toEqual(Array(4).fill(workflowId));

    await dispatching.beginPulling(atomic);
    expect(state.hasEnded).toBe(true);
  });

  test("all waiting reservations share one saga, which then pulls reservations too", async () => {
    const { workflowId, pulled } = await startPulling();
    const before = watch(dispatchAll(deposits(1))[0]!);
    await drainMicrotasks();
    const starting = Promise.withResolvers<void>();
    dispatching.startings.push(() => starting.promise);
    const first = reservations(1);
    const [reserved] = dispatchAll(first);
    await drainMicrotasks();
    const others = [...dispatchAll(reservations(2)), ...dispatchAll(deposits(1))];
    await pulled[0]!.commit();
    await pulled[1]!.commit();
    expect(pulled[1]!.operations.map(({ kind }) => kind)).toEqual(["deposit"]);
    expect([before.is, await others[2]!]).toEqual([workflowId, workflowId]);

    starting.resolve();
    const saga = dispatching.carriers[1]!;
    expect(saga.operations).toEqual(first);
    expect(await reserved).toBe(`reservation-${first[0]!.operationId}`);
    const next = await dispatching.beginPulling(saga, true);
    await pass(20);
    expect(next.pulled.map(({ operations }) => operations.map(({ kind }) => kind))).toEqual([
      ["reservation", "reservation"],
    ]);
    await next.pulled[0]!.commit();
    expect(await Promise.all(others.slice(0, 2))).toEqual(Array(2).fill(saga.workflowId));
    expect(started()).toEqual([1, 1]);
  });

  test("a saga pulls reservations and money operations alike", async () => {
    const { pulled } = await startPulling(reservations(1));
    void dispatchAll([...reservations(1), ...deposits(1)]);
    await drainMicrotasks();
    expect(pulled[0]!.operations.map(({ kind }) => kind)).toEqual(["reservation", "deposit"]);
    expect(started()).toEqual([1]);
  });

  test("the carrier continues to pull past its idle time, until it is relieved", async () => {
    const { state } = await startPulling();
    // The start is not answered, so that a second reservation waits behind the first.
    dispatching.startings.push(() => new Promise(() => {}));
    void dispatchAll(reservations(1));
    await drainMicrotasks();
    void dispatchAll(reservations(1));
    await pass(500);
    expect(state.hasEnded).toBe(false);
    await dispatching.beginPulling(dispatching.carriers[1]!, true);
    expect(state.hasEnded).toBe(true);
  });

  test("with 32 uncommitted carriers the entry waits for a place and is not refused", async () => {
    await dispatching.startUncommitted(32);
    await dispatching.beginPulling(dispatching.carriers[0]!);
    dispatching.startings.push(() => new Promise(() => {}));
    void dispatchAll(reservations(1));
    await drainMicrotasks();
    const [waiting] = dispatchAll(reservations(1)).map(watch);
    await pass(1_000);
    expect([waiting!.is, started().length]).toEqual(["waiting", 33]);
  });
});
