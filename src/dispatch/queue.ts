import type { CarrierInput } from "../ledger/carriers.ts";
import { deriveBatchId } from "../ledger/operationId.ts";
import type { StoredOperation } from "../ledger/records.ts";
import { batchCarrierId, isReservation } from "../workflows/contract.ts";

/** A list that one caller has put together; an atomic one has a carrier of its own, with this id. */
export type Batch = CarrierInput & { workflowId?: string };

/** The id of the carrier of an atomic batch: told by its operations, in their order. */
export function nameBatch(operationIds: readonly string[]): string {
  return batchCarrierId(deriveBatchId(operationIds));
}

/** The carrier of a dispatched batch. */
export type Dispatched = {
  workflowId: string;
  /** Those of its operations that were stored before, by id; known only where a carrier that pulls has posted the batch. */
  storedBefore: ReadonlyMap<string, StoredOperation>;
  /** Whether a carrier that pulls has committed the batch; otherwise its carrier was started. */
  isCommitted: boolean;
};

export type Queued = {
  batch: Batch;
  requestId: string;
  queuedAtMs: number;
  resolve(dispatched: Dispatched): void;
  reject(error: unknown): void;
};

export type TakeLimits = {
  operationsMax: number;
  /** Of the operations as JSON; without it no JSON is made. */
  bytesMax?: number;
  /** Entries that it returns false for stay in the queue. */
  mayTake?(batch: Batch): boolean;
};

export type Queue = ReturnType<typeof createQueue>;

/** Accepted batches that wait for a carrier, first in, first out. Batches are taken whole. */
export function createQueue() {
  let entries: Queued[] = [];
  let operations = 0;
  const waiting = { atomic: 0, reserving: 0 };

  function count(counted: readonly Queued[], sign: 1 | -1): void {
    for (const { batch } of counted) {
      operations += sign * batch.operations.length;
      if (batch.isAtomic) waiting.atomic += sign;
      else if (isReserving(batch)) waiting.reserving += sign;
    }
  }

  return {
    push(entry: Queued): void {
      entries.push(entry);
      count([entry], 1);
    },

    /** Returns entries that were taken to the front. */
    putBack(taken: Queued[]): void {
      entries = [...taken, ...entries];
      count(taken, 1);
    },

    /** Takes from the front what fits into one carrier, at least one entry. An atomic batch is taken alone. */
    take({ operationsMax, bytesMax, mayTake = () => true }: TakeLimits): Queued[] {
      const taken: Queued[] = [];
      const left: Queued[] = [];
      let isOver = false;
      let operationsTaken = 0;
      let bytes = 0;
      for (const entry of entries) {
        const { batch } = entry;
        if (isOver || !mayTake(batch)) {
          left.push(entry);
          continue;
        }
        operationsTaken += batch.operations.length;
        if (bytesMax !== undefined) bytes += Buffer.byteLength(JSON.stringify(batch.operations));
        const isTooMuch = operationsTaken > operationsMax || (bytesMax !== undefined && bytes > bytesMax);
        isOver = batch.isAtomic === true || (taken.length > 0 && isTooMuch);
        if (taken.length > 0 && isOver) left.push(entry);
        else taken.push(entry);
      }
      entries = left;
      count(taken, -1);
      return taken;
    },

    find: (isWanted: (batch: Batch) => boolean): Batch | undefined =>
      entries.find(({ batch }) => isWanted(batch))?.batch,

    /** Whether something waits that a carrier cannot pull: an atomic batch, or a reservation where it is no saga. */
    isBlocking: (isSaga: boolean): boolean => waiting.atomic > 0 || (!isSaga && waiting.reserving > 0),

    /** Batches that wait. */
    size: () => entries.length,
    operations: () => operations,
    oldestAtMs: (): number | undefined => entries[0]?.queuedAtMs,
  };
}

/** Whether a list opens reservations, which only a saga may carry. */
export function isReserving({ operations }: Batch): boolean {
  return operations.some(isReservation);
}
