import { Kafka, logLevel } from "kafkajs";
import { EVENTS_TOPIC } from "../../src/kafka/events.ts";
import { stack } from "./api.ts";
import { eventually } from "./eventually.ts";

const READ_TIMEOUT_MS = 10_000;

export type SaldoEvent = {
  id: string;
  type: string;
  subject: string;
  data: {
    userId: string;
    kind: string;
    amount: string;
    availableDelta: string;
    reservedDelta: string;
    availableAfter: string;
    reservedAfter: string;
    version: number;
    operationId: string;
    workflowId: string;
  };
};

/** Every message of the topic from its beginning to its present end, duplicates included, in no order across partitions. */
export async function readEvents(): Promise<SaldoEvent[]> {
  const kafka = new Kafka({
    brokers: [`127.0.0.1:${stack.ports.kafka}`],
    clientId: "saldo-test",
    logLevel: logLevel.NOTHING,
    requestTimeout: 2_000,
    retry: { retries: 1 },
  });
  const ends = await readEnds(kafka);
  const events: SaldoEvent[] = [];
  if (ends.size === 0) return events;

  const consumer = kafka.consumer({ groupId: `saldo-test-${crypto.randomUUID()}` });
  const complete = Promise.withResolvers<void>();
  const timer = setTimeout(() => complete.reject(new Error("The topic's end was not reached")), READ_TIMEOUT_MS);
  try {
    await consumer.connect();
    await consumer.subscribe({ topic: EVENTS_TOPIC, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      async eachBatch({ batch }) {
        for (const { value } of batch.messages) events.push(JSON.parse(value?.toString() ?? "") as SaldoEvent);
        const end = ends.get(batch.partition);
        if (end !== undefined && BigInt(batch.lastOffset()) + 1n >= end) ends.delete(batch.partition);
        if (ends.size === 0) complete.resolve();
      },
    });
    await complete.promise;
  } finally {
    clearTimeout(timer);
    await consumer.disconnect();
  }
  return events;
}

/** Where each partition that holds anything ends at this moment. */
async function readEnds(kafka: Kafka): Promise<Map<number, bigint>> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    const offsets = await admin.fetchTopicOffsets(EVENTS_TOPIC);
    return new Map(
      offsets
        .filter(({ low, high }) => BigInt(high) > BigInt(low))
        .map(({ partition, high }) => [partition, BigInt(high)]),
    );
  } finally {
    await admin.disconnect();
  }
}

/** Waits until the topic holds the event of each of these ids, and returns one of each. */
export async function awaitEvents(ids: readonly string[], withinMs: number): Promise<SaldoEvent[]> {
  return await eventually(async () => {
    const byId = new Map((await readEvents()).map((event) => [event.id, event]));
    const missing = ids.filter((id) => !byId.has(id));
    if (missing.length > 0)
      throw new Error(`${missing.length} of ${ids.length} events are missing, ${missing[0]} first`);
    return ids.map((id) => byId.get(id)!);
  }, withinMs);
}
