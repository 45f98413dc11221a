import {
  type AuditPart,
  type Finding,
  joinParts,
  NOTHING_CHECKED,
  partOf,
  type Watermark,
} from "../../ledger/audits.ts";
import type { StoredEntry } from "../../ledger/records.ts";
import type { Progress } from "./progress.ts";

/** What was found of events, and where the next audit may begin if this one is clean. */
export type EventsAudited = AuditPart & { watermark: Watermark };

/** A message of the topic, and an offset for each partition. */
type Message = { key: string; value: string };
type Offsets = Record<string, string>;

export type EventsLedger = {
  readClock(): Promise<Date>;
  readWatermark(): Promise<Watermark | undefined>;
  readEntries(operationIds: string[]): Promise<StoredEntry[]>;
  /** Those of the users who have an account here. */
  findAccounts(userIds: string[]): Promise<string[]>;
  /** Entries whose events are due and were not seen, of the accounts behind `after`; `last` is where to go on, if anywhere. */
  findMissing(after: string): Promise<{ missing: StoredEntry[]; last: string | undefined }>;
  findUnseen(entries: StoredEntry[]): Promise<StoredEntry[]>;
  noteSeen(seen: { userId: string; version: number }[]): Promise<void>;
  forgetSeen(): Promise<void>;
};

export type EventsStream = {
  /** Where each partition of the topic begins and ends now. */
  readEnds(): Promise<{ low: Offsets; high: Offsets }>;
  read(
    from: Offsets,
    to: Offsets,
    onBatch: (batch: { partition: string; messages: Message[]; next: string }) => Promise<void>,
  ): Promise<void>;
  publish(entries: StoredEntry[]): Promise<void>;
  /** Which entry a message says that it is of; undefined where it is no event. */
  readClaim(message: Message): { operationId: string; userId: string } | undefined;
  /** In what the message and the event of the entry differ; empty where it tells the same. */
  findDifferences(message: Message, entry: StoredEntry): string[];
};

/** So many messages are compared at once. */
const PIECE_MESSAGES_MAX = 1_000;

type State = { ledgerAt: string; read: Offsets; after: string; part: AuditPart };

/**
 * Both ways: what the topic says is what an entry says, and each entry that is due has its event. It reads on from the last clean watermark.
 * What it sees it notes in the ledger by account and version, so that it holds little in memory, that an event may come late or twice,
 * and that whoever goes on after a crash may read some of it again.
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
      progress.note(state);
    });
  }

  await readOn();
  for (let after: string | undefined = state.after; after !== undefined; ) {
    const { missing, last }: { missing: StoredEntry[]; last: string | undefined } = await ledger.findMissing(after);
    if (missing.length > 0) {
      // Nobody is publishing these any more, so whoever was has seen them acknowledged: they lie before the end as it is now, or nowhere.
      await readOn();
      const lost = await ledger.findUnseen(missing);
      await stream.publish(lost);
      await ledger.noteSeen(lost);
      state.part = joinParts(state.part, partOf({}, lost.map(missingEvent)));
    }
    after = last;
    state.after = last ?? state.after;
    progress.note(state);
  }
  return { ...state.part, watermark: { offsets: state.read, ledgerAt: state.ledgerAt } };
}

/** Where to read from. A topic that ends before what was read of it is another one by now, of which nothing has been seen. */
async function begin(ledger: EventsLedger, stream: EventsStream): Promise<State> {
  const clock = await ledger.readClock();
  await stream.publish([]);
  const { low, high } = await stream.readEnds();
  const { offsets = {} } = (await ledger.readWatermark()) ?? {};
  const isAnother = Object.entries(offsets).some(
    ([partition, offset]) => BigInt(offset) > BigInt(high[partition] ?? "0"),
  );
  if (isAnother) await ledger.forgetSeen();
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
 * Compares messages with the entries that they say they are of. Those about users who have no account here are counted and nothing else: a
 * topic may be shared by ledgers, and no balance that this one answers for is misstated by them.
 */
async function compare(ledger: EventsLedger, stream: EventsStream, messages: Message[]): Promise<AuditPart> {
  const claimed = messages.map((message) => ({ message, claim: stream.readClaim(message) }));
  const operationIds = new Set(claimed.flatMap(({ claim }) => claim?.operationId ?? []));
  const entries = new Map((await ledger.readEntries([...operationIds])).map((entry) => [nameOf(entry), entry]));

  const seen: StoredEntry[] = [];
  const findings: Finding[] = [];
  const strangers: { userId: string; message: Message; operationId: string | undefined }[] = [];
  for (const { message, claim } of claimed) {
    const entry = claim && entries.get(nameOf(claim));
    if (!entry) {
      strangers.push({ userId: claim?.userId ?? message.key, message, operationId: claim?.operationId });
      continue;
    }
    const differences = stream.findDifferences(message, entry);
    if (differences.length === 0) seen.push(entry);
    else findings.push(differingEvent(entry, differences));
  }
  const known = new Set(await ledger.findAccounts([...new Set(strangers.map(({ userId }) => userId))]));
  const forged = strangers.filter(({ userId }) => known.has(userId));
  findings.push(...forged.map(({ userId, operationId }) => unfoundedEvent(userId, operationId)));
  await ledger.noteSeen(seen);
  const foreign = strangers.length - forged.length;
  return partOf({ events: messages.length - foreign, foreignEvents: foreign }, findings);
}

function nameOf({ operationId, userId }: { operationId: string; userId: string }): string {
  return `${operationId}:${userId}`;
}

function missingEvent({ userId, version, operationId }: StoredEntry): Finding {
  const sentence = `Entry ${version} of account ${userId} had no event, and nobody was publishing it: published now.`;
  return { promise: 7, sentence, accountId: userId, operationId };
}

function differingEvent({ userId, version, operationId }: StoredEntry, differences: string[]): Finding {
  const sentence = `An event of entry ${version} of account ${userId} says something else than the entry: ${differences.join(", ")}.`;
  return { promise: 7, sentence, accountId: userId, operationId };
}

function unfoundedEvent(userId: string, operationId: string | undefined): Finding {
  const what = operationId
    ? `an event of operation ${operationId} that has no entry there`
    : "a message that is no event";
  const sentence = `The topic has, for account ${userId}, ${what}.`;
  return { promise: 7, sentence, accountId: userId, ...(operationId && { operationId }) };
}
