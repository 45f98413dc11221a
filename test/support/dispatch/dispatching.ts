import { jest } from "bun:test";
import { DispatchError } from "../../../src/dispatch/dispatchError.ts";
import { createDispatcher, type DispatcherLimits } from "../../../src/dispatch/dispatcher.ts";
import type { Batch, Dispatched } from "../../../src/dispatch/queue.ts";
import type { Operation } from "../../../src/ledger/operations.ts";
import { joinPosted, type Posted } from "../../../src/ledger/posted.ts";
import { operation } from "../ledger/operations.ts";
import { drainMicrotasks } from "../waiting.ts";

/** A carrier as it was started. */
export type Carrier = { workflowId: string; operations: Operation[]; isAtomic?: boolean; requestIds: string[] };

/** One batch that a carrier has pulled. Its callers wait until it is committed or has failed. */
export type Pulled = {
  operations: Operation[];
  commit(posted?: Partial<Posted>): Promise<void>;
  fail(): Promise<void>;
};

export type Dispatching = ReturnType<typeof createDispatching>;

/** A dispatcher with a fake Temporal and ledger, controlled by the test. Needs fake timers. */
export function createDispatching(limits: Partial<DispatcherLimits> = {}) {
  const carriers: Carrier[] = [];
  const startings: (() => Promise<void>)[] = [];
  const waiting = new Map<string, Set<() => void>>();
  const temporal: { isRunning(workflowId: string): Promise<boolean> } = { isRunning: async () => true };
  const dispatcher = createDispatcher({
    ...limits,
    async start(workflowId, input, requestIds) {
      carriers.push({ workflowId, ...input, requestIds });
      await startings.shift()?.();
      return workflowId;
    },
    isRunning: (workflowId) => temporal.isRunning(workflowId),
    awaitOutcome: (operationId, signal) =>
      new Promise<void>((resolve) => {
        waiting.set(operationId, (waiting.get(operationId) ?? new Set()).add(resolve));
        signal.addEventListener("abort", () => resolve());
      }),
  });

  function answer({ operations }: Pick<Carrier, "operations">): void {
    for (const resolve of waiting.get(operations[0]?.operationId ?? "") ?? []) resolve();
  }

  const dispatch = (batch: Batch, requestId = "") => dispatcher.dispatch(batch, requestId);

  /**
   * Simulates a carrier's activity in this process.
   *
   * It commits its input, resolves the callers of that, and pulls.
   */
  async function beginPulling(
    { workflowId, operations = [] }: Partial<Carrier> & { workflowId: string },
    isSaga = false,
  ) {
    answer({ operations });
    await Promise.resolve();
    const pulled: Pulled[] = [];
    const gate = { isReady: Promise.resolve() };
    const state = { hasEnded: false };
    const post = (operations: Operation[]) => {
      const { promise, resolve, reject } = Promise.withResolvers<Posted>();
      const act = async (settle: () => void) => {
        settle();
        await drainMicrotasks();
      };
      pulled.push({
        operations,
        commit: (posted) => act(() => resolve({ ...joinPosted([]), ...posted })),
        fail: () => act(() => reject(new Error("PostgreSQL is away"))),
      });
      return promise;
    };
    void dispatcher.pull({ workflowId, isSaga, isReady: () => gate.isReady, post }).then(() => {
      state.hasEnded = true;
    });
    await drainMicrotasks();
    return { workflowId, pulled, gate, state };
  }

  return {
    dispatcher,
    /** All started carriers, in order. */
    carriers,
    /** Behaviour of the next starts. With an empty list a start succeeds at once. */
    startings,
    temporal,
    dispatch,

    /** Makes the outcome of the carrier's first operation appear in the ledger. */
    async commit(carrier: Pick<Carrier, "operations">): Promise<void> {
      answer(carrier);
      await drainMicrotasks();
    },

    /** Dispatches each operation alone; resolves to its carrier's id or rejects with the refusal. */
    dispatchAll: (operations: Operation[]): Promise<string>[] =>
      operations.map((one) => idOf(dispatch({ operations: [one] }, requestIdOf(one)))),

    /** Starts carriers that stay uncommitted. */
    async startUncommitted(count: number): Promise<void> {
      for (let index = 0; index < count; index += 1) {
        await dispatch({ operations: deposits(1) });
        await pass(1_000);
      }
    },

    beginPulling,

    /** Starts a carrier for these operations whose posting runs in this process. */
    async startPulling(operations = deposits(1)) {
      await dispatch({ operations });
      return await beginPulling(carriers.at(-1)!, operations[0]!.kind === "reservation");
    },
  };
}

export async function pass(milliseconds: number): Promise<void> {
  jest.advanceTimersByTime(milliseconds);
  await drainMicrotasks();
}

export function deposits(count: number, comment = "", caller = "test"): Operation[] {
  return Array.from({ length: count }, () => ({
    ...operation({ kind: "deposit", request: { userId: "alice", amount: "1.00", comment } }),
    caller,
  }));
}

export const requestIdOf = ({ operationId }: Operation) => `request-${operationId}`;

export function idOf(dispatched: Promise<Dispatched>): Promise<string> {
  return dispatched.then(
    ({ workflowId }) => workflowId,
    (error: unknown) => (error instanceof DispatchError ? error.refusal : `${error}`),
  );
}

/** Tracks a dispatch: `waiting`, the id of its carrier, or its refusal. */
export function watch(dispatched: Promise<string>): { is: string } {
  const watched = { is: "waiting" };
  void dispatched.then((id) => {
    watched.is = id;
  });
  return watched;
}
