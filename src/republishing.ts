import type { StoredEntry } from "./ledger/records.ts";
import type { EntryPosition, EntryRange } from "./postgres/reading/entryPages.ts";

/** What to publish again: all that one operation did, or a range of entries. */
export type Republishing = { operationId: string } | EntryRange;

/** How far it is: events that are out, and behind which entry it goes on. */
export type RepublishingProgress = { published: number; position: EntryPosition | undefined };

/** Says where a republishing broke off: what lies behind `progress.position` may not be out. */
export class RepublishingBroken extends Error {
  override name = "RepublishingBroken";
  readonly progress: RepublishingProgress;

  constructor(progress: RepublishingProgress, cause: unknown) {
    super(`It broke off after ${progress.published} events: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
    this.progress = progress;
  }
}

export type RepublishingPorts = {
  readEntries(operationIds: string[]): Promise<StoredEntry[]>;
  readEntryPage(
    range: EntryRange,
    after: EntryPosition | undefined,
  ): Promise<{ entries: StoredEntry[]; last: EntryPosition | undefined }>;
  /** Resolves once Kafka has acknowledged all of them. */
  publish(entries: StoredEntry[]): Promise<void>;
};

/**
 * Publishes events again, made of the ledger's rows as they were the first time: the same ids, the same bytes. Those who know an id drop its
 * event, so any range may be sent at any time, and twice. What is posted meanwhile may be among it. @returns how many there were.
 * @throws RepublishingBroken where the ledger or Kafka is away.
 */
export async function republish(
  { readEntries, readEntryPage, publish }: RepublishingPorts,
  asked: Republishing,
  onProgress: (progress: RepublishingProgress) => void = () => {},
  after?: EntryPosition,
): Promise<number> {
  let progress: RepublishingProgress = { published: 0, position: after };
  try {
    if ("operationId" in asked) {
      const entries = await readEntries([asked.operationId]);
      await publish(entries);
      return entries.length;
    }
    for (;;) {
      const { entries, last } = await readEntryPage(asked, progress.position);
      if (!last) return progress.published;
      await publish(entries);
      progress = { published: progress.published + entries.length, position: last };
      onProgress(progress);
    }
  } catch (cause) {
    throw new RepublishingBroken(progress, cause);
  }
}
