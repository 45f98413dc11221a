import type { CarrierInput } from "../ledger/carriers.ts";
import { deriveBatchId } from "../ledger/operationId.ts";
import type { Operation } from "../ledger/operations.ts";
import type { StoredOperation } from "../ledger/records.ts";
import { batchCarrierId, isReservation } from "../workflows/contract.ts";

/** The operations of one request. An atomic batch has its own carrier, with this id. */
export type Batch = CarrierInput & { workflowId?: string };

/** Derives the id of an atomic batch's carrier from its operations, in their order. */
export function deriveBatchCarrierId(operationIds: readonly string[]): string {
  return batchCarrierId(deriveBatchId(operationIds));
}

/** The carrier of a dispatched batch. */
export type Dispatched = {
  workflowId: string;
  /** Its operations that were stored before, by id. Empty unless a pulling carrier has posted the batch. */
  storedBefore: ReadonlyMap<string, StoredOperation>;
  /** Whether a pulling carrier has committed the batch; otherwise its carrier has only started. */
  isCommitted: boolean;
};

export type QueueEntry = {
  batch: Batch;
  requestId: string;
  queuedAtMs: number;
  /** Whether an earlier attempt may have stored it. Then it cannot be refused as certainly not accepted. */
  mayBeStored?: boolean;
  resolve(dispatched: Dispatched): void;
  reject(error: unknown): void;
};

export type TakeLimits = {
  operationsMax: number;
  /** Limit of the operations as JSON. Without it nothing is serialized. */
  bytesMax?: number;
  /** Entries for which it returns false stay in the queue. */
  mayTake?(batch: Batch): boolean;
};

export type Queue = ReturnType<typeof createQueue>;

/** A FIFO queue of accepted batches that wait for a carrier. Batches are never split. */
export function createQueue() {
  let entries: QueueEntry[] = [];
  let operations = 0;
  const waiting = { atomic: 0, reserving: 0 };
  const byCaller = new Map<Operation["caller"], number>();

  function count(counted: readonly QueueEntry[], sign: 1 | -1): void {
    for (const { batch } of counted) {
      const { length } = batch.operations;
      const caller = callerOf(batch);
      const held = (byCaller.get(caller) ?? 0) + sign * length;
      if (held === 0) byCaller.delete(caller);
      else byCaller.set(caller, held);
      operations += sign * length;
      if (batch.isAtomic) waiting.atomic += sign;
      else if (isReserving(batch)) waiting.reserving += sign;
    }
  }

  return {
    push(entry: QueueEntry): void {
      entries.push(entry);
      count([entry], 1);
    },

    /** Puts taken entries back to the front. */
    putBack(taken: QueueEntry[]): void {
      for (const entry of taken) entry.mayBeStored = true;
      entries = [...taken, ...entries];
      count(taken, 1);
    },

    /** Takes entries from the front that fit into one carrier, at least one. An atomic batch is taken alone. */
    take({ operationsMax, bytesMax, mayTake = () => true }: TakeLimits): QueueEntry[] {
      const taken: QueueEntry[] = [];
      const left: QueueEntry[] = [];
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

    /**
     * Whether a waiting batch cannot be pulled. No carrier pulls atomic batches, and only a saga pulls reservations.
     */
    isBlocking: (isSaga: boolean): boolean => waiting.atomic > 0 || (!isSaga && waiting.reserving > 0),

    /** The number of waiting batches. */
    size: () => entries.length,
    operations: () => operations,
    /** The number of waiting operations of the batch's caller. */
    heldBy: (batch: Batch): number => byCaller.get(callerOf(batch)) ?? 0,
    oldestAtMs: (): number | undefined => entries[0]?.queuedAtMs,
  };
}

/** A batch is one request, so it has one caller. */
function callerOf({ operations }: Batch): Operation["caller"] {
  return operations[0]!.caller;
}

/** Whether a batch opens reservations: only a saga may carry it. */
export function isReserving({ operations }: Batch): boolean {
  return operations.some(isReservation);
}
