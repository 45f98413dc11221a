import { eventually } from "../waiting.ts";
import { readTopic } from "./topic.ts";

/** An event as another team's consumer reads it. */
export type SaldoEvent = {
  specversion: string;
  id: string;
  source: string;
  type: string;
  subject: string;
  time: string;
  datacontenttype: string;
  dataschema: string;
  data: {
    userId: string;
    counterpartyUserId: string | null;
    kind: string;
    currency: string;
    amount: string;
    availableDelta: string;
    reservedDelta: string;
    availableAfter: string;
    reservedAfter: string;
    version: number;
    operationId: string;
    workflowId: string;
    orderId: string | null;
    serviceId: string | null;
    reservationId: string | null;
    serviceName: string | null;
    recognitionId: string | null;
    source: string | null;
    destination: string | null;
    comment: string | null;
    reference: string | null;
    metadata: Record<string, string> | null;
    description: string;
  };
};

/** A message of the topic with its value parsed. */
export type ReadEvent = { key: string; contentType: string; event: SaldoEvent };

/**
 * Every event in the topic now, with duplicates, unordered across partitions.
 *
 * With `userIds`, only events of these users. Messages of audit tests that are not events are left out.
 */
export async function readEvents(userIds?: string[]): Promise<ReadEvent[]> {
  return (await readTopic(userIds)).flatMap(({ key, headers, value }) =>
    value.startsWith("{")
      ? [{ key, contentType: headers["content-type"]!, event: JSON.parse(value) as SaldoEvent }]
      : [],
  );
}

/** Waits until the topic holds the events with these ids, and returns each once. */
export async function awaitEvents(ids: readonly string[], withinMs: number): Promise<SaldoEvent[]> {
  return await eventually(async () => {
    const byId = new Map((await readEvents()).map(({ event }) => [event.id, event]));
    const missing = ids.filter((id) => !byId.has(id));
    if (missing.length > 0)
      throw new Error(`${missing.length} of ${ids.length} events are missing, ${missing[0]} first`);
    return ids.map((id) => byId.get(id)!);
  }, withinMs);
}

/** Waits for `count` events of the user. @returns each once, in order of version */
export async function awaitEventsOf(userId: string, count: number): Promise<ReadEvent[]> {
  return await eventually(async () => {
    const byId = new Map((await readEvents([userId])).map((read) => [read.event.id, read]));
    const events = [...byId.values()].toSorted((a, b) => a.event.data.version - b.event.data.version);
    return events.length >= count && events;
  }, 30_000);
}
