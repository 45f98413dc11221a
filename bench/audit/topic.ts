import { Kafka, logLevel } from "kafkajs";
import { EVENTS_TOPIC } from "../../src/kafka/events.ts";

export type PublishedEvent = { operationId: string; userId: string; publishedAt: Date };

/** Timeout without a message, after which the read fails. */
const SILENCE_MS = 30_000;

/**
 * Reads the topic from the beginning to its current high watermarks.
 * `take` gets the events in batches, each event with the time at which it was sent.
 */
export async function readTopic(brokers: string[], take: (events: PublishedEvent[]) => Promise<void>): Promise<void> {
  const kafka = new Kafka({ brokers, clientId: "saldo-bench", logLevel: logLevel.NOTHING });
  const ends = await readEnds(kafka);
  if (ends.size === 0) return;
  const consumer = kafka.consumer({ groupId: `saldo-bench-${crypto.randomUUID()}`, maxBytesPerPartition: 4_194_304 });
  const complete = Promise.withResolvers<void>();
  const silence = setTimeout(() => complete.reject(new Error("The topic's end was not reached in time")), SILENCE_MS);
  await consumer.connect();
  try {
    await consumer.subscribe({ topic: EVENTS_TOPIC, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      async eachBatch({ batch }) {
        silence.refresh();
        await take(
          batch.messages.map(({ value, timestamp }) => {
            const { data } = JSON.parse(value?.toString() ?? "") as { data: { operationId: string; userId: string } };
            return {
              operationId: data.operationId,
              userId: data.userId,
              publishedAt: new Date(Number(timestamp)),
            };
          }),
        );
        const end = ends.get(batch.partition);
        if (end !== undefined && BigInt(batch.lastOffset()) + 1n >= end) ends.delete(batch.partition);
        if (ends.size === 0) complete.resolve();
      },
    });
    await complete.promise;
  } finally {
    clearTimeout(silence);
    await consumer.disconnect();
  }
}

/** The high watermark of each partition that is not empty. */
async function readEnds(kafka: Kafka): Promise<Map<number, bigint>> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    const topics = await admin.listTopics();
    if (!topics.includes(EVENTS_TOPIC)) return new Map();
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
