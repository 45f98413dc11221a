import type { OutboxRow, StoredEntry } from "../ledger/records.ts";
import { withTimeout } from "../lib/timeout.ts";

const DRAIN_OPERATIONS_MAX = 1_000;
/** From a single row to the largest piece in three steps. */
const DRAIN_GROWTH = 10;
/** A drain holds its rows locked: below the 3 s after which PostgreSQL ends an idle transaction. */
const DRAIN_PUBLISH_TIMEOUT_MS = 2_500;
/** Below the timeouts of the activities that drain: one that is given up goes on beside its successor. The rest is the next drain's. */
const DRAIN_LIMIT_MS = 20_000;
/** So many failures mean that it is not the events. */
const DRAIN_FAILURES_MAX = 3;

export type Outbox = {
  deleteOutbox(ids: readonly string[]): Promise<void>;
  drainOutbox(
    piece: { ageSeconds: number; workflowId?: string; operationsMax: number; exceptIds: readonly string[] },
    publish: (rows: OutboxRow[]) => Promise<void>,
  ): Promise<number>;
  countOutbox(workflowId: string, limit: number): Promise<{ isWaiting: boolean; carriers: number }>;
  readEntries(operationIds: string[]): Promise<StoredEntry[]>;
};

export type DrainingDependencies = {
  outbox: Pick<Outbox, "drainOutbox" | "readEntries">;
  publish(entries: StoredEntry[]): Promise<void>;
  /** Refreshes the cached balances of operations whose posting process may have died before it did. Never fails. */
  refreshTouched(operationIds: string[]): Promise<void>;
  /** Outbox rows that this process is publishing now: a drain passes over them. */
  inHand: ReadonlySet<string>;
};

/** Publishes what has stayed in the outbox, in large pieces. */
export function createDraining({ outbox, publish, refreshTouched, inHand }: DrainingDependencies) {
  let drained: Promise<number> | undefined;

  /** One drain at a time: a second caller gets the first one's result. */
  function drain(ageSeconds: number): Promise<number> {
    drained ??= drainAll({ ageSeconds }).finally(() => {
      drained = undefined;
    });
    return drained;
  }

  /**
   * After a failure it tries a single row, and passes over one that fails alone: no row keeps all others waiting. With each success the next
   * piece is larger again: a failure is more likely Kafka's than a row's, and row by row an outage of 20 s takes as long to drain.
   */
  async function drainAll(rows: { ageSeconds: number; workflowId?: string }): Promise<number> {
    const endsAtMs = Date.now() + DRAIN_LIMIT_MS;
    const failedIds: string[] = [];
    let operationsMax = DRAIN_OPERATIONS_MAX;
    let count = 0;
    while (Date.now() < endsAtMs) {
      let taken: OutboxRow[] = [];
      try {
        const exceptIds = [...inHand, ...failedIds];
        const published = await outbox.drainOutbox({ ...rows, operationsMax, exceptIds }, async (piece) => {
          taken = piece;
          const operationIds = piece.flatMap((row) => row.operationIds);
          void refreshTouched(operationIds);
          const entries = await outbox.readEntries(operationIds);
          await withTimeout("Kafka", DRAIN_PUBLISH_TIMEOUT_MS, publish(entries));
        });
        if (published === 0) break;
        count += published;
        operationsMax = Math.min(DRAIN_OPERATIONS_MAX, operationsMax * DRAIN_GROWTH);
      } catch (error) {
        if (taken.length === 0) throw error;
        if (taken.length === 1) failedIds.push(taken[0]!.id);
        if (failedIds.length === DRAIN_FAILURES_MAX) throw error;
        operationsMax = 1;
      }
    }
    return count;
  }

  return { drain, drainAll };
}
