import { ConfigResourceTypes, Kafka, logLevel } from "kafkajs";
import { EVENTS_TOPIC } from "../../src/kafka/events.ts";
import { stack } from "./api.ts";

/** A message as it lies in the topic. */
export type TopicMessage = {
  partition: number;
  offset: number;
  key: string;
  value: string;
  headers: Record<string, string>;
};

const kafka = new Kafka({
  brokers: [`127.0.0.1:${stack.ports.kafka}`],
  clientId: "saldo-test",
  logLevel: logLevel.NOTHING,
});

/** All that the topic holds at this moment about these users, in the order of each partition. */
export async function readTopic(userIds: string[]): Promise<TopicMessage[]> {
  const missing = await readEnds();
  const messages: TopicMessage[] = [];
  const readAll = Promise.withResolvers<void>();
  if (missing.size === 0) readAll.resolve();
  const consumer = kafka.consumer({ groupId: crypto.randomUUID() });
  try {
    await consumer.connect();
    await consumer.subscribe({ topic: EVENTS_TOPIC, fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ partition, message }) => {
        const key = message.key?.toString() ?? "";
        const offset = Number(message.offset);
        if (userIds.includes(key)) {
          const headers = Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)]);
          messages.push({ partition, offset, key, value: `${message.value}`, headers: Object.fromEntries(headers) });
        }
        if (offset >= (missing.get(partition) ?? Number.POSITIVE_INFINITY)) missing.delete(partition);
        if (missing.size === 0) readAll.resolve();
      },
    });
    await readAll.promise;
  } finally {
    await consumer.disconnect();
  }
  return messages;
}

/** The offset of the last message of each partition that holds one. */
async function readEnds(): Promise<Map<number, number>> {
  return await withAdmin(async (admin) => {
    const offsets = await admin.fetchTopicOffsets(EVENTS_TOPIC);
    const filled = offsets.filter(({ high, low }) => Number(high) > Number(low));
    return new Map(filled.map(({ partition, high }) => [partition, Number(high) - 1]));
  });
}

/** The topic's number of partitions and settings, as the broker holds them. */
export async function readTopicSettings(names: string[]) {
  return await withAdmin(async (admin) => {
    const { topics } = await admin.fetchTopicMetadata({ topics: [EVENTS_TOPIC] });
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: ConfigResourceTypes.TOPIC, name: EVENTS_TOPIC, configNames: names }],
    });
    const entries = resources[0]!.configEntries.map(({ configName, configValue }) => [configName, configValue]);
    return { partitions: topics[0]!.partitions.length, settings: Object.fromEntries(entries) };
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
