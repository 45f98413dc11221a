import type { OnConnection } from "../lib/connections.ts";
import { createKafka, type KafkaSettings } from "./client.ts";

/** Probes within this time share one check, so that they open few connections. */
const CHECK_EVERY_MS = 5_000;

/**
 * Creates a check whether Kafka accepts a new connection and its login.
 * An open connection would not show a rotated password. All brokers are tried at once, and one is enough: a frozen one
 * would take longer than the probe waits. Each outcome is reported to `onConnection`.
 */
export function createKafkaCheck(
  settings: KafkaSettings,
  onConnection: OnConnection,
  connect: (settings: KafkaSettings) => Promise<void> = connectOnce,
  nowMs: () => number = () => performance.now(),
): () => Promise<void> {
  let latest: { startedAtMs: number; result: Promise<void> } | undefined;

  async function connectToOne(): Promise<void> {
    try {
      await Promise.any(settings.brokers.map((broker) => connect({ ...settings, brokers: [broker] })));
    } catch (error) {
      onConnection(error);
      throw error;
    }
    onConnection();
  }

  return () => {
    if (!latest || nowMs() - latest.startedAtMs >= CHECK_EVERY_MS) {
      latest = { startedAtMs: nowMs(), result: connectToOne() };
    }
    return latest.result;
  };
}

async function connectOnce(settings: KafkaSettings): Promise<void> {
  const admin = createKafka(settings).admin();
  try {
    await admin.connect();
  } finally {
    admin.disconnect().catch(() => {});
  }
}
