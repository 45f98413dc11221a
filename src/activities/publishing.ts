import type { StoredEntry, Unpublished } from "../ledger/records.ts";
import type { CircuitBreaker } from "./circuitBreaker.ts";
import type { RecentPostings } from "./recentPostings.ts";

/** Beyond these, a carrier leaves its events to the sweep: while Kafka is away for long, waiting workflows would pile up without end. */
const WAITING_CARRIERS_MAX = 100;

/** Younger ones are in the hands of their carriers. */
const SWEEP_AGE_SECONDS = 30;
const SWEEP_PIECE = 100;
/** Well below the activity's timeout: one that is given up goes on beside its successor. What is left is the next sweep's. */
const SWEEP_LIMIT_MS = 40_000;
/** So many mean that it is not the events. */
const SWEEP_FAILURES_MAX = 3;

/** Where a carrier's events are once they had their quick chance: in Kafka, waited for by the carrier, or left to the sweep. */
export type Publication = "published" | "waiting" | "queued";

/** One quick chance to publish the events of a carrier that has just posted these operations, and what becomes of them otherwise. */
export type TryPublishEvents = (workflowId: string, operationIds: string[]) => Promise<Publication>;

export type Publishing = {
  /** Publishes a carrier's events, unless that is done already. @throws where Kafka or the ledger is away. */
  publishEvents(workflowId: string): Promise<void>;
  /** Publishes all events that have waited for long, whoever made them. Returns for how many carriers it did. */
  sweepUnpublished(): Promise<number>;
};

type UnpublishedLedger = {
  readUnpublished(workflowId: string): Promise<string[]>;
  deleteUnpublished(workflowId: string, operationIds: string[]): Promise<void>;
  countUnpublished(limit: number): Promise<number>;
  findUnpublished(ageSeconds: number, limit: number, skip: number): Promise<Unpublished[]>;
  readEntries(operationIds: string[]): Promise<StoredEntry[]>;
};

type Publish = (entries: StoredEntry[]) => Promise<void>;

export function createPublishing(
  ledger: UnpublishedLedger,
  stream: { publish: Publish },
  recent: Pick<RecentPostings, "find">,
  breaker: CircuitBreaker,
): Publishing & { tryPublishEvents: TryPublishEvents } {
  /** The note is taken back only after Kafka has acknowledged every event: dying in between makes a duplicate, never a loss. */
  async function publishNoted(workflowId: string, operationIds: string[], publish: Publish): Promise<void> {
    await publish(await ledger.readEntries(operationIds));
    await ledger.deleteUnpublished(workflowId, operationIds);
  }

  /** What was just posted needs no reading: its entries are here, and its note is about them. */
  async function publishPosted(workflowId: string, entries: StoredEntry[], publish: Publish): Promise<void> {
    if (entries.length === 0) return;
    await publish(entries);
    await ledger.deleteUnpublished(workflowId, [...new Set(entries.map(({ operationId }) => operationId))]);
  }

  async function publishCarrier(workflowId: string, publish: Publish): Promise<void> {
    const operationIds = await ledger.readUnpublished(workflowId);
    if (operationIds.length > 0) await publishNoted(workflowId, operationIds, publish);
  }

  return {
    async tryPublishEvents(workflowId, operationIds) {
      try {
        const publish: Publish = (entries) => breaker(() => stream.publish(entries));
        const posted = recent.find(workflowId, operationIds);
        await (posted ? publishPosted(workflowId, posted.entries, publish) : publishCarrier(workflowId, publish));
        return "published";
      } catch {
        // A ledger that does not say is taken for one that holds few: to wait is what is safe.
        const unpublished = await ledger.countUnpublished(WAITING_CARRIERS_MAX + 1).catch(() => 0);
        return unpublished > WAITING_CARRIERS_MAX ? "queued" : "waiting";
      }
    },

    publishEvents: (workflowId) => publishCarrier(workflowId, stream.publish),

    async sweepUnpublished() {
      const endsAtMs = Date.now() + SWEEP_LIMIT_MS;
      let swept = 0;
      let failures = 0;
      let overdue: Unpublished[];
      do {
        // What failed is still the oldest, and is passed over: one carrier must not keep all others waiting.
        overdue = await ledger.findUnpublished(SWEEP_AGE_SECONDS, SWEEP_PIECE, failures);
        for (const { workflowId, operationIds } of overdue) {
          if (Date.now() > endsAtMs) return swept;
          try {
            await publishNoted(workflowId, operationIds, stream.publish);
            swept += 1;
          } catch (error) {
            failures += 1;
            if (failures === SWEEP_FAILURES_MAX) throw error;
          }
        }
      } while (overdue.length === SWEEP_PIECE);
      return swept;
    },
  };
}
