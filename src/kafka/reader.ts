import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Consumer, EachBatchPayload, Kafka } from "kafkajs";
import { connectToAny, createKafka, type KafkaSettings } from "./client.ts";
import { EVENTS_TOPIC, type EventMessage } from "./events.ts";

/**
 * A broker without any response for this long is unreachable. Joining a group takes seconds on a broker that has just
 * started.
 */
const STALL_TIMEOUT_MS = 20_000;

const LEAVE_TIMEOUT_MS = 2_000;

/** Bounds of one fetch: some thousand events, the most that is in memory at once. */
const BYTES_PER_PARTITION_MAX = 1024 * 1024;
const BYTES_MAX = 4 * 1024 * 1024;

/** Offsets by partition. */
export type Offsets = Record<string, string>;

/** Messages read from one partition, and the offset of the next batch. */
export type EventBatch = { partition: string; messages: EventMessage[]; next: string };

/** Reads the topic of events from offset to offset, and commits no offsets. */
export function createEventReader(settings: KafkaSettings) {
  const kafka = createKafka(settings);

  return {
    /**
     * Returns the first offset and the high watermark of each partition.
     * @throws where Kafka is unreachable, or the topic does not exist
     */
    async readEnds(): Promise<{ low: Offsets; high: Offsets }> {
      const admin = kafka.admin();
      try {
        await connectToAny(admin, settings.brokers);
        const ends = await admin.fetchTopicOffsets(EVENTS_TOPIC);
        return {
          low: Object.fromEntries(ends.map(({ partition, low }) => [partition, low])),
          high: Object.fromEntries(ends.map(({ partition, high }) => [partition, high])),
        };
      } finally {
        await admin.disconnect();
      }
    },

    /**
     * Passes the messages in between to `onBatch`, each batch after the previous one is done.
     * @throws where Kafka is unreachable
     */
    async read(from: Offsets, to: Offsets, onBatch: (batch: EventBatch) => Promise<void>): Promise<void> {
      const open = new Map(
        Object.entries(to).filter(([partition, end]) => BigInt(from[partition] ?? "0") < BigInt(end)),
      );
      if (open.size > 0) await consume(kafka, from, open, onBatch);
    },
  };
}

async function consume(
  kafka: Kafka,
  from: Offsets,
  open: Map<string, string>,
  onBatch: (batch: EventBatch) => Promise<void>,
): Promise<void> {
  const consumer = kafka.consumer({
    groupId: `saldo-audit-${randomUUID()}`,
    maxBytesPerPartition: BYTES_PER_PARTITION_MAX,
    maxBytes: BYTES_MAX,
    maxWaitTimeInMs: 500,
    retry: { retries: 5, restartOnFailure: async () => false },
  });
  const complete = Promise.withResolvers<void>();
  // Prevents an unhandled rejection: it may reject before it is awaited.
  complete.promise.catch(() => {});
  const stall = setTimeout(() => complete.reject(new Error("Kafka delivers no events")), STALL_TIMEOUT_MS);
  consumer.on(consumer.events.CRASH, ({ payload }) => complete.reject(payload.error));
  let hasFailed = false;

  async function consumeAll(): Promise<void> {
    await consumer.connect();
    await consumer.subscribe({ topic: EVENTS_TOPIC, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      async eachBatch(payload) {
        if (hasFailed) return;
        await handle(payload, from, open, onBatch).catch((error: unknown) => {
          hasFailed = true;
          complete.reject(error);
        });
        stall.refresh();
        if (open.size === 0) complete.resolve();
      },
    });
    seek(consumer, from, open);
    await complete.promise;
  }
  try {
    await Promise.race([consumeAll(), complete.promise]);
  } finally {
    clearTimeout(stall);
    // A consumer that is joining a frozen broker takes a minute to leave. The timeout bounds the wait.
    await Promise.race([consumer.disconnect().catch(() => {}), sleep(LEAVE_TIMEOUT_MS)]);
  }
}

function seek(consumer: Consumer, from: Offsets, open: ReadonlyMap<string, string>): void {
  for (const partition of open.keys()) {
    consumer.seek({ topic: EVENTS_TOPIC, partition: Number(partition), offset: from[partition] ?? "0" });
  }
}

/** Handles a batch; drops messages before the first offset, fetched before the seek took effect. */
async function handle(
  { batch }: EachBatchPayload,
  from: Offsets,
  open: Map<string, string>,
  onBatch: (batch: EventBatch) => Promise<void>,
): Promise<void> {
  const partition = String(batch.partition);
  const end = open.get(partition);
  if (end === undefined) return;
  const first = BigInt(from[partition] ?? "0");
  const messages = batch.messages
    .filter(({ offset }) => BigInt(offset) >= first && BigInt(offset) < BigInt(end))
    .map(({ key, value }) => ({ key: String(key ?? ""), value: String(value ?? "") }));
  const behind = BigInt(batch.lastOffset()) + 1n;
  if (behind <= first) return;
  await onBatch({ partition, messages, next: String(behind < BigInt(end) ? behind : end) });
  if (behind >= BigInt(end)) open.delete(partition);
}
