import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import { Kafka, logLevel } from "kafkajs";

/** Creates the Kafka client of publishers and readers. It does not retry: Temporal does, where operators see it. */
export function createKafka(brokers: string[]): Kafka {
  return new Kafka({
    clientId: "saldo",
    brokers,
    connectionTimeout: 1_000,
    requestTimeout: 2_000,
    retry: { retries: 0 },
    logLevel: logLevel.NOTHING,
    socketFactory: ({ host, port, ssl, onConnect }) => {
      const socket = ssl ? connectTls({ host, port, ...ssl }, onConnect) : connect({ host, port }, onConnect);
      socket.setNoDelay(true);
      return socket;
    },
  });
}
