import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { createPosting } from "../../src/activities/posting.ts";
import { createPublishing } from "../../src/activities/publishing.ts";
import { createKafkaCheck } from "../../src/kafka/check.ts";
import { createPublisher, type Publisher } from "../../src/kafka/publisher.ts";
import { createEventReader } from "../../src/kafka/reader.ts";
import type { Operation } from "../../src/ledger/operations.ts";
import type { StoredEntry } from "../../src/ledger/records.ts";
import { NOTHING_FOLLOWS } from "../support/activities/barePosting.ts";
import { stack } from "../support/api/client.ts";
import { toMessage } from "../support/kafka/message.ts";
import { readTopic } from "../support/kafka/topic.ts";
import { deposit, transfer, uniqueUserId } from "../support/ledger/operations.ts";
import { createTestLedger, type TestLedger } from "../support/ledger/testLedger.ts";
import { eventually } from "../support/waiting.ts";

let ledger: TestLedger;
let publisher: Publisher;

beforeAll(async () => {
  ledger = await createTestLedger("publishing");
  publisher = createPublisher({ brokers: [`127.0.0.1:${stack.ports.kafka}`] });
  await eventually(() => publisher.publish([]).then(() => true), 30_000);
});

beforeEach(async () => {
  await ledger.rows("delete from outbox");
});

afterAll(async () => {
  await publisher.close();
  await ledger.close();
});

const carrier = () => `carrier-${crypto.randomUUID()}`;

/** A process that publishes. Each publication runs `before` first, and reaches Kafka unless that fails. */
function startProcess(before: (entries: StoredEntry[]) => Promise<void> = async () => {}) {
  const refreshed: string[] = [];
  const publishing = createPublishing({
    outbox: ledger,
    async publish(entries) {
      await before(entries);
      await publisher.publish(entries.map(toMessage));
    },
    kafkaName: "Kafka",
    breaker: (work) => work(),
    lingerMs: 0,
    async refreshTouched(operationIds) {
      refreshed.push(...operationIds);
    },
  });
  return { ...publishing, refreshed };
}

/** The operation ids of the events in the topic, one for each event. */
async function eventsOf(...userIds: string[]): Promise<string[]> {
  return (await readTopic(userIds)).map(({ value }) => JSON.parse(value).data.operationId);
}

function age(workflowId: string, seconds: number) {
  return ledger.rows("update outbox set created_at = created_at - make_interval(secs => $2) where workflow_id = $1", [
    workflowId,
    seconds,
  ]);
}

test("a carrier that runs again publishes the events that its earlier run pulled, by its workflow id", async () => {
  const [workflowId, neighbour] = [carrier(), carrier()];
  const [alice, bob, other] = [uniqueUserId("alice"), uniqueUserId("bob"), uniqueUserId()];
  const input: Operation[] = [deposit(alice, "5.00")];
  const pulled: Operation[][] = [[transfer(alice, bob, "1.00")], [deposit(bob, "1.00"), deposit(alice, "1.00")]];
  // The first run commits its input and its pulled operations, and dies before publishing.
  for (const batch of [input, ...pulled]) await ledger.post(workflowId, batch);
  await ledger.post(neighbour, [deposit(other, "1.00")]);

  const { publishPosted, readPublication, publishEvents, refreshed } = startProcess();
  const { post } = createPosting(ledger, { ...NOTHING_FOLLOWS, publishPosted, readPublication });
  const carried = await post({ workflowId, isSaga: false }, { operations: input });
  // A transfer has two events.
  expect(carried).toMatchObject({
    events: "waiting",
    eventsWaiting: 5,
    counts: [{ kind: "deposit", outcome: "completed", count: 1 }],
  });
  await publishEvents(workflowId);
  expect(await ledger.outboxOf(workflowId)).toEqual([]);
  expect(await readPublication(workflowId)).toEqual({ events: "published" });
  const ids = [...input, ...pulled.flat()].flatMap(({ kind, operationId }) =>
    kind === "transfer" ? [operationId, operationId] : [operationId],
  );
  expect((await eventsOf(alice, bob)).toSorted(byText)).toEqual(ids.toSorted(byText));
  expect(new Set(refreshed)).toEqual(new Set(ids));
  // The neighbour's row is younger than a second, so its own process still publishes it.
  expect(await ledger.outboxOf(neighbour)).toHaveLength(1);
});

