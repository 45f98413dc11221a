import type { StoredOperation } from "../ledger/records.ts";

export type Answers = ReturnType<typeof createAnswers>;

export type AnswersOptions = {
  findOperations(operationIds: string[]): Promise<StoredOperation[]>;
  /** Gives the cache its chance to hold what the operations did; never fails, and takes 100 ms at most. */
  tryCache(operationIds: string[]): Promise<void>;
  /** The shortest time between two looks; it grows to 200 ms while nothing is found. */
  pollEveryMs: number;
};

const POLL_EVERY_MAX_MS = 200;

type Waiter = {
  /** Whether the answer may be given before the cache has had its chance. */
  uncached: boolean;
  resolve(operation: StoredOperation | undefined): void;
};

/**
 * Waits for the ledger's word on operations. The ledger is asked, never a workflow: its word is final, and it is there long before the
 * workflow ends. However many wait, one query asks for all of them. `onAnswerable` is the hint of a worker in the same process that looking is
 * worth while now; without hints, in an API process apart from its workers, the query is repeated on a timer.
 */
export function createAnswers({ findOperations, tryCache, pollEveryMs }: AnswersOptions) {
  const waiting = new Map<string, Set<Waiter>>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let pauseMs = pollEveryMs;
  let isPatienceOver = false;

  async function look(operationIds: string[]): Promise<void> {
    const found = await findOperations(operationIds);
    for (const operation of found) settle(operation, (waiter) => waiter.uncached);
    await tryCache(found.map(({ operationId }) => operationId).filter((id) => waiting.has(id)));
    settleAll(found);
    pauseMs = found.length > 0 ? pollEveryMs : Math.min(pauseMs * 2, POLL_EVERY_MAX_MS);
  }

  function settle(operation: StoredOperation, isReady: (waiter: Waiter) => boolean): void {
    const waiters = waiting.get(operation.operationId);
    for (const waiter of waiters ?? []) {
      if (isReady(waiter)) {
        waiters?.delete(waiter);
        waiter.resolve(operation);
      }
    }
    if (waiters?.size === 0) waiting.delete(operation.operationId);
  }

  function settleAll(operations: readonly StoredOperation[]): void {
    for (const operation of operations) settle(operation, () => true);
  }

  function lookLater(): void {
    if (timer !== undefined || waiting.size === 0) return;
    timer = setTimeout(async () => {
      // A ledger that is away is asked again: to whoever waits it makes no difference why the answer is not there yet.
      await look([...waiting.keys()]).catch(() => {});
      timer = undefined;
      lookLater();
    }, pauseMs);
  }

  /** Waits for the ledger's word until `signal` aborts; then undefined. */
  function wait(operationId: string, uncached: boolean, signal: AbortSignal): Promise<StoredOperation | undefined> {
    if (signal.aborted || (isPatienceOver && !uncached)) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const waiter: Waiter = { uncached, resolve };
      const waiters = waiting.get(operationId) ?? new Set();
      waiting.set(operationId, waiters.add(waiter));
      pauseMs = pollEveryMs;
      lookLater();
      signal.addEventListener("abort", () => {
        waiters.delete(waiter);
        if (waiters.size === 0 && waiting.get(operationId) === waiters) waiting.delete(operationId);
        resolve(undefined);
      });
    });
  }

  return {
    /** The stored operation once the cache has had its chance too, so that who waited reads their own write; undefined on abort. */
    awaitAnswer: (operationId: string, signal: AbortSignal) => wait(operationId, false, signal),

    /** The stored operation as soon as it is stored; undefined on abort. */
    awaitStored: (operationId: string, signal: AbortSignal) => wait(operationId, true, signal),

    /** From now on no caller waits: each is answered as if its patience had ended. For a process that stops. */
    endPatience(): void {
      isPatienceOver = true;
      for (const waiters of waiting.values())
        for (const { uncached, resolve } of waiters) if (!uncached) resolve(undefined);
    },

    isAwaited: (operationId: string): boolean => waiting.has(operationId),

    /**
     * A worker of this process has stored these operations, and the cache has had its chance, or has none to get. They are asked for, unless
     * they are known as they are stored.
     */
    onAnswerable(operationIds: string[], known?: readonly StoredOperation[]): void {
      const awaited = new Set(operationIds.filter((operationId) => waiting.has(operationId)));
      if (awaited.size === 0) return;
      if (known) settleAll(known.filter(({ operationId }) => awaited.has(operationId)));
      else void findOperations([...awaited]).then(settleAll, () => {});
    },
  };
}
