import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  type Republishing,
  RepublishingBroken,
  RepublishRefused,
  republish,
  runRepublish,
} from "../../src/commands/republish.ts";
import type { StoredEntry } from "../../src/ledger/records.ts";
import { deleteSeen } from "../../src/postgres/audit/external.ts";
import { readEntryPage } from "../../src/postgres/reading/entryPages.ts";
import { stack } from "../support/api/client.ts";
import { type AuditedLedger, createAuditedLedger } from "../support/audit/auditedLedger.ts";
import { createBooks } from "../support/audit/books.ts";
import { toMessage } from "../support/kafka/message.ts";
import { readTopic } from "../support/kafka/topic.ts";
import { eventually } from "../support/waiting.ts";

let ledger: AuditedLedger;
let users: string[];
let entries: StoredEntry[];

beforeAll(async () => {
  ledger = await createAuditedLedger("republish");
  const books = [await createBooks(ledger), await createBooks(ledger)];
  users = books.flatMap(({ userId, otherUserId }) => [userId, otherUserId]).toSorted((a, b) => (a < b ? -1 : 1));
  const ids = await ledger.rows<{ id: string }>("select id from operations");
  entries = await ledger.readEntries(ids.map(({ id }) => id));
  // Dates the entries one minute apart.
  await ledger.rows(
    `update entries set created_at = '2026-10-01T00:00:00Z'::timestamptz + make_interval(mins => place::int)
     from (select user_id, version, row_number() over (order by user_id, version) as place from entries) as placed
     where (entries.user_id, entries.version) = (placed.user_id, placed.version)`,
  );
  entries = await ledger.readEntries(ids.map(({ id }) => id));
  // A topic that was just created may have no leader yet.
  await eventually(() => ledger.publish(entries).then(() => true));
});

afterAll(() => ledger.close());

const at = (minute: number) => `2026-10-01T00:${String(minute).padStart(2, "0")}:00Z`;
const valuesOf = (some: StoredEntry[]) => some.map((entry) => toMessage(entry).value);

/** The messages that the work adds to the topic. */
async function gained(work: () => Promise<unknown>): Promise<string[]> {
  const before = await readTopic(users);
  await work();
  const known = new Set(before.map(({ partition, offset }) => `${partition}/${offset}`));
  const after = await readTopic(users);
  // New messages equal earlier ones, in the key and to the byte of the value.
  const first = new Set(before.map(({ key, value }) => key + value));
  const fresh = after.filter(({ partition, offset }) => !known.has(`${partition}/${offset}`));
  expect(fresh.every(({ key, value }) => first.has(key + value))).toBe(true);
  return fresh.map(({ value }) => value);
}

function expectSame(values: string[], some: StoredEntry[]): void {
  expect(some.length).toBeGreaterThan(0);
  expect(values).toHaveLength(some.length);
  expect(values).toEqual(expect.arrayContaining(valuesOf(some)));
}

/** Pages of three entries, so that there are several pages. */
function ports() {
  return {
    readEntries: ledger.readEntries,
    readEntryPage: (range: object, after: never) => readEntryPage(ledger.owner, range, after, 3),
    publish: ledger.publish,
  } as Parameters<typeof republish>[0];
}

describe("events published again have the same ids and bytes:", () => {
  test.each<[string, (one: StoredEntry) => Republishing, (one: StoredEntry, entry: StoredEntry) => boolean]>([
    ["all", () => ({}), () => true],
    ["a user's", ({ userId }) => ({ userId }), (one, { userId }) => userId === one.userId],
    [
      "an operation's",
      ({ operationId }) => ({ operationId }),
      (one, { operationId }) => operationId === one.operationId,
    ],
    ["from a time on", () => ({ from: new Date(at(9)) }), (_, { createdAt }) => createdAt >= new Date(at(9))],
    [
      "before a time, of a user",
      ({ userId }) => ({ userId, to: new Date(at(5)) }),
      (one, { userId, createdAt }) => userId === one.userId && createdAt < new Date(at(5)),
    ],
    [
      "between two times",
      () => ({ from: new Date(at(4)), to: new Date(at(11)) }),
      (_, { createdAt }) => createdAt >= new Date(at(4)) && createdAt < new Date(at(11)),
    ],
  ])("%s", async (_, rangeOf, isIn) => {
    const [one] = entries;
    const expected = entries.filter((entry) => isIn(one!, entry));
    let count = 0;
    const values = await gained(async () => {
      count = await republish(ports(), rangeOf(one!));
    });
    expect(count).toBe(expected.length);
    expectSame(values, expected);
  });
});