test("a carrier in its first run whose events are published does not query the outbox", async () => {
  const workflowId = carrier();
  const userId = uniqueUserId();
  const { publishPosted } = startProcess();
  const readPublication = () => Promise.reject(new Error("queried"));
  const { post } = createPosting(ledger, { ...NOTHING_FOLLOWS, publishPosted, readPublication });
  const carried = await post({ workflowId, isSaga: false }, { operations: [deposit(userId, "5.00")] });
  expect(carried.events).toBe("published");
  expect(await ledger.outboxOf(workflowId)).toEqual([]);
  expect(await eventsOf(userId)).toHaveLength(1);
});

test("rows that their process is publishing are skipped by its drains at any age, and published once", async () => {
  const [workflowId, late] = [carrier(), carrier()];
  const [userId, lateUser] = [uniqueUserId(), uniqueUserId()];
  const [isSending, maySend] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const { publishPosted, sweepOutbox } = startProcess(async (entries) => {
    if (entries[0]!.userId !== userId) return;
    isSending.resolve();
    await maySend.promise;
  });
  const posted = await ledger.post(workflowId, [deposit(userId, "1.00")]);
  await ledger.post(late, [deposit(lateUser, "1.00")]);
  const published = publishPosted(posted);
  await isSending.promise;
  await age(workflowId, 60);
  await age(late, 60);
  expect(await sweepOutbox()).toBe(1);
  expect(await ledger.outboxOf(late)).toEqual([]);
  expect(await ledger.outboxOf(workflowId)).toHaveLength(1);
  maySend.resolve();
  expect(await published).toBe(true);
  expect(await ledger.outboxOf(workflowId)).toEqual([]);
  expect(await eventsOf(userId, lateUser)).toHaveLength(2);
});

test("a row whose publication fails stays until a publication succeeds, which drains all waiting rows", async () => {
  let reach = () => Promise.reject<void>(new Error("Kafka is away"));
  const { publishPosted, readPublication, sweepOutbox } = startProcess(() => reach());
  const carriers = [carrier(), carrier(), carrier()];
  const userIds = carriers.map(() => uniqueUserId());
  for (const [index, workflowId] of carriers.slice(0, 2).entries()) {
    const posted = await ledger.post(workflowId, [deposit(userIds[index]!, "1.00")]);
    expect(await publishPosted(posted)).toBe(false);
    expect(await ledger.outboxOf(workflowId)).toHaveLength(1);
    expect(await readPublication(workflowId)).toEqual({ events: "waiting", eventsWaiting: 1 });
    await age(workflowId, 2);
  }
  reach = () => Promise.resolve();
  const last = await ledger.post(carriers[2]!, [deposit(userIds[2]!, "1.00")]);
  expect(await publishPosted(last)).toBe(true);
  await eventually(async () => (await ledger.rows("select from outbox")).length === 0);
  // Joins the running drain, so it takes no row of the next test.
  await sweepOutbox();
  expect(await eventsOf(...userIds)).toHaveLength(3);
});

test("a row that cannot be published delays no other row", async () => {
  const [workflowId, stuck] = [carrier(), carrier()];
  const [userId, stuckUser] = [uniqueUserId(), uniqueUserId()];
  const { sweepOutbox } = startProcess(async (entries) => {
    if (entries.some((entry) => entry.userId === stuckUser)) throw new Error("This one is refused");
  });
  await ledger.post(stuck, [deposit(stuckUser, "1.00")]);
  for (let index = 0; index < 3; index += 1) await ledger.post(workflowId, [deposit(userId, "1.00")]);
  await age(stuck, 90);
  await age(workflowId, 60);
  expect(await sweepOutbox()).toBe(3);
  expect(await ledger.outboxOf(workflowId)).toEqual([]);
  expect(await ledger.outboxOf(stuck)).toHaveLength(1);
  expect(await eventsOf(userId)).toHaveLength(3);
});

function byText(one: string, other: string): number {
  return one < other ? -1 : 1;
}

test("the topic is published to, read and checked while the first broker of the list is down", async () => {
  const brokers = ["127.0.0.1:1", `127.0.0.1:${stack.ports.kafka}`];
  const other = createPublisher({ brokers });
  try {
    const key = uniqueUserId();
    await other.publish([{ key, value: "{}" }]);
    const { low, high } = await createEventReader({ brokers }).readEnds();
    expect(Object.keys(high)).toEqual(Object.keys(low));
    expect(await readTopic([key])).toHaveLength(1);
    const reports: unknown[] = [];
    await createKafkaCheck({ brokers }, (error) => void reports.push(error ?? "connected"))();
    expect(reports).toEqual(["connected"]);
  } finally {
    await other.close();
  }
});
