import type { StoredOperation } from "../ledger/records.ts";

export type Outcomes = ReturnType<typeof createOutcomes>;

export type OutcomesOptions = {
  findOperations(operationIds: string[]): Promise<StoredOperation[]>;
  /** Refreshes the cached balances that the operations changed. Never rejects; ends within 100 ms. */
  refreshTouched(operationIds: string[]): Promise<void>;
  /** Called with all stored operations, with and without waiters. */
  noteFinished(operations: readonly StoredOperation[]): void;
  /**
   * The shortest pause between two queries, and the age at which a waiter is included. The pause doubles up to 200 ms
   * while nothing is found.
   */
  pollEveryMs: number;
};

const POLL_EVERY_MAX_MS = 200;

/**
 * A stored operation. `cached` resolves after the cache refresh, within 100 ms, so that a caller reads its own write.
 */
export type Outcome = { operation: StoredOperation; cached: Promise<void> };

type Waiter = { sinceMs: number; resolve(outcome: Outcome | undefined): void };

/**
 * Resolves waiters from the operations table, never from workflow results. A saga's result comes days later. A worker
 * of the same process passes its rows to `resolve`; for all others one query on a timer serves every waiter.
 */
export function createOutcomes({ findOperations, refreshTouched, noteFinished, pollEveryMs }: OutcomesOptions) {
  const waiting = new Map<string, Set<Waiter>>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let pauseMs = pollEveryMs;
  let isCancelled = false;

  async function poll(): Promise<void> {
    const dueSinceMs = performance.now() - pollEveryMs;
    const due = [...waiting].filter(([, waiters]) => [...waiters].some(({ sinceMs }) => sinceMs <= dueSinceMs));
    if (due.length === 0) return;
    const found = await findOperations(due.map(([operationId]) => operationId));
    pauseMs = found.length > 0 ? pollEveryMs : Math.min(pauseMs * 2, POLL_EVERY_MAX_MS);
    if (found.length > 0) resolve(found, refreshTouched(found.map(({ operationId }) => operationId)));
  }

  function pollLater(): void {
    if (timer !== undefined || waiting.size === 0) return;
    timer = setTimeout(async () => {
      // While the ledger is down, it polls on: the waiters have their own deadlines.
      await poll().catch(() => {});
      timer = undefined;
      pollLater();
    }, pauseMs);
  }

  function resolve(operations: readonly StoredOperation[], cached: Promise<void>): void {
    noteFinished(operations);
    for (const operation of operations) {
      const waiters = waiting.get(operation.operationId);
      waiting.delete(operation.operationId);
      for (const waiter of waiters ?? []) waiter.resolve({ operation, cached });
    }
  }

  return {
    /** Resolves to the operation once it is stored, to undefined where `signal` aborts first. */
    awaitOutcome(operationId: string, signal: AbortSignal): Promise<Outcome | undefined> {
      if (signal.aborted || isCancelled) return Promise.resolve(undefined);
      return new Promise((resolve) => {
        const waiter: Waiter = { sinceMs: performance.now(), resolve };
        const waiters = waiting.get(operationId) ?? new Set();
        waiting.set(operationId, waiters.add(waiter));
        pauseMs = pollEveryMs;
        pollLater();
        signal.addEventListener("abort", () => {
          waiters.delete(waiter);
          if (waiters.size === 0 && waiting.get(operationId) === waiters) waiting.delete(operationId);
          resolve(undefined);
        });
      });
    },

    /** Resolves the waiters of operations that a worker of this process has stored. */
    resolve,

    /** Shutdown: resolves all waiters as timed out, now and from now on. */
    cancelAll(): void {
      isCancelled = true;
      for (const waiters of waiting.values()) for (const waiter of waiters) waiter.resolve(undefined);
      waiting.clear();
    },
  };
}
