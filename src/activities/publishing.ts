import { setTimeout as sleep } from "node:timers/promises";
import type { Posted } from "../ledger/posted.ts";
import type { OutboxRow, StoredEntry } from "../ledger/records.ts";
import type { CircuitBreaker } from "../lib/circuitBreaker.ts";
import { withTimeout } from "../lib/timeout.ts";

/**
 * The most carriers that wait for Kafka; later events are left to the sweep. Bounds the open workflows in a long Kafka
 * outage.
 */
const WAITING_CARRIERS_MAX = 100;

/** Entries in one publication: some 2 MB of events. The rest goes into the next one. */
const ENTRIES_PER_PUBLICATION_MAX = 2_000;

/** Younger outbox rows are being published by the process that posted them. */
const DRAIN_AGE_SECONDS = 1;
/** Younger rows are drained by their carriers. */
const SWEEP_AGE_SECONDS = 30;
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

/** The state of a carrier's events. They are in Kafka, awaited by the carrier, or left to the sweep. */
export type Publication = "published" | "waiting" | "queued";

export type Publishing = {
  /** Drains the outbox. @throws where Kafka or the ledger is down, and while the carrier still has outbox rows */
  publishEvents(workflowId: string): Promise<void>;
  /** Publishes overdue outbox rows of any carrier. @returns the number of rows published */
  sweepOutbox(): Promise<number>;
};

/** The publication of events by the process that posted them. */
export type PostedEvents = {
  /**
   * Tries once to publish a posting's events, within half a second. Resolves to false where they stay in the outbox.
   * Never rejects.
   */
  publishPosted(posted: Pick<Posted, "entries" | "outboxIds">): Promise<boolean>;
  /**
   * Reads the state of a carrier's events from the outbox. For carriers with unpublished events, or that may have run
   * before.
   */
  readPublication(workflowId: string): Promise<Publication>;
};

export type Outbox = {
  deleteOutbox(ids: readonly string[]): Promise<void>;
  drainOutbox(
    piece: { ageSeconds: number; workflowId?: string; operationsMax: number; exceptIds: readonly string[] },
    publish: (rows: OutboxRow[]) => Promise<void>,
  ): Promise<number>;
  countOutbox(workflowId: string, limit: number): Promise<{ isWaiting: boolean; carriers: number }>;
  readEntries(operationIds: string[]): Promise<StoredEntry[]>;
};

export type PublishingDependencies = {
  outbox: Outbox;
  publish(entries: StoredEntry[]): Promise<void>;
  breaker: CircuitBreaker;
  /** Postings within this time share one publication, as with Kafka's `linger.ms`. */
  lingerMs: number;
  /** Refreshes cached balances after operations whose process may have died before its refresh. Never rejects. */
  refreshTouched(operationIds: string[]): Promise<void>;
};

type Pending = Pick<Posted, "entries" | "outboxIds"> & { resolve(isPublished: boolean): void };

/**
 * Publishes events from the rows of their postings, one publication at a time. Postings meanwhile share the next one.
 * An outbox row is deleted only after Kafka has acknowledged its events: at-least-once, so a crash makes a duplicate,
 * never a loss. The first success after a failure starts a drain, which publishes the outbox in large pieces.
 */
export function createPublishing({
  outbox,
  publish,
  breaker,
  lingerMs,
  refreshTouched,
}: PublishingDependencies): Publishing & PostedEvents {
  const pending: Pending[] = [];
  /** Outbox rows that this process is publishing now. A drain skips them. */
  const publishingIds = new Set<string>();
  let isSending = false;
  let hasFailed = false;
  let drained: Promise<number> | undefined;

  async function sendPending(): Promise<void> {
    if (isSending) return;
    isSending = true;
    while (pending.length > 0) {
      if (lingerMs > 0) await sleep(lingerMs);
      const taken = takePublication(pending);
      try {
        await breaker(() => publish(taken.flatMap(({ entries }) => entries)));
        void completePublication(taken);
      } catch {
        hasFailed = true;
        release(taken, false);
      }
    }
    isSending = false;
  }

  async function completePublication(published: Pending[]): Promise<void> {
    const deleted = outbox.deleteOutbox(published.flatMap(({ outboxIds }) => outboxIds)).then(
      () => true,
      () => false,
    );
    release(published, await deleted);
    if (!hasFailed) return;
    hasFailed = false;
    // A failed drain leaves its rows in the outbox: their carriers and the sweep retry.
    await drain(DRAIN_AGE_SECONDS).catch(() => {});
  }

  function release(taken: Pending[], isPublished: boolean): void {
    for (const { outboxIds, resolve } of taken) {
      for (const id of outboxIds) publishingIds.delete(id);
      resolve(isPublished);
    }
  }

  function drain(ageSeconds: number): Promise<number> {
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
  async function drainAll(rows: { ageSeconds: number; workflowId?: string }): Promise<number> {
    const endsAtMs = Date.now() + DRAIN_LIMIT_MS;
    const failedIds: string[] = [];
    let operationsMax = DRAIN_OPERATIONS_MAX;
    let count = 0;
    while (Date.now() < endsAtMs) {
      let taken: OutboxRow[] = [];
      try {
        const exceptIds = [...publishingIds, ...failedIds];
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

  return {
    publishPosted({ entries, outboxIds }) {
      if (entries.length === 0) return Promise.resolve(true);
      return new Promise((resolve) => {
        for (const id of outboxIds) publishingIds.add(id);
        pending.push({ entries, outboxIds, resolve });
        void sendPending();
      });
    },

    async readPublication(workflowId) {
      // Without a response of the ledger, `waiting` is the safe assumption.
      const { isWaiting, carriers } = await outbox
        .countOutbox(workflowId, WAITING_CARRIERS_MAX + 1)
        .catch(() => ({ isWaiting: true, carriers: 0 }));
      if (!isWaiting) return "published";
      return carriers > WAITING_CARRIERS_MAX ? "queued" : "waiting";
    },

    async publishEvents(workflowId) {
      const isWaiting = async () => (await outbox.countOutbox(workflowId, 1)).isWaiting;
      // This drain may fail because of other carriers' rows.
      await drain(DRAIN_AGE_SECONDS).catch(() => {});
      // The carrier's own rows need no minimum age: no other publication of them is running.
      if (await isWaiting()) await drainAll({ ageSeconds: 0, workflowId });
      if (await isWaiting()) throw new Error("Events of this carrier are still in the outbox");
    },

    sweepOutbox: () => drain(SWEEP_AGE_SECONDS),
  };
}

/** Takes postings from the front for one publication, at least one. */
function takePublication(pending: Pending[]): Pending[] {
  let entries = 0;
  let count = 0;
  for (const one of pending) {
    entries += one.entries.length;
    if (count > 0 && entries > ENTRIES_PER_PUBLICATION_MAX) break;
    count += 1;
  }
  return pending.splice(0, count);
}
