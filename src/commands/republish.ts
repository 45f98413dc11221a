import { parseArgs } from "node:util";
import { type Config, ConfigError, loadConfig } from "../config.ts";
import { toEventMessage } from "../kafka/events.ts";
import { createPublisher, type Publisher } from "../kafka/publisher.ts";
import { awaitLeaders, deleteTopic } from "../kafka/topicReplacement.ts";
import { ID_PATTERN, UUID_PATTERN_ANY_CASE } from "../ledger/operationId.ts";
import type { EntryKey, StoredEntry } from "../ledger/records.ts";
import { toLine } from "../lib/lines.ts";
import { deleteSeen } from "../postgres/audit/external.ts";
import { createDatabase } from "../postgres/database.ts";
import { createPool } from "../postgres/pool.ts";
import { readEntries } from "../postgres/posting/entries.ts";
import { type EntryRange, readEntryPage } from "../postgres/reading/entryPages.ts";

/** The events to publish again: those of one operation, or of a range of entries. */
export type Republishing = { operationId: string } | EntryRange;

/** The number of published events, and the entry after which to continue. */
export type RepublishingProgress = { published: number; position: EntryKey | undefined };

/** PostgreSQL or Kafka failed. Entries after `progress.position` may not be published. */
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
    after: EntryKey | undefined,
  ): Promise<{ entries: StoredEntry[]; last: EntryKey | undefined }>;
  /** Resolves once Kafka has acknowledged all of them. */
  publish(entries: StoredEntry[]): Promise<void>;
};

/**
 * Publishes events again from the ledger's rows, with the same ids and the same bytes.
 *
 * Consumers deduplicate by id, so any range may be sent at any time, and twice. Entries that are posted meanwhile may
 * be among them.
 *
 * @returns how many were published.
 * @throws RepublishingBroken if the ledger or Kafka fails.
 */
export async function republish(
  { readEntries, readEntryPage, publish }: RepublishingPorts,
  selection: Republishing,
  onProgress: (progress: RepublishingProgress) => void = () => {},
  after?: EntryKey,
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

/** The command's options, for parseArgs(). */
export const REPUBLISH_OPTIONS = {
  all: { type: "boolean" },
  user: { type: "string" },
  from: { type: "string" },
  to: { type: "string" },
  operation: { type: "string" },
  after: { type: "string" },
  "replace-topic": { type: "boolean" },
} as const;

export type RepublishCommand = ReturnType<typeof parseArgs<{ options: typeof REPUBLISH_OPTIONS }>>["values"];

/** Options that contradict each other or are malformed. The message is for the terminal. */
export class RepublishRefused extends Error {}

const USAGE = `Usage: bun src/commands/republish.ts --all [--replace-topic] | --operation ID | [--user ID] [--from TIME] [--to TIME]
           [--after POSITION]
Publishes events again, with the same ids and bytes. Its environment is the service's. --replace-topic deletes the topic
first, after a restore of the ledger.`;

const USER = new RegExp(ID_PATTERN);
const UUID = new RegExp(UUID_PATTERN_ANY_CASE);
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** Events between two lines of progress. */
const PROGRESS_EVERY = 10_000;

/** Runs the command. @returns its exit code: 1 where no event matches or the run broke off. */
export async function runRepublish(
  command: RepublishCommand,
  environment: Record<string, string | undefined>,
): Promise<number> {
  const [selection, after] = [parseSelection(command), parseAfter(command.after)];
  const config = loadConfig(environment);
  const pool = createPool(createDatabase(config.database), "republish", 1);
  const publisher = createPublisher(config.kafka);
  let shown = 0;
  try {
    if (command["replace-topic"]) {
      try {
        await replaceTopic(config, pool, publisher);
      } catch (error) {
        process.stderr.write(`The topic is not replaced yet: ${toLine(error)}. Run the command again.\n`);
        return 1;
      }
      print("The topic was deleted and created again.");
    }
    const published = await republish(
      {
        readEntries: (operationIds) => readEntries(pool, operationIds),
        readEntryPage: (range, from) => readEntryPage(pool, range, from),
        publish: (entries) => publisher.publish(entries.map((entry) => toEventMessage(entry, config.currency))),
      },
      selection,
      ({ published, position }) => {
        if (published - shown < PROGRESS_EVERY) return;
        shown = published;
        print(`${published} events are out, up to ${formatPosition(position!)}`);
      },
      after,
    );
    print(published > 0 ? `${published} events were published again.` : "Nothing matches: no event was published.");
    return published > 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof RepublishingBroken)) throw error;
    const { position } = error.progress;
    const hint = position ? ` To go on from there, add --after ${formatPosition(position)}` : "";
    process.stderr.write(`${error.message}.${hint}\n`);
    return 1;
  } finally {
    await publisher.close();
    await pool.end();
  }
}

