import { afterAll, beforeAll, expect, test } from "bun:test";
import { auditEvents } from "../../src/activities/audit/events.ts";
import type { StoredEntry } from "../../src/ledger/records.ts";
import { type AuditedLedger, createAuditedLedger, withoutSentences } from "../support/audit/auditedLedger.ts";
import { toMessage } from "../support/kafka/message.ts";
import { readTopic } from "../support/kafka/topic.ts";
import { deposit, transfer, uniqueUserId } from "../support/ledger/operations.ts";
import { eventually } from "../support/waiting.ts";

let ledger: AuditedLedger;

beforeAll(async () => {
  ledger = await createAuditedLedger("audit_events");
  // A new topic has no partition leaders for a moment.
  await eventually(async () => (await audit()).verdict === "clean");
});

afterAll(() => ledger.close());

/**
 * Creates a user with a deposit and a transfer to another user. By default the entries are an hour old, so that their
 * events are due.
 */
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

/** Deletes all outbox rows before their events are published, as Saldo never does. */
async function loseOutbox(): Promise<void> {
  await ledger.rows("delete from outbox");
}

/** Runs an audit and stores its result. The next audit continues where a clean one ended. */
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

test("entries with published or pending events are clean, and the next audit continues from there", async () => {
  const published = await createEntries();
  await ledger.publishAll();
  // Some events are published twice, long after their entries.
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

test("an entry without event and outbox row is a finding, and the audit publishes the same bytes again", async () => {
  const lost = await createEntries();
  const [young] = await createEntries(0);
  await loseOutbox();
  const { verdict, findings } = await audit();
  expect(verdict).toBe("broken");
  expect(withoutSentences({ findings })).toEqual(
    expect.arrayContaining(lost.map(({ userId: accountId, operationId }) => ({ promise: 7, accountId, operationId }))),
  );
  expect(findings).toHaveLength(3);
  expect(findings[0]!.sentence).toMatch(
    /^Entry \d of account user-\w+ had no event, and nothing was publishing it: published now\.$/,
  );
  const topic = await readTopic([...lost.map(({ userId }) => userId), young!.userId]);
  const events = lost.map(toMessage);
  expect(topic).toHaveLength(events.length);
  expect(topic.map(({ key, value }) => ({ key, value }))).toEqual(expect.arrayContaining(events));
  // The event of an entry younger than a minute may still be on its way.
  await ledger.publish(await ledger.readEntries([young!.operationId]));
});

test("an event that differs from its entry or has no entry is a finding, a foreign event is not", async () => {
  const [entry] = await createEntries();
  await ledger.publishAll();
  await audit();
  const { userId } = entry!;
  const forged = toMessage({ ...entry!, amountMinor: 1_000n, availableAfterMinor: 7n });
  const unfounded = toMessage({ ...entry!, operationId: crypto.randomUUID() });
  const foreign = toMessage({ ...entry!, userId: uniqueUserId("foreign"), operationId: crypto.randomUUID() });
  const elsewhere = { ...toMessage(entry!), key: "another" };
  await ledger.publisher.publish([forged, unfounded, foreign, { key: userId, value: "no event" }, elsewhere]);
  const { checked, findings, verdict } = await audit();
  expect(verdict).toBe("broken");
  expect(checked).toEqual({ events: 4, foreignEvents: 1 });
  expect(findings).toHaveLength(4);
  expect(new Set(findings.map(({ sentence }) => sentence))).toEqual(
    new Set([
      `An event of entry 1 of account ${userId} differs from the entry: data.amount, data.availableAfter.`,
      `An event of entry 1 of account ${userId} differs from the entry: key.`,
      `The topic has, for account ${userId}, a message that is not an event.`,
      `The topic has, for account ${userId}, an event of operation ${JSON.parse(unfounded.value).data.operationId} that has no entry there.`,
    ]),
  );
  // Each audit finds a fault again until it is repaired. It starts at the last clean watermark.
  expect((await audit()).findings).toHaveLength(4);
});

test("an event published and removed from the outbox between the two reads is no finding", async () => {
  const made = await createEntries();
  const users = made.map(({ userId }) => userId);
  const late = {
    ...ledger.auditLedger,
    async findMissing(after: string) {
      await ledger.publishAll();
      return await ledger.auditLedger.findMissing(after);
    },
  };
  const { findings } = await auditEvents(late, ledger.stream, { read: () => undefined, save: () => {} });
  expect(findings.filter(({ accountId }) => users.includes(accountId!))).toEqual([]);
  expect(await readTopic(users)).toHaveLength(made.length);
});

test("an interrupted audit continues where it was, with the findings of an uninterrupted one", async () => {
  const lost = await createEntries();
  await loseOutbox();
  let saved: unknown;
  const cut = ledger.auditing({
    read: () => undefined,
    save(state) {
      saved = structuredClone(state);
      throw new Error("The process is gone");
    },
  });
  await expect(cut.auditEvents()).rejects.toThrow("The process is gone");
  const { findings } = await ledger.auditing({ read: () => saved, save: () => {} }).auditEvents();
  const ids = new Set(lost.map(({ userId }) => userId));
  expect(findings.filter(({ accountId }) => ids.has(accountId!))).toHaveLength(3);
});

test("a topic that ends before the watermark is a new one, so the audit of it starts over", async () => {
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
  await ledger.rows("insert into events_seen values ('lost-user', '{[1,2)}')");
  await ledger.activities.auditEvents();
  expect(await ledger.rows("select from events_seen where user_id = 'lost-user'")).toEqual([]);
});
