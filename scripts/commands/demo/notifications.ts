import { Kafka, logLevel } from "kafkajs";
import { EVENTS_TOPIC } from "../../../src/kafka/events.ts";
import { StackError } from "../../stack/site.ts";

const timeoutMs = 30_000;

/** The fields of an event that a notification service uses. */
export interface SaldoEvent {
  id: string;
  data: {
    userId: string;
    counterpartyUserId: string | null;
    kind: string;
    amount: string;
    availableDelta: string;
    availableAfter: string;
    version: number;
    orderId: string | null;
    comment: string | null;
  };
}

/**
 * Consumes the events of some users from now on, as a notification service would.
 * @returns a function that waits for `count` events: deduplicated by id, in the order of each account's versions
 */
export async function listen(brokers: string[], users: string[]): Promise<(count: number) => Promise<SaldoEvent[]>> {
  const kafka = new Kafka({ brokers, clientId: "saldo-demo", logLevel: logLevel.NOTHING });
  const offsets = await readOffsets(kafka);
  return async (count) => {
    const events = new Map<string, SaldoEvent>();
    const consumer = kafka.consumer({ groupId: `saldo-demo-${crypto.randomUUID()}` });
    const complete = Promise.withResolvers<void>();
    await consumer.connect();
    try {
      await consumer.subscribe({ topic: EVENTS_TOPIC, fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        async eachMessage({ message }) {
          if (!users.includes(message.key?.toString() ?? "")) return;
          const event = JSON.parse(message.value?.toString() ?? "") as SaldoEvent;
          // Delivery is at least once: the id deduplicates events.
          events.set(event.id, event);
          if (events.size === count) complete.resolve();
        },
      });
      for (const { partition, offset } of offsets) consumer.seek({ topic: EVENTS_TOPIC, partition, offset });
      const timer = setTimeout(
        () => complete.reject(new StackError(`The demo failed: received ${events.size} of ${count} events.`)),
        timeoutMs,
      );
      await complete.promise.finally(() => clearTimeout(timer));
    } finally {
      await consumer.disconnect();
    }
    return [...events.values()].toSorted((a, b) => compare(a, b, users));
  };
}

/** The topic's high watermarks: the consumer starts there, however long the topic is. */
async function readOffsets(kafka: Kafka): Promise<{ partition: number; offset: string }[]> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    // Saldo creates the topic with its first event.
    const exists = (await admin.listTopics()).includes(EVENTS_TOPIC);
    return exists ? await admin.fetchTopicOffsets(EVENTS_TOPIC) : [];
  } finally {
    await admin.disconnect();
  }
}

/** Orders an account's events by its version: their order in the partition is not guaranteed. */
function compare(a: SaldoEvent, b: SaldoEvent, users: string[]): number {
  return users.indexOf(a.data.userId) - users.indexOf(b.data.userId) || a.data.version - b.data.version;
}

/** The text of a push notification to the user. */
export function describeEvent({ data }: SaldoEvent, currency: string): string {
  const money = `${data.amount} ${currency}`;
  const comment = data.comment === null ? "" : ` ("${data.comment}")`;
  const left = `Available: ${data.availableAfter} ${currency}.`;
  const came = !data.availableDelta.startsWith("-");
  switch (data.kind) {
    case "deposit":
      return `${money} came in${comment}. ${left}`;
    case "withdrawal":
      return `${money} were paid out${comment}. ${left}`;
    case "transfer":
      return `${came ? `${data.counterpartyUserId} sent you ${money}` : `You sent ${money} to ${data.counterpartyUserId}`}${comment}. ${left}`;
    case "reservation":
      return `${money} were reserved for order ${data.orderId}. ${left}`;
    case "recognition":
      return `${money} were charged for order ${data.orderId}. ${left}`;
    case "release":
      return `${money} reserved for order ${data.orderId} are available again. ${left}`;
    case "expiry":
      return `The reservation of ${money} for order ${data.orderId} expired: the money is available again. ${left}`;
    case "refund":
      return `${money} were refunded for order ${data.orderId}. ${left}`;
    default:
      throw new StackError(`The demo failed: received an event of the unknown kind ${data.kind}.`);
  }
}
