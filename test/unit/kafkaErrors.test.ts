import { expect, test } from "bun:test";
import { KafkaJSConnectionError, KafkaJSNumberOfRetriesExceeded, KafkaJSRequestTimeoutError } from "kafkajs";
import { describeKafkaError } from "../../src/kafka/errors.ts";

const BROKERS = ["one:9092", "two:9092"];
const textOf = (error: unknown) => describeKafkaError(error, BROKERS).message;

test("an error of a broker names it and the step that failed, also below other errors", () => {
  const refused = new KafkaJSConnectionError("Connection error: connect ECONNREFUSED", { broker: "two:9092" });
  expect(textOf(refused)).toBe("Kafka two:9092: connect ECONNREFUSED");
  expect(textOf(new KafkaJSNumberOfRetriesExceeded(refused, { retryCount: 0, retryTime: 0 }))).toBe(
    "Kafka two:9092: connect ECONNREFUSED",
  );
  const timeout = {
    broker: "one:9092",
    clientId: "saldo",
    correlationId: 1,
    createdAt: 1,
    sentAt: 1,
    pendingDuration: 1,
  };
  expect(textOf(new KafkaJSRequestTimeoutError("Request Produce(key: 0, version: 7) timed out", timeout))).toBe(
    "Kafka one:9092: Request Produce(key: 0, version: 7) timed out",
  );
});

test("an error without a broker names all of them, and its innermost cause", () => {
  expect(textOf(new Error("outer", { cause: new Error("Not enough in-sync replicas") }))).toBe(
    "Kafka one:9092, two:9092: Not enough in-sync replicas",
  );
  expect(textOf("closed")).toBe("Kafka one:9092, two:9092: closed");
});
