import { afterAll, beforeAll, expect, test } from "bun:test";
import { auditEvents } from "../../src/activities/audit/events.ts";
import { toEventMessage } from "../../src/kafka/events.ts";
import type { StoredEntry } from "../../src/ledger/records.ts";
import { type AuditedLedger, createAuditedLedger, withoutSentences } from "../support/audit/auditedLedger.ts";
import { readTopic } from "../support/kafka/topic.ts";
import { deposit, transfer, uniqueUserId } from "../support/ledger/operations.ts";
import { eventually } from "../support/waiting.ts";

let ledger: AuditedLedger;

beforeAll(async () => {
  ledger = await createAuditedLedger("audit_events");
  // A topic that was just made has no leaders for a moment.
  await eventually(async () => (await audit()).verdict === "clean");
});

afterAll(() => ledger.close());

/** A user with a deposit and a transfer to another; an hour ago by the ledger, unless it is not to be due yet. */
async function createEntries(ageSeconds = 3_600): Promise<StoredEntry[]> {
  const [userId, otherUserId] = [uniqueUserId(), uniqueUserId()];
  const operations = [deposit(userId, "9.00"), transfer(userId, otherUserId, "2.00")];
  await ledger.postAll(...operations);
  const ids = operations.map(({ operationId }) => operationId);
  await ledger.rows(
    "update entries set created_at = created_at - make_interval(secs => $2) where operation_id = any ($1)",
    [ids, ageSeconds],
  );
  return await ledger.readEntries(ids);
}

/** Loses the notes of what is to be published, as nothing in Saldo can. */
async function loseNotes(): Promise<void> {
  await ledger.rows("delete from outbox");
}

/** What an audit finds; it is kept, so that the next one begins where it ended if it was clean. */
async function audit() {
  const events = await ledger.activities.auditEvents();
  const { checked, findings, findingsTotal, watermark } = events;
  const { verdict } = await ledger.activities.recordAudit({
    ...{ checked, findings, findingsTotal, watermark },
    ...{
      auditId: crypto.randomUUID(),
      workflowId: "audit",
      startedAt: new Date().toISOString(),
      notChecked: [],
      walks: {},
    },
  });
  return { ...events, verdict };
}

test("entries with their events are clean, those that are still being published too, and the next audit reads on from there", async () => {
  const published = await createEntries();
  await ledger.publishAll();
  // An event comes twice, and one of long ago comes late.
  await ledger.publish(published);
  await createEntries();
  const first = await audit();
  expect([first.verdict, first.findings]).toEqual(["clean", []]);
  expect(first.checked.events).toBe(6);

  await ledger.publishAll();
  const second = await audit();
  expect([second.verdict, second.checked.events]).toEqual(["clean", 3]);
  expect(second.watermark.offsets).not.toEqual(first.watermark.offsets);
});

test("an entry whose event nobody publishes any more is withoutSentences, and its event is in the topic afterwards, to the byte", async () => {
  const lost = await createEntries();
  const [young] = await createEntries(0);
  await loseNotes();
  const { verdict, findings } = await audit();
  expect(verdict).toBe("broken");
  expect(withoutSentences({ findings })).toEqual(
    expect.arrayContaining(lost.map(({ userId: accountId, operationId }) => ({ promise: 7, accountId, operationId }))),
  );
  expect(findings).toHaveLength(3);
  expect(findings[0]!.sentence).toMatch(
    /^Entry \d of account user-\w+ had no event, and nobody was publishing it: published now\.$/,
  );
  const topic = await readTopic([...lost.map(({ userId }) => userId), young!.userId]);
  const events = lost.map(toEventMessage);
  expect(topic).toHaveLength(events.length);
  expect(topic.map(({ key, value }) => ({ key, value }))).toEqual(expect.arrayContaining(events));
  // What is younger than a minute was on its way.
  await ledger.publish(await ledger.readEntries([young!.operationId]));
});

test("an event that says something else than its entry, and one that has none, are named; those of strangers are not", async () => {
  const [entry] = await createEntries();
  await ledger.publishAll();
  await audit();
  const { userId } = entry!;
  const forged = toEventMessage({ ...entry!, amountMinor: 1_000n, availableAfterMinor: 7n });
  const unfounded = toEventMessage({ ...entry!, operationId: crypto.randomUUID() });
  const foreign = toEventMessage({ ...entry!, userId: uniqueUserId("stranger"), operationId: crypto.randomUUID() });
  const elsewhere = { ...toEventMessage(entry!), key: "another" };
  await ledger.publisher.publish([forged, unfounded, foreign, { key: userId, value: "no event" }, elsewhere]);
  const { checked, findings, verdict } = await audit();
  expect(verdict).toBe("broken");
  expect(checked).toEqual({ events: 4, foreignEvents: 1 });
  expect(findings).toHaveLength(4);
  expect(new Set(findings.map(({ sentence }) => sentence))).toEqual(
    new Set([
      `An event of entry 1 of account ${userId} says something else than the entry: data.amount, data.availableAfter.`,
      `An event of entry 1 of account ${userId} says something else than the entry: key.`,
      `The topic has, for account ${userId}, a message that is no event.`,
      `The topic has, for account ${userId}, an event of operation ${JSON.parse(unfounded.value).data.operationId} that has no entry there.`,
    ]),
  );
  // What is broken stays broken, and is found again from the last clean watermark on, until someone has mended it.
  expect((await audit()).findings).toHaveLength(4);
});

test("an event that is published, and its note taken back, between the looks at Kafka and at the ledger is no finding", async () => {
  const made = await createEntries();
  const users = made.map(({ userId }) => userId);
  const late = {
    ...ledger.auditLedger,
    async findMissing(after: string) {
      await ledger.publishAll();
      return await ledger.auditLedger.findMissing(after);
    },
  };
  const { findings } = await auditEvents(late, ledger.stream, { read: () => undefined, note: () => {} });
  expect(findings.filter(({ accountId }) => users.includes(accountId!))).toEqual([]);
  expect(await readTopic(users)).toHaveLength(made.length);
});

test("an audit that was cut off goes on where it was, and finds what it would have found", async () => {
  const lost = await createEntries();
  await loseNotes();
  let noted: unknown;
  const cut = ledger.auditing({
    read: () => undefined,
    note(state) {
      noted = structuredClone(state);
      throw new Error("The process is gone");
    },
  });
  await expect(cut.auditEvents()).rejects.toThrow("The process is gone");
  const { findings } = await ledger.auditing({ read: () => noted, note: () => {} }).auditEvents();
  const ids = new Set(lost.map(({ userId }) => userId));
  expect(findings.filter(({ accountId }) => ids.has(accountId!))).toHaveLength(3);
});

test("where the topic is another than it was, what it lacks is published from the beginning", async () => {
  const { watermark, findings: _, ...rest } = await audit();
  const offsets = Object.fromEntries(Object.keys(watermark.offsets).map((partition) => [partition, "1000000000"]));
  await ledger.auditLedger.storeAudit({
    ...rest,
    ...{ verdict: "clean", findings: [], findingsTotal: 0, watermark: { ...watermark, offsets } },
    ...{
      auditId: crypto.randomUUID(),
      workflowId: "audit",
      startedAt: new Date().toISOString(),
      notChecked: [],
      walks: {},
    },
  });
  await ledger.rows("insert into events_seen values ('nobody', '{[1,2)}')");
  await ledger.activities.auditEvents();
  expect(await ledger.rows("select from events_seen where user_id = 'nobody'")).toEqual([]);
});
