import { setTimeout as sleep } from "node:timers/promises";
import { connectToAny, createKafka, type KafkaSettings } from "./client.ts";
import { EVENTS_TOPIC } from "./events.ts";

/** A new topic's leaders answer within a second. Far more is an error of the cluster. */
const LEADERS_TIMEOUT_MS = 30_000;
const RETRY_PAUSE_MS = 200;

/** Deletes the topic of events where it exists. @throws where Kafka is unreachable or refuses */
export async function deleteTopic(settings: KafkaSettings): Promise<void> {
  const admin = createKafka(settings).admin();
  try {
    await connectToAny(admin, settings.brokers);
    if ((await admin.listTopics()).includes(EVENTS_TOPIC)) await admin.deleteTopics({ topics: [EVENTS_TOPIC] });
  } finally {
    await admin.disconnect();
  }
}

/**
 * Waits until each partition's leader answers.
 * Just after the creation of a topic, its metadata names leaders that still refuse events.
 */
export async function awaitLeaders(settings: KafkaSettings): Promise<void> {
  const deadline = performance.now() + LEADERS_TIMEOUT_MS;
  const admin = createKafka(settings).admin();
  try {
    await connectToAny(admin, settings.brokers);
    for (;;) {
      try {
        await admin.fetchTopicOffsets(EVENTS_TOPIC);
        return;
      } catch (error) {
        if (performance.now() > deadline) throw error;
        await sleep(RETRY_PAUSE_MS);
      }
    }
  } finally {
    await admin.disconnect();
  }
}
