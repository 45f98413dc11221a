import { type Admin, type Kafka, Partitioners, type Producer } from "kafkajs";
import { describeChain, type OnConnection } from "../lib/connections.ts";
import { connectToAny, createKafka, type KafkaSettings } from "./client.ts";
import { describeKafkaError } from "./errors.ts";
import { EVENTS_TOPIC, type EventMessage } from "./events.ts";

/**
 * Bounds of a piece. They keep it below the largest message batch of the topic, and of a broker's default of 1 MiB. An
 * event with fields of the greatest length has 50 kB.
 */
const EVENTS_PER_SEND_MAX = 200;
const BYTES_PER_SEND_MAX = 512 * 1024;
const TOPIC_MESSAGE_BYTES_MAX = 4 * 1024 * 1024;
const TOPIC_PARTITIONS = 12;

export type Publisher = ReturnType<typeof createPublisher>;

/**
 * Publishes events, each acknowledged by all in-sync replicas.
 * It connects, and creates a missing topic, with the first publication, so that Saldo starts and moves money without
 * Kafka.
 *
 * The producer is *not* idempotent in Kafka's sense. With that option kafkajs 2.2.4 acknowledged an event that the
 * broker never stored. It took a connection cut between append and response, while another send waited. Without the
 * option the worst case is a duplicate, which consumers drop by its id.
 */
export function createPublisher(settings: KafkaSettings, onConnection: OnConnection = () => {}) {
  const kafka = createKafka(settings);
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  let ready: Promise<void> | undefined;
  let isProven = false;

  async function prepare(): Promise<void> {
    await ensureTopic(kafka, settings.brokers);
    await connectToAny(producer, settings.brokers);
  }

  return {
    /**
     * Sends the messages in order, in pieces, and adds `headers` to each.
     * @throws where Kafka did not acknowledge one: any part of them may be published
     */
    async publish(messages: EventMessage[], headers: Record<string, string> = {}): Promise<void> {
      ready ??= prepare();
      try {
        await ready;
        for (const piece of cutIntoPieces(messages)) await send(producer, piece, headers);
        if (!isProven) onConnection();
        isProven = true;
      } catch (error) {
        ready = undefined;
        isProven = false;
        // Not an event that the broker refused.
        if (/KafkaJS(Connection|SASL)|[A-Z]_FILE:/.test(describeChain(error))) onConnection(error);
        throw describeKafkaError(error, settings.brokers);
      }
    },

    async close(): Promise<void> {
      await producer.disconnect();
    },
  };
}

/** Cuts the messages into pieces within the bounds, in order. A piece has one message at least. */
export function cutIntoPieces(messages: readonly EventMessage[]): EventMessage[][] {
  const pieces: EventMessage[][] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = Buffer.byteLength(message.value);
    const current = pieces.at(-1);
    if (!current || current.length === EVENTS_PER_SEND_MAX || bytes + size > BYTES_PER_SEND_MAX) {
      pieces.push([message]);
      bytes = size;
    } else {
      current.push(message);
      bytes += size;
    }
  }
  return pieces;
}

async function send(producer: Producer, messages: EventMessage[], headers: Record<string, string>): Promise<void> {
  await producer.send({
    topic: EVENTS_TOPIC,
    acks: -1,
    messages: messages.map((message) => ({
      ...message,
      headers: { ...headers, "content-type": "application/cloudevents+json; charset=UTF-8" },
    })),
  });
}

async function ensureTopic(kafka: Kafka, brokers: string[]): Promise<void> {
  const admin = kafka.admin();
  try {
    await connectToAny(admin, brokers);
    await createMissingTopic(admin);
  } finally {
    await admin.disconnect();
  }
}

/**
 * Creates the topic with unlimited retention and without compaction: every event is a fact. The replication factor is
 * the broker's default.
 * Without the permission to create it Kafka refuses a creation even where the topic exists, so it is looked up first.
 */
export async function createMissingTopic(admin: Pick<Admin, "listTopics" | "createTopics">): Promise<void> {
  if ((await admin.listTopics()).includes(EVENTS_TOPIC)) return;
  await admin.createTopics({
    waitForLeaders: true,
    topics: [
      {
        topic: EVENTS_TOPIC,
        numPartitions: TOPIC_PARTITIONS,
        replicationFactor: -1,
        configEntries: [
          { name: "retention.ms", value: "-1" },
          { name: "retention.bytes", value: "-1" },
          { name: "cleanup.policy", value: "delete" },
          { name: "max.message.bytes", value: String(TOPIC_MESSAGE_BYTES_MAX) },
        ],
      },
    ],
  });
}
