import type { StoredOperation } from "../ledger/records.ts";
import { withTimeout } from "../lib/timeout.ts";

/** Timeout of the lookup. New operations must be accepted also while the ledger is down. */
const QUERY_TIMEOUT_MS = 500;

/**
 * Finds the stored ones of these operations, by id. Empty where the ledger does not respond in time: the carrier then
 * detects a replay.
 */
export type FindStored = (operationIds: readonly string[]) => Promise<ReadonlyMap<string, StoredOperation>>;

/**
 * Looks up stored operations before they are dispatched, so that a replay needs no carrier. At most one query runs at a
 * time; calls that arrive during it share the next one.
 */
export function createFindStored(findOperations: (operationIds: string[]) => Promise<StoredOperation[]>): FindStored {
  let running: Promise<unknown> = Promise.resolve();
  let next: { operationIds: string[]; found: Promise<ReadonlyMap<string, StoredOperation>> } | undefined;

  function query(): Promise<ReadonlyMap<string, StoredOperation>> {
    const { operationIds } = next!;
    next = undefined;
    return findOperations(operationIds).then((found) => new Map(found.map((one) => [one.operationId, one])));
  }

  return async (operationIds) => {
    if (next === undefined) {
      const result = running.then(query);
      running = result.catch(() => {});
      next = {
        operationIds: [],
        found: withTimeout("The ledger", QUERY_TIMEOUT_MS, result).catch(() => new Map<string, StoredOperation>()),
      };
    }
    next.operationIds.push(...operationIds);
    const found = await next.found;
    if (found.size === 0) return found;
    const stored = operationIds.map((operationId) => found.get(operationId)).filter((one) => one !== undefined);
    return new Map(stored.map((one) => [one.operationId, one]));
  };
}