/**
 * Deletes the topic and creates it again, empty.
 * The record of seen events goes first, as it may have millions of rows. An audit in between may record events of the
 * old topic, so it is deleted again. The next audit then reads the new topic from its beginning.
 */
async function replaceTopic(
  { kafka }: Config,
  pool: ReturnType<typeof createPool>,
  publisher: Publisher,
): Promise<void> {
  await deleteSeen(pool);
  await deleteTopic(kafka);
  await deleteSeen(pool);
  await publisher.publish([]);
  await awaitLeaders(kafka);
}

function parseSelection(command: RepublishCommand): Republishing {
  const { all, user, from, to, operation, after, "replace-topic": replacesTopic } = command;
  const isRange = user !== undefined || from !== undefined || to !== undefined;
  if ([all, isRange, operation !== undefined].filter(Boolean).length !== 1) {
    throw new RepublishRefused("Name the events: --all, or --operation, or any of --user, --from and --to.");
  }
  if (replacesTopic && (!all || after !== undefined)) {
    throw new RepublishRefused(
      "--replace-topic needs --all, from the beginning: the new topic lacks all other events.",
    );
  }
  if (operation !== undefined) {
    if (!UUID.test(operation)) throw new RepublishRefused("--operation must be an operation's id, a UUID.");
    if (after !== undefined)
      throw new RepublishRefused("--after needs a range: the events of one operation are published at once.");
    return { operationId: operation.toLowerCase() };
  }
  if (user !== undefined && !USER.test(user)) throw new RepublishRefused("--user must be a user's id.");
  const range = {
    ...(user !== undefined && { userId: user }),
    ...(from !== undefined && { from: parseTime("--from", from) }),
    ...(to !== undefined && { to: parseTime("--to", to) }),
  };
  if (range.from && range.to && range.from >= range.to) throw new RepublishRefused("--from must be before --to.");
  return range;
}

function parseTime(option: string, text: string): Date {
  const time = new Date(text);
  if (!TIME.test(text) || Number.isNaN(time.getTime())) {
    throw new RepublishRefused(`${option} must be a time like 2026-11-23T12:00:00Z.`);
  }
  return time;
}

/** Reads "maria:17", the format of formatPosition(). A user's id may contain colons. */
function parseAfter(after: string | undefined): EntryKey | undefined {
  if (after === undefined) return undefined;
  const { userId, version } = /^(?<userId>.+):(?<version>\d{1,15})$/.exec(after)?.groups ?? {};
  if (!userId || !USER.test(userId))
    throw new RepublishRefused("--after must be a position of an earlier run, like maria:17.");
  return { userId, version: Number(version) };
}

function formatPosition({ userId, version }: EntryKey): string {
  return `${userId}:${version}`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

if (import.meta.main) {
  try {
    process.exitCode = await runRepublish(parseParameters(), process.env);
  } catch (error) {
    if (!(error instanceof RepublishRefused) && !(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n${error instanceof RepublishRefused ? `\n${USAGE}\n` : ""}`);
    process.exitCode = 2;
  }
}

function parseParameters(): RepublishCommand {
  try {
    return parseArgs({ options: REPUBLISH_OPTIONS }).values;
  } catch (error) {
    throw new RepublishRefused(error instanceof Error ? error.message : String(error));
  }
}
