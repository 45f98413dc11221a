import { LRUCache } from "lru-cache";
import type { StoredOperation } from "../ledger/records.ts";
import { withTimeout } from "../lib/timeout.ts";

/** Timeout of the lookup. New operations must be accepted also while the ledger is down. */
const QUERY_TIMEOUT_MS = 500;

/** The last finished operations of which this process remembers the ids: up to 20 MB. */
const FINISHED_MAX = 100_000;

/**
 * Finds the stored ones of these operations, by id. Empty where the ledger does not respond in time: the carrier then
 * detects a replay.
 * @throws where the ledger does not respond in time, and this process has seen one of them finish
 */
export type FindStored = (operationIds: readonly string[]) => Promise<ReadonlyMap<string, StoredOperation>>;

/**
 * Looks up stored operations before they are dispatched, so that a replay needs no carrier. At most one query runs at a
 * time; calls that arrive during it share the next one.
 *
 * While the ledger is down, a new operation and a replay look the same, and new ones must be accepted. A replay is
 * recognized only by the ids that this process remembers.
 */
export function createStoredOperations(findOperations: (operationIds: string[]) => Promise<StoredOperation[]>) {
  const finishedIds = new LRUCache<string, true>({ max: FINISHED_MAX });
  let running: Promise<unknown> = Promise.resolve();
  let next: { operationIds: string[]; found: Promise<ReadonlyMap<string, StoredOperation>> } | undefined;

  function query(): Promise<ReadonlyMap<string, StoredOperation>> {
    const { operationIds } = next!;
    next = undefined;
    return findOperations(operationIds).then((found) => {
      noteFinished(found);
      return new Map(found.map((one) => [one.operationId, one]));
    });
  }

  function noteFinished(operations: readonly Pick<StoredOperation, "operationId">[]): void {
    for (const { operationId } of operations) finishedIds.set(operationId, true);
  }

  async function find(operationIds: readonly string[]): Promise<ReadonlyMap<string, StoredOperation>> {
    if (next === undefined) {
      const result = running.then(query);
      running = result.catch(() => {});
      next = { operationIds: [], found: withTimeout("The ledger", QUERY_TIMEOUT_MS, result) };
    }
    next.operationIds.push(...operationIds);
    const found = await next.found.catch((error: unknown) => {
      if (operationIds.some((operationId) => finishedIds.has(operationId))) throw error;
      return new Map<string, StoredOperation>();
    });
    if (found.size === 0) return found;
    const stored = operationIds.map((operationId) => found.get(operationId)).filter((one) => one !== undefined);
    return new Map(stored.map((one) => [one.operationId, one]));
  }

  return {
    find,
    /** Remembers operations that are stored. */
    noteFinished,
  };
}
