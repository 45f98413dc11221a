import { loadConfig } from "../src/config.ts";
import { toEventMessage } from "../src/kafka/events.ts";
import { createPublisher } from "../src/kafka/publisher.ts";
import { createPool } from "../src/postgres/pool.ts";
import { readEntries } from "../src/postgres/posting/entries.ts";
import { type EntryPosition, readEntryPage } from "../src/postgres/reading/entryPages.ts";
import { type Republishing, RepublishingBroken, republish } from "../src/republishing.ts";
import { StackError } from "./stack/site.ts";
import { createStack } from "./stack/stack.ts";
import { print } from "./terminal.ts";

export type RepublishCommand = {
  all?: boolean | undefined;
  user?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
  operation?: string | undefined;
  after?: string | undefined;
};

/** What is wrong with what was asked, in a sentence. */
export class RepublishRefused extends Error {}

const USER = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** A line for about so many events. */
const TELL_EVERY = 10_000;

/** Publishes events again, of the local stack's ledger unless the environment names another. @returns 0 where there were any. */
export async function runRepublish(command: RepublishCommand): Promise<number> {
  const [asked, after] = [parseAsked(command), parseAfter(command.after)];
  const config = loadConfig({ ...createStack("demo").environment, ...process.env });
  const pool = createPool(config.databaseUrl, "republish", 1);
  const publisher = createPublisher(config.kafkaBrokers);
  let told = 0;
  try {
    const published = await republish(
      {
        readEntries: (operationIds) => readEntries(pool, operationIds),
        readEntryPage: (range, from) => readEntryPage(pool, range, from),
        publish: (entries) => publisher.publish(entries.map(toEventMessage)),
      },
      asked,
      ({ published, position }) => {
        if (published - told < TELL_EVERY) return;
        told = published;
        print(`${published} events are out, up to ${tellPosition(position!)}`);
      },
      after,
    );
    print(published > 0 ? `${published} events were published again.` : "Nothing matches: no event was published.");
    return published > 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof RepublishingBroken)) throw error;
    const { position } = error.progress;
    const hint = position ? ` To go on from there, add --after ${tellPosition(position)}` : "";
    throw new StackError(`${error.message}.${hint}`);
  } finally {
    await publisher.close();
    await pool.end();
  }
}

function parseAsked({ all, user, from, to, operation, after }: RepublishCommand): Republishing {
  const isRange = user !== undefined || from !== undefined || to !== undefined;
  if ([all, isRange, operation !== undefined].filter(Boolean).length !== 1) {
    throw new RepublishRefused("Say which events: --all, or --operation, or any of --user, --from and --to.");
  }
  if (operation !== undefined) {
    if (!UUID.test(operation))
      throw new RepublishRefused("--operation must be an operation's id, a UUID in lower case.");
    if (after !== undefined)
      throw new RepublishRefused("--after goes with a range: an operation's events are out at once.");
    return { operationId: operation };
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

/** "maria:17", as tellPosition() tells it. A user's id may hold colons, too. */
function parseAfter(after: string | undefined): EntryPosition | undefined {
  if (after === undefined) return undefined;
  const { userId, version } = /^(?<userId>.+):(?<version>\d{1,15})$/.exec(after)?.groups ?? {};
  if (!userId || !USER.test(userId))
    throw new RepublishRefused("--after must be what an earlier run told, like maria:17.");
  return { userId, version: Number(version) };
}

function tellPosition({ userId, version }: EntryPosition): string {
  return `${userId}:${version}`;
}
