import type { StoredEntry } from "./ledger/records.ts";
import type { EntryPosition, EntryRange } from "./postgres/reading/entryPages.ts";

/** The entries to publish again: all of one operation, or a range. */
export type Republishing = { operationId: string } | EntryRange;

/** The number of events published, and the entry after which to continue. */
export type RepublishingProgress = { published: number; position: EntryPosition | undefined };

/** Thrown where a republishing failed: entries after `progress.position` may be unpublished. */
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
 * Publishes events again from the ledger's rows, with the same ids and the same bytes.
 * Consumers deduplicate by id, so any range may be published at any time, and twice. Entries that are posted meanwhile
 * may be included.
 * @returns the number of events
 * @throws RepublishingBroken where the ledger or Kafka is unreachable
 */
export async function republish(
  { readEntries, readEntryPage, publish }: RepublishingPorts,
  selection: Republishing,
  onProgress: (progress: RepublishingProgress) => void = () => {},
  after?: EntryPosition,
): Promise<number> {
  let progress: RepublishingProgress = { published: 0, position: after };
  try {
    if ("operationId" in selection) {
      const entries = await readEntries([selection.operationId]);
      await publish(entries);
      return entries.length;
    }
    for (;;) {
      const { entries, last } = await readEntryPage(selection, progress.position);
      if (!last) return progress.published;
      await publish(entries);
      progress = { published: progress.published + entries.length, position: last };
      onProgress(progress);
    }
  } catch (cause) {
    throw new RepublishingBroken(progress, cause);
  }
}
