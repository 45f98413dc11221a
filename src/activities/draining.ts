import type { OutboxCount, OutboxPiece, OutboxRow, StoredEntry } from "../ledger/records.ts";
import { withTimeout } from "../lib/timeout.ts";

const DRAIN_OPERATIONS_MAX = 1_000;
/** Growth of the piece after a success: three steps from one row to the largest. */
const DRAIN_GROWTH = 10;
/** A drain holds row locks. Below the 3 s after which PostgreSQL ends an idle transaction. */
const DRAIN_PUBLISH_TIMEOUT_MS = 2_500;
/**
 * Below the timeouts of the draining activities. A timed-out one would run on concurrently with its retry. The next
 * drain takes the rest.
 */
const DRAIN_LIMIT_MS = 20_000;
/** After so many failures the cause is Kafka, not single events. */
const DRAIN_FAILURES_MAX = 3;

export type Outbox = {
  deleteOutbox(ids: readonly string[]): Promise<void>;
  drainOutbox(piece: OutboxPiece, publish: (rows: OutboxRow[]) => Promise<void>): Promise<number>;
  countOutbox(workflowId: string, limit: number): Promise<OutboxCount>;
  readEntries(operationIds: string[]): Promise<StoredEntry[]>;
};

export type DrainingDependencies = {
  outbox: Pick<Outbox, "drainOutbox" | "readEntries">;
  publish(entries: StoredEntry[]): Promise<void>;
  /** Kafka and its brokers, for errors. */
  kafkaName: string;
  /** Refreshes cached balances after operations whose process may have died before its refresh. Never rejects. */
  refreshTouched(operationIds: string[]): Promise<void>;
  /** Outbox rows that this process is publishing now. A drain skips them. */
  publishingIds: ReadonlySet<string>;
};

/** The number of published rows, and the error of the last piece that failed. */
export type Drained = { count: number; lastError: unknown };

/** Drains the outbox: publishes its rows in large pieces. */
export function createDraining(dependencies: DrainingDependencies) {
  const { outbox, publish, kafkaName, refreshTouched, publishingIds } = dependencies;
  let drained: Promise<Drained> | undefined;

  /** Runs one drain at a time: concurrent callers share its result. */
  function drain(ageSeconds: number): Promise<Drained> {
    drained ??= drainAll({ ageSeconds }).finally(() => {
      drained = undefined;
    });
    return drained;
  }

  /**
   * Drains in pieces. After a failure it tries a single row, and skips one that fails alone, so no row blocks the
   * others. Each success enlarges the next piece, since the cause is more likely Kafka than a row. Row by row, draining
   * takes as long as the outage did.
   */
  async function drainAll(rows: { ageSeconds: number; workflowId?: string }): Promise<Drained> {
    const endsAtMs = Date.now() + DRAIN_LIMIT_MS;
    const failedIds: string[] = [];
    let operationsMax = DRAIN_OPERATIONS_MAX;
    let count = 0;
    let lastError: unknown;
    while (Date.now() < endsAtMs) {
      let taken: OutboxRow[] = [];
      try {
        const exceptIds = [...publishingIds, ...failedIds];
        const published = await outbox.drainOutbox({ ...rows, operationsMax, exceptIds }, async (piece) => {
          taken = piece;
          const operationIds = piece.flatMap((row) => row.operationIds);
          void refreshTouched(operationIds);
          const entries = await outbox.readEntries(operationIds);
          await withTimeout(kafkaName, DRAIN_PUBLISH_TIMEOUT_MS, publish(entries));
        });
        if (published === 0) break;
        count += published;
        operationsMax = Math.min(DRAIN_OPERATIONS_MAX, operationsMax * DRAIN_GROWTH);
      } catch (error) {
        if (taken.length === 0) throw error;
        lastError = error;
        if (taken.length === 1) failedIds.push(taken[0]!.id);
        if (failedIds.length === DRAIN_FAILURES_MAX) throw error;
        operationsMax = 1;
      }
    }
    return { count, lastError };
  }

  return { drain, drainAll };
}
