import type { StoredOperation } from "../ledger/records.ts";
import { withTimeout } from "../lib/timeout.ts";

/** A replay is answered from the ledger; but a ledger that is away must not keep a new operation from being accepted. */
const LOOK_LIMIT_MS = 500;

/** Those of the operations that are stored, by their ids. None where the ledger does not answer: then a carrier will find out. */
export type FindStored = (operationIds: readonly string[]) => Promise<ReadonlyMap<string, StoredOperation>>;

/**
 * Asks the ledger which operations it holds, before any of them is given to a carrier. Whoever asks while a query is under way shares the
 * next one: under load, one query for a whole crowd.
 */
export function createStoredOperations(findOperations: (operationIds: string[]) => Promise<StoredOperation[]>) {
  let underWay: Promise<unknown> = Promise.resolve();
  let next: { operationIds: string[]; found: Promise<ReadonlyMap<string, StoredOperation>> } | undefined;

  function ask(): Promise<ReadonlyMap<string, StoredOperation>> {
    const { operationIds } = next!;
    next = undefined;
    return findOperations(operationIds).then((found) => new Map(found.map((one) => [one.operationId, one])));
  }

  async function find(operationIds: readonly string[]): Promise<ReadonlyMap<string, StoredOperation>> {
    if (next === undefined) {
      const answer = underWay.then(ask);
      underWay = answer.catch(() => {});
      next = {
        operationIds: [],
        found: withTimeout("The ledger", LOOK_LIMIT_MS, answer).catch(() => new Map<string, StoredOperation>()),
      };
    }
    next.operationIds.push(...operationIds);
    const found = await next.found;
    if (found.size === 0) return found;
    const stored = operationIds.map((operationId) => found.get(operationId)).filter((one) => one !== undefined);
    return new Map(stored.map((one) => [one.operationId, one]));
  }

  return { find };
}
