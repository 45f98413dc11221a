import { Kafka, logLevel } from "kafkajs";
import { EVENTS_TOPIC } from "../../src/kafka/events.ts";
import { stack } from "./api.ts";
import { eventually } from "./eventually.ts";

/** A message of the topic, its value parsed. */
export type ReadEvent = {
  key: string;
  contentType: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it as consumers of another team would
  event: any;
};

/** Reads the topic from its beginning, as a consumer of another service would, until the block ends. The topic must exist. */
export async function readEvents() {
  const kafka = new Kafka({
    clientId: "event-reader",
    brokers: [stack.environment.KAFKA_BROKERS!],
    logLevel: logLevel.NOTHING,
  });
  const consumer = kafka.consumer({ groupId: `event-reader-${crypto.randomUUID()}` });
  const all: ReadEvent[] = [];
  await consumer.connect();
  await consumer.subscribe({ topic: EVENTS_TOPIC, fromBeginning: true });
  await consumer.run({
    async eachMessage({ message }) {
      all.push({
        key: message.key!.toString(),
        contentType: message.headers!["content-type"]!.toString(),
        event: JSON.parse(message.value!.toString()),
      });
    },
  });

  const ofUser = (userId: string) => all.filter(({ event }) => event.data.userId === userId);
  return {
    /** Every event of the user that has arrived, duplicates included, in the order of arrival. */
    ofUser,
    /** The user's events in the order of versions, each once, as soon as there are `count` of them. */
    async awaitOfUser(userId: string, count: number): Promise<ReadEvent[]> {
      return await eventually(async () => {
        const byId = new Map(ofUser(userId).map((read) => [read.event.id, read]));
        const events = [...byId.values()].toSorted((a, b) => a.event.data.version - b.event.data.version);
        return events.length >= count && events;
      }, 30_000);
    },
    [Symbol.asyncDispose]: () => consumer.disconnect(),
  };
}
