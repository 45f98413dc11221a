import { setTimeout as sleep } from "node:timers/promises";
import type { Posted } from "../ledger/posted.ts";
import type { StoredEntry } from "../ledger/records.ts";
import type { CircuitBreaker } from "../lib/circuitBreaker.ts";
import { succeeds } from "../lib/timeout.ts";
import { createDraining, type DrainingDependencies, type Outbox } from "./draining.ts";

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

/** The state of a carrier's events. They are in Kafka, awaited by the carrier, or left to the sweep. */
export type Publication = "published" | "waiting" | "queued";

/** The state of a carrier's events, and the number of waiting ones if known. */
export type PublicationState = { events: Publication; eventsWaiting?: number };

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
  readPublication(workflowId: string): Promise<PublicationState>;
};

export type PublishingDependencies = {
  outbox: Outbox;
  publish(entries: StoredEntry[]): Promise<void>;
  kafkaName: string;
  breaker: CircuitBreaker;
  /** Postings within this time share one publication, as with Kafka's `linger.ms`. */
  lingerMs: number;
  refreshTouched: DrainingDependencies["refreshTouched"];
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
  kafkaName,
  breaker,
  lingerMs,
  refreshTouched,
}: PublishingDependencies): Publishing & PostedEvents {
  const pending: Pending[] = [];
  /** Outbox rows that this process is publishing now. A drain skips them. */
  const publishingIds = new Set<string>();
  const { drain, drainAll } = createDraining({ outbox, publish, kafkaName, refreshTouched, publishingIds });
  let isSending = false;
  let hasFailed = false;

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
    release(published, await succeeds(outbox.deleteOutbox(published.flatMap(({ outboxIds }) => outboxIds))));
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
      const found = await outbox.countOutbox(workflowId, WAITING_CARRIERS_MAX + 1).catch(() => undefined);
      if (found === undefined) return { events: "waiting" };
      if (!found.isWaiting) return { events: "published" };
      return { events: found.carriers > WAITING_CARRIERS_MAX ? "queued" : "waiting", eventsWaiting: found.events };
    },

    async publishEvents(workflowId) {
      const isWaiting = async () => (await outbox.countOutbox(workflowId, 1)).isWaiting;
      // This drain may fail because of other carriers' rows.
      await drain(DRAIN_AGE_SECONDS).catch(() => {});
      // The carrier's own rows need no minimum age: no other publication of them is running.
      if (!(await isWaiting())) return;
      const { lastError } = await drainAll({ ageSeconds: 0, workflowId });
      if (await isWaiting()) throw lastError ?? new Error("Events of this carrier are still in the outbox");
    },

    sweepOutbox: async () => (await drain(SWEEP_AGE_SECONDS)).count,
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
