import type { OnConnection } from "../lib/connections.ts";
import { connectToAny, createKafka, type KafkaSettings } from "./client.ts";

/** Probes within this time share one check, so that they open few connections. */
const CHECK_EVERY_MS = 5_000;

/**
 * Creates a check whether Kafka accepts a new connection and its login.
 * An open connection would not show a rotated password. Failures are reported to `onConnection`.
 */
export function createKafkaCheck(
  settings: KafkaSettings,
  onConnection: OnConnection,
  nowMs: () => number = () => performance.now(),
): () => Promise<void> {
  const kafka = createKafka(settings);
  let latest: { startedAtMs: number; result: Promise<void> } | undefined;

  async function connect(): Promise<void> {
    const admin = kafka.admin();
    try {
      await connectToAny(admin, settings.brokers);
    } catch (error) {
      onConnection(error);
      throw error;
    } finally {
      admin.disconnect().catch(() => {});
    }
  }

  return () => {
    if (!latest || nowMs() - latest.startedAtMs >= CHECK_EVERY_MS) {
      latest = { startedAtMs: nowMs(), result: connect() };
    }
    return latest.result;
  };
}
