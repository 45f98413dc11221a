import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Consumer, EachBatchPayload, Kafka } from "kafkajs";
import { createKafka } from "./client.ts";
import { EVENTS_TOPIC, type EventMessage } from "./events.ts";

/** A broker that says nothing for so long is away. Joining a group takes a broker that has just started some seconds. */
const STALL_LIMIT_MS = 20_000;

const LEAVE_LIMIT_MS = 2_000;

/** Of one answer of the broker: some thousand events, and no more are in memory at once. */
const BYTES_PER_PARTITION_MAX = 1024 * 1024;
const BYTES_MAX = 4 * 1024 * 1024;

/** By partition. */
export type Offsets = Record<string, string>;

/** What was read of one partition, and where the next begins. */
export type EventBatch = { partition: string; messages: EventMessage[]; next: string };

/** Reads the topic of events from offset to offset, without a trace of having done so: no offsets are committed. */
export function createEventReader(brokers: string[]) {
  const kafka = createKafka(brokers);

  return {
    /** Where each partition begins and ends at this moment. @throws where Kafka is away, or the topic is not there. */
    async readEnds(): Promise<{ low: Offsets; high: Offsets }> {
      const admin = kafka.admin();
      try {
        await admin.connect();
        const ends = await admin.fetchTopicOffsets(EVENTS_TOPIC);
        return {
          low: Object.fromEntries(ends.map(({ partition, low }) => [partition, low])),
          high: Object.fromEntries(ends.map(({ partition, high }) => [partition, high])),
        };
      } finally {
        await admin.disconnect();
      }
    },

    /** Hands on what lies between, batch by batch, the next once `onBatch` is done with the one before. @throws where Kafka is away. */
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
  // It may be known before anyone waits for it.
  complete.promise.catch(() => {});
  const stall = setTimeout(() => complete.reject(new Error("Kafka does not hand on its events")), STALL_LIMIT_MS);
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
    // One that is still joining a frozen broker takes a minute to leave; nobody waits for that.
    await Promise.race([consumer.disconnect().catch(() => {}), sleep(LEAVE_LIMIT_MS)]);
  }
}

function seek(consumer: Consumer, from: Offsets, open: ReadonlyMap<string, string>): void {
  for (const partition of open.keys()) {
    consumer.seek({ topic: EVENTS_TOPIC, partition: Number(partition), offset: from[partition] ?? "0" });
  }
}

/** What lies before the beginning was on its way already when that was sought. */
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