test("an interrupted republication reports its position, and continues from there to the end", async () => {
  let sends = 0;
  const failing = {
    ...ports(),
    publish: async (some: StoredEntry[]) => {
      sends += 1;
      if (sends === 3) throw new Error("Kafka is away");
      await ledger.publish(some);
    },
  };
  const values = await gained(async () => {
    const broken = (await republish(failing, {}).catch((error: unknown) => error)) as RepublishingBroken;
    expect(broken).toBeInstanceOf(RepublishingBroken);
    expect(broken.message).toBe("It broke off after 6 events: Kafka is away");
    const { userId, version } = entries[5]!;
    expect(broken.progress).toEqual({ published: 6, position: { userId, version } });
    expect(await republish(ports(), {}, () => {}, broken.progress.position)).toBe(entries.length - 6);
  });
  expectSame(values, entries);
});

test("the record of seen events is deleted as a whole, in pages", async () => {
  await ledger.rows("insert into events_seen select 'seen-' || i, '{[1,2)}' from generate_series(1, 7) as i");
  await deleteSeen(ledger.owner, 3);
  expect(await ledger.rows("select from events_seen")).toEqual([]);
});

test("a topic that cannot be replaced is one line with the reason", async () => {
  const child = Bun.spawn([process.execPath, "src/commands/republish.ts", "--all", "--replace-topic"], {
    env: { ...stack.environment, DATABASE_URL: "postgres://saldo@127.0.0.1:1/saldo" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const line = await child.stderr.text();
  expect(line).toMatch(/^The topic is not replaced yet: .*ECONNREFUSED.*\. Run the command again\.\n$/);
  expect(await child.exited).toBe(1);
});

describe("./dev republish", () => {
  async function run(...parameters: string[]) {
    const child = Bun.spawn([process.execPath, "scripts/dev.ts", "republish", ...parameters], {
      env: { ...process.env, DATABASE_URL: ledger.databaseUrl, KAFKA_BROKERS: `127.0.0.1:${stack.ports.kafka}` },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()]);
    return { code: await child.exited, out, err: err.split("\n")[0] };
  }

  test("publishes the requested events and prints their number", async () => {
    const [{ userId } = entries[0]!] = entries;
    const mine = entries.filter((entry) => entry.userId === userId);
    const values = await gained(async () => {
      expect(await run("--user", userId)).toMatchObject({
        code: 0,
        out: `${mine.length} events were published again.\n`,
      });
    });
    expectSame(values, mine);
    const operation = entries[0]!.operationId.toUpperCase();
    expect(await run("--operation", operation)).toMatchObject({ code: 0, err: "" });
    expect(await run("--operation", crypto.randomUUID())).toMatchObject({
      code: 1,
      out: "Nothing matches: no event was published.\n",
    });
  });

  test.each([
    [{}, "Name the events: --all, or --operation, or any of --user, --from and --to."],
    [{ all: true, user: "maria" }, "Name the events: --all, or --operation, or any of --user, --from and --to."],
    [{ operation: "17" }, "--operation must be an operation's id, a UUID."],
    [{ user: "no user" }, "--user must be a user's id."],
    [{ from: "yesterday" }, "--from must be a time like 2026-11-23T12:00:00Z."],
    [{ from: at(2), to: at(2) }, "--from must be before --to."],
    [
      { user: "maria", "replace-topic": true },
      "--replace-topic needs --all, from the beginning: the new topic lacks all other events.",
    ],
    [
      { all: true, after: "maria:1", "replace-topic": true },
      "--replace-topic needs --all, from the beginning: the new topic lacks all other events.",
    ],
    [{ all: true, after: "maria" }, "--after must be a position of an earlier run, like maria:17."],
  ])("refuses %j with one sentence", async (command, sentence) => {
    await expect(runRepublish(command, {})).rejects.toEqual(new RepublishRefused(sentence));
  });

  test("prints its usage for a wrong combination of options", async () => {
    expect(await run("--all", "--user", "maria")).toMatchObject({
      code: 2,
      out: "",
      err: "Name the events: --all, or --operation, or any of --user, --from and --to.",
    });
  });
});
