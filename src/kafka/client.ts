import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import { Kafka, logLevel } from "kafkajs";

/** What publishers and readers share. It does not retry by itself: Temporal does, where an operator can see it. */
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
