import { setTimeout as sleep } from "node:timers/promises";
import type { Posted } from "../ledger/posted.ts";
import type { StoredEntry } from "../ledger/records.ts";
import type { CircuitBreaker } from "../lib/circuitBreaker.ts";
import { createDraining, type DrainingDependencies, type Outbox } from "./draining.ts";

/** Beyond so many waiting carriers, events are left to the sweep: a long outage of Kafka must not pile up workflows without bound. */
const WAITING_CARRIERS_MAX = 100;

/** Entries in one publication: some 2 MB of events. What waits meanwhile goes with the next one. */
const ENTRIES_PER_PUBLICATION_MAX = 2_000;

/** Younger outbox rows are in the hands of the process that posted them. */
const DRAIN_AGE_SECONDS = 1;
/** Younger rows are drained by their carriers. */
const SWEEP_AGE_SECONDS = 30;

/** Where a carrier's events are at its end: in Kafka, waited for by the carrier, or left to the sweep. */
export type Publication = "published" | "waiting" | "queued";

export type Publishing = {
  /** Drains the outbox. @throws where Kafka or the ledger is away, and while the carrier still has events to publish. */
  publishEvents(workflowId: string): Promise<void>;
  /** Publishes what has waited for long, of any carrier. @returns how many postings' events there were */
  sweepOutbox(): Promise<number>;
};

/** What a posting process does about the events of its postings. */
export type PostedEvents = {
  /** Publishes the events of a posting once, within half a second; false where they stay in the outbox. Never fails. */
  publishPosted(posted: Pick<Posted, "entries" | "outboxIds">): Promise<boolean>;
  /** What has become of the events of a carrier of which some were not published, or that may have run before. */
  readPublication(workflowId: string): Promise<Publication>;
};

export type PublishingDependencies = {
  outbox: Outbox;
  publish(entries: StoredEntry[]): Promise<void>;
  breaker: CircuitBreaker;
  /** What is posted within this time shares one publication; Kafka's own clients call it `linger.ms`. */
  lingerMs: number;
  refreshTouched: DrainingDependencies["refreshTouched"];
};

type Pending = Pick<Posted, "entries" | "outboxIds"> & { resolve(isPublished: boolean): void };

/**
 * Publishes events from the rows of their postings, one publication at a time: what is posted meanwhile shares the next one. An outbox row
 * is deleted only after Kafka has acknowledged its events, so a crash makes a duplicate, never a loss. As soon as a publication succeeds
 * after a failure, one drain publishes all that has stayed in the outbox, in large pieces.
 */
export function createPublishing({
  outbox,
  publish,
  breaker,
  lingerMs,
  refreshTouched,
}: PublishingDependencies): Publishing & PostedEvents {
  const pending: Pending[] = [];
  /** Outbox rows that this process is publishing now: a drain passes over them. */
  const inHand = new Set<string>();
  const { drain, drainAll } = createDraining({ outbox, publish, refreshTouched, inHand });
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
        void forget(taken);
      } catch {
        hasFailed = true;
        release(taken, false);
      }
    }
    isSending = false;
  }

  async function forget(published: Pending[]): Promise<void> {
    const deleted = outbox.deleteOutbox(published.flatMap(({ outboxIds }) => outboxIds)).then(
      () => true,
      () => false,
    );
    release(published, await deleted);
    if (!hasFailed) return;
    hasFailed = false;
    // What it cannot publish stays in the outbox: its carriers and the sweep try again.
    await drain(DRAIN_AGE_SECONDS).catch(() => {});
  }

  function release(taken: Pending[], isPublished: boolean): void {
    for (const { outboxIds, resolve } of taken) {
      for (const id of outboxIds) inHand.delete(id);
      resolve(isPublished);
    }
  }

  return {
    publishPosted({ entries, outboxIds }) {
      if (entries.length === 0) return Promise.resolve(true);
      return new Promise((resolve) => {
        for (const id of outboxIds) inHand.add(id);
        pending.push({ entries, outboxIds, resolve });
        void sendPending();
      });
    },

    async readPublication(workflowId) {
      // Where the ledger does not answer, waiting is the safe assumption.
      const { isWaiting, carriers } = await outbox
        .countOutbox(workflowId, WAITING_CARRIERS_MAX + 1)
        .catch(() => ({ isWaiting: true, carriers: 0 }));
      if (!isWaiting) return "published";
      return carriers > WAITING_CARRIERS_MAX ? "queued" : "waiting";
    },

    async publishEvents(workflowId) {
      const isWaiting = async () => (await outbox.countOutbox(workflowId, 1)).isWaiting;
      // It may fail for rows of other carriers.
      await drain(DRAIN_AGE_SECONDS).catch(() => {});
      // Its own rows are in no other hands, however young they are.
      if (await isWaiting()) await drainAll({ ageSeconds: 0, workflowId });
      if (await isWaiting()) throw new Error("Events of this carrier are still in the outbox");
    },

    sweepOutbox: () => drain(SWEEP_AGE_SECONDS),
  };
}

/** Takes postings from the front, as many as one publication may hold, at least one. */
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
