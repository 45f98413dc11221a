import { ConfigResourceTypes, Kafka, type KafkaMessage, logLevel, Partitioners } from "kafkajs";
import { EVENTS_TOPIC } from "../../../src/kafka/events.ts";
import { stack } from "../api/client.ts";

/** A message of the topic. */
export type TopicMessage = {
  partition: number;
  offset: number;
  key: string;
  value: string;
  headers: Record<string, string>;
};

/** Timeout without a single message. */
const SILENCE_MS = 10_000;

const kafka = new Kafka({
  brokers: [`127.0.0.1:${stack.ports.kafka}`],
  clientId: "saldo-test",
  logLevel: logLevel.NOTHING,
  requestTimeout: 2_000,
  retry: { retries: 1 },
});

/**
 * Reads the whole topic as of now, in the order of each partition, with duplicates.
 *
 * With `userIds`, only messages of these users.
 */
export async function readTopic(userIds?: string[]): Promise<TopicMessage[]> {
  const messages: TopicMessage[] = [];
  await scanTopic((message) => {
    if (!userIds || userIds.includes(message.key)) messages.push(message);
  });
  return messages;
}

/** Passes each message to `take` and keeps none, for a long topic. */
export async function scanTopic(take: (message: TopicMessage) => void): Promise<void> {
  const ends = await readEnds();
  if (ends.size === 0) return;

  const consumer = kafka.consumer({ groupId: `saldo-test-${crypto.randomUUID()}` });
  const complete = Promise.withResolvers<void>();
  const silence = setTimeout(() => complete.reject(new Error("The topic's end was not reached")), SILENCE_MS);
  try {
    await consumer.connect();
    await consumer.subscribe({ topic: EVENTS_TOPIC, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      async eachBatch({ batch }) {
        silence.refresh();
        const { partition } = batch;
        for (const message of batch.messages) take(toTopicMessage(partition, message));
        if (BigInt(batch.lastOffset()) + 1n >= (ends.get(partition) ?? 0n)) ends.delete(partition);
        if (ends.size === 0) complete.resolve();
      },
    });
    await complete.promise;
  } finally {
    clearTimeout(silence);
    await consumer.disconnect();
  }
}

function toTopicMessage(partition: number, { offset, key, value, headers = {} }: KafkaMessage): TopicMessage {
  return {
    partition,
    offset: Number(offset),
    key: `${key ?? ""}`,
    value: `${value ?? ""}`,
    headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, String(text)])),
  };
}

/** The high watermark of each partition that is not empty. */
async function readEnds(): Promise<Map<number, bigint>> {
  return await withAdmin(async (admin) => {
    const offsets = await admin.fetchTopicOffsets(EVENTS_TOPIC);
    const filled = offsets.filter(({ high, low }) => BigInt(high) > BigInt(low));
    return new Map(filled.map(({ partition, high }) => [partition, BigInt(high)]));
  });
}

/** Creates a topic for events of one test, of its own. It is deleted with the block. */
export async function createTopic() {
  const topic = `events-${crypto.randomUUID()}`;
  await withAdmin((admin) => admin.createTopics({ topics: [{ topic, numPartitions: 3 }] }));
  return {
    name: topic,
    /** Appends events in this order, each with its user as the key. */
    async send(events: { subject: string }[]): Promise<void> {
      const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
      await producer.connect();
      const messages = events.map((event) => ({ key: event.subject, value: JSON.stringify(event) }));
      await producer.send({ topic, messages }).finally(() => producer.disconnect());
    },
    [Symbol.asyncDispose]: () => withAdmin((admin) => admin.deleteTopics({ topics: [topic] })),
  };
}

/** The topic's number of partitions, the replicas of each, and its settings at the broker. */
export async function readTopicSettings(names: string[]) {
  return await withAdmin(async (admin) => {
    const { topics } = await admin.fetchTopicMetadata({ topics: [EVENTS_TOPIC] });
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: ConfigResourceTypes.TOPIC, name: EVENTS_TOPIC, configNames: names }],
    });
    const entries = resources[0]!.configEntries.map(({ configName, configValue }) => [configName, configValue]);
    const { partitions } = topics[0]!;
    const replicas = [...new Set(partitions.map((partition) => partition.replicas.length))];
    return { partitions: partitions.length, replicas, settings: Object.fromEntries(entries) };
  });
}

async function withAdmin<Result>(use: (admin: ReturnType<typeof kafka.admin>) => Promise<Result>): Promise<Result> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await use(admin);
  } finally {
    await admin.disconnect();
  }
}
