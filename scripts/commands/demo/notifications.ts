import { Kafka, logLevel } from "kafkajs";
import { EVENTS_TOPIC } from "../../../src/kafka/events.ts";
import { StackError } from "../../stack/site.ts";

const timeoutMs = 30_000;

/** An event of the topic, as far as a notification service cares. */
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
 * Listens from now on, as a notification service would, to the events of some users.
 * @returns a function that waits until `count` of them are there: each once, in the order of each account's versions.
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
          // Delivery is at least once: the id tells an event that was seen before.
          events.set(event.id, event);
          if (events.size === count) complete.resolve();
        },
      });
      for (const { partition, offset } of offsets) consumer.seek({ topic: EVENTS_TOPIC, partition, offset });
      const timer = setTimeout(
        () => complete.reject(new StackError(`The demo failed: ${events.size} of ${count} events came.`)),
        timeoutMs,
      );
      await complete.promise.finally(() => clearTimeout(timer));
    } finally {
      await consumer.disconnect();
    }
    return [...events.values()].toSorted((a, b) => compare(a, b, users));
  };
}

/** The topic's end at this moment, so that only what follows is read, however long the topic has become. */
async function readOffsets(kafka: Kafka): Promise<{ partition: number; offset: string }[]> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    // Saldo makes the topic with its first event.
    const isMade = (await admin.listTopics()).includes(EVENTS_TOPIC);
    return isMade ? await admin.fetchTopicOffsets(EVENTS_TOPIC) : [];
  } finally {
    await admin.disconnect();
  }
}

/** Within a partition the order is not promised: an account's version is what orders its events. */
function compare(a: SaldoEvent, b: SaldoEvent, users: string[]): number {
  return users.indexOf(a.data.userId) - users.indexOf(b.data.userId) || a.data.version - b.data.version;
}

/** What the user would read on the phone. */
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
      return `${money} that were reserved for order ${data.orderId} are yours again. ${left}`;
    case "expiry":
      return `${money} that were reserved for order ${data.orderId} are yours again: the time is over. ${left}`;
    case "refund":
      return `${money} were refunded for order ${data.orderId}. ${left}`;
    default:
      throw new StackError(`The demo failed: an event of the unknown kind ${data.kind} came.`);
  }
}
