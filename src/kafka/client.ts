import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import { Kafka, logLevel, type SASLOptions } from "kafkajs";
import { readSecret, type Secret } from "../lib/secrets.ts";
import { readTls, type TlsSettings } from "../lib/tls.ts";

export type KafkaSettings = {
  brokers: string[];
  tls?: TlsSettings;
  sasl?: { mechanism: "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512"; username: string; password: Secret };
};

/**
 * Creates the Kafka client of publishers and readers. It does not retry: Temporal does, where operators see it.
 * With retries, kafkajs 2.2.4 would also lose messages: a retry leaves out brokers that have acknowledged. One of them
 * may be the new leader of a partition whose messages failed.
 * Each new connection reads certificates and password anew, so they may rotate.
 */
export function createKafka({ brokers, tls, sasl }: KafkaSettings): Kafka {
  return new Kafka({
    clientId: "saldo",
    brokers,
    connectionTimeout: 1_000,
    requestTimeout: 2_000,
    retry: { retries: 0 },
    logLevel: logLevel.NOTHING,
    ...(tls && { ssl: true }),
    ...(sasl && { sasl: toSaslOptions(sasl) }),
    socketFactory: ({ host, port, onConnect }) => {
      const socket = tls
        ? connectTls({ host, port, ...readTls(tls, host) }, onConnect)
        : connect({ host, port }, onConnect);
      socket.setNoDelay(true);
      return socket;
    },
  });
}

/** The library reads the password with each login, so a getter returns the present one. */
function toSaslOptions({ mechanism, username, password }: NonNullable<KafkaSettings["sasl"]>): SASLOptions {
  return {
    mechanism: mechanism.toLowerCase() as "plain",
    username,
    get password() {
      return readSecret(password);
    },
  };
}

/**
 * Connects by the first of the brokers that can be reached.
 * Without retries kafkajs tries one broker, always the first of the list, and the next one at the next call.
 */
export async function connectToAny(client: { connect(): Promise<void> }, brokers: readonly string[]): Promise<void> {
  for (const broker of brokers) {
    try {
      return await client.connect();
    } catch (error) {
      if (broker === brokers.at(-1)) throw error;
    }
  }
}
