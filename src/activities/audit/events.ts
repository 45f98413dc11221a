import {
  type AuditPart,
  type Finding,
  joinParts,
  NOTHING_CHECKED,
  partOf,
  type Watermark,
} from "../../ledger/audits.ts";
import type { EntryKey, StoredEntry } from "../../ledger/records.ts";
import type { Progress } from "./progress.ts";

/** The result of the comparison with Kafka. The next audit starts at `watermark` if this one is clean. */
export type EventsAudited = AuditPart & { watermark: Watermark };

type Message = { key: string; value: string };
/** An offset for each partition. */
type Offsets = Record<string, string>;

export type EventsLedger = {
  readClock(): Promise<Date>;
  readWatermark(): Promise<Watermark | undefined>;
  readEntries(operationIds: string[]): Promise<StoredEntry[]>;
  /** Filters the users to those with an account in this ledger. */
  findAccounts(userIds: string[]): Promise<string[]>;
  /**
   * Finds entries whose events are due and were not seen, of the accounts after `after`. The next call starts at
   * `last`, which is undefined after the last account.
   */
  findMissing(after: string): Promise<{ missing: StoredEntry[]; last: string | undefined }>;
  /** Filters the entries to those whose events were not seen. */
  findUnseen(entries: StoredEntry[]): Promise<StoredEntry[]>;
  recordSeen(seen: EntryKey[]): Promise<void>;
  deleteSeen(): Promise<void>;
};

export type EventsStream = {
  /** Reads the first offset and the end of each partition. */
  readEnds(): Promise<{ low: Offsets; high: Offsets }>;
  read(
    from: Offsets,
    to: Offsets,
    onBatch: (batch: { partition: string; messages: Message[]; next: string }) => Promise<void>,
  ): Promise<void>;
  publish(entries: StoredEntry[]): Promise<void>;
  /** Reads the key of the entry from a message. Undefined where the message is not an event. */
  readClaim(message: Message): { operationId: string; userId: string } | undefined;
  /** Lists the fields in which the message differs from the event of the entry. */
  findDifferences(message: Message, entry: StoredEntry): string[];
};

/** Messages compared by one query each of entries and accounts. It bounds memory. */
const PIECE_MESSAGES_MAX = 1_000;

type State = { ledgerAt: string; read: Offsets; after: string; part: AuditPart };

/**
 * Compares the topic with the ledger, both ways, from the last clean watermark.
 *
 * Each event equals the event of its entry, and each due entry has its event. Events that were seen are recorded in the
 * ledger by account and version. So little is in memory, an event may be late or duplicated, and an attempt after a
 * crash may read some events again.
 */
export async function auditEvents(
  ledger: EventsLedger,
  stream: EventsStream,
  progress: Progress,
): Promise<EventsAudited> {
  const state = (progress.read() as State | undefined) ?? (await begin(ledger, stream));

  async function readOn(): Promise<void> {
    const { high } = await stream.readEnds();
    await stream.read(state.read, high, async ({ partition, messages, next }) => {
      let part = NOTHING_CHECKED;
      for (let start = 0; start < messages.length; start += PIECE_MESSAGES_MAX) {
        part = joinParts(part, await compare(ledger, stream, messages.slice(start, start + PIECE_MESSAGES_MAX)));
      }
      state.part = joinParts(state.part, part);
      state.read = { ...state.read, [partition]: next };
      progress.save(state);
    });
  }

  await readOn();
  for (let after: string | undefined = state.after; after !== undefined; ) {
    const { missing, last }: { missing: StoredEntry[]; last: string | undefined } = await ledger.findMissing(after);
    if (missing.length > 0) {
      // No carrier or sweep has these in its outbox row any more. A row is deleted only after Kafka's acknowledgement,
      // so each event is before the present end of the topic, or lost.
      await readOn();
      const lost = await ledger.findUnseen(missing);
      await stream.publish(lost);
      await ledger.recordSeen(lost);
      state.part = joinParts(state.part, partOf({}, lost.map(missingEvent)));
    }
    after = last;
    state.after = last ?? state.after;
    progress.save(state);
  }
  return { ...state.part, watermark: { offsets: state.read, ledgerAt: state.ledgerAt } };
}

/** Returns the first offsets to read. A topic that ends before its watermark is a new one, and is read as a whole. */
async function begin(ledger: EventsLedger, stream: EventsStream): Promise<State> {
  const clock = await ledger.readClock();
  await stream.publish([]);
  const { low, high } = await stream.readEnds();
  const { offsets = {} } = (await ledger.readWatermark()) ?? {};
  const isAnother = Object.entries(offsets).some(
    ([partition, offset]) => BigInt(offset) > BigInt(high[partition] ?? "0"),
  );
  if (isAnother) await ledger.deleteSeen();
  const known = isAnother ? {} : offsets;
  const read = Object.fromEntries(
    Object.entries(low).map(([partition, first]) => {
      const offset = known[partition] ?? first;
      return [partition, BigInt(offset) > BigInt(first) ? offset : first];
    }),
  );
  return { ledgerAt: clock.toISOString(), read, after: "", part: NOTHING_CHECKED };
}

/**
 * Compares messages with the entries that their event ids name.
 *
 * Messages about users without an account here are only counted. Ledgers may share a topic, and those messages misstate
 * no balance of this ledger.
 */
async function compare(ledger: EventsLedger, stream: EventsStream, messages: Message[]): Promise<AuditPart> {
  const claimed = messages.map((message) => ({ message, claim: stream.readClaim(message) }));
  const operationIds = new Set(claimed.flatMap(({ claim }) => claim?.operationId ?? []));
  const entries = new Map((await ledger.readEntries([...operationIds])).map((entry) => [nameOf(entry), entry]));

  const seen: StoredEntry[] = [];
  const findings: Finding[] = [];
  const unmatched: { userId: string; message: Message; operationId: string | undefined }[] = [];
  for (const { message, claim } of claimed) {
    const entry = claim && entries.get(nameOf(claim));
    if (!entry) {
      unmatched.push({ userId: claim?.userId ?? message.key, message, operationId: claim?.operationId });
      continue;
    }
    const differences = stream.findDifferences(message, entry);
    if (differences.length === 0) seen.push(entry);
    else findings.push(differingEvent(entry, differences));
  }
  const known = new Set(await ledger.findAccounts([...new Set(unmatched.map(({ userId }) => userId))]));
  const forged = unmatched.filter(({ userId }) => known.has(userId));
  findings.push(...forged.map(({ userId, operationId }) => unfoundedEvent(userId, operationId)));
  await ledger.recordSeen(seen);
  const foreign = unmatched.length - forged.length;
  return partOf({ events: messages.length - foreign, foreignEvents: foreign }, findings);
}

function nameOf({ operationId, userId }: { operationId: string; userId: string }): string {
  return `${operationId}:${userId}`;
}

function missingEvent({ userId, version, operationId }: StoredEntry): Finding {
  const sentence = `Entry ${version} of account ${userId} had no event, and nothing was publishing it: published now.`;
  return { promise: 7, sentence, accountId: userId, operationId };
}

function differingEvent({ userId, version, operationId }: StoredEntry, differences: string[]): Finding {
  const sentence = `An event of entry ${version} of account ${userId} differs from the entry: ${differences.join(", ")}.`;
  return { promise: 7, sentence, accountId: userId, operationId };
}

function unfoundedEvent(userId: string, operationId: string | undefined): Finding {
  const message = operationId
    ? `an event of operation ${operationId} that has no entry there`
    : "a message that is not an event";
  const sentence = `The topic has, for account ${userId}, ${message}.`;
  return { promise: 7, sentence, accountId: userId, ...(operationId && { operationId }) };
}
