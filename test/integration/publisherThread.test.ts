import { afterAll, expect, test } from "bun:test";
import { createPublisherThread } from "../../src/kafka/publisherThread.ts";
import type { StoredEntry } from "../../src/ledger/records.ts";
import { stack } from "../support/api/client.ts";
import { toMessage } from "../support/kafka/message.ts";
import { createKafkaProxy } from "../support/kafka/proxy.ts";
import { readTopic } from "../support/kafka/topic.ts";
import { NO_TEXTS } from "../support/ledger/absentFields.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { eventually } from "../support/waiting.ts";

const publisher = createPublisherThread({ brokers: [`127.0.0.1:${stack.ports.kafka}`] });
afterAll(() => publisher.close());

function messageOf(userId: string) {
  return toMessage({
    ...{ userId, version: 1, operationId: crypto.randomUUID(), workflowId: "carrier", kind: "deposit" },
    ...{ amountMinor: 1n, availableDeltaMinor: 1n, reservedDeltaMinor: 0n, availableAfterMinor: 1n },
    ...{ reservedAfterMinor: 0n, counterpartyUserId: null, reservationId: null, serviceId: null, orderId: null },
    ...{ ...NO_TEXTS, createdAt: new Date() },
  } satisfies StoredEntry);
}

test("the publisher thread publishes messages with the given headers", async () => {
  const userId = uniqueUserId();
  await publisher.publish([messageOf(userId)], { traceparent: "00-trace" });
  const [message] = await readTopic([userId]);
  expect(message!.headers).toMatchObject({ traceparent: "00-trace" });
});

test("a lost acknowledgement fails its publication, and a later publication succeeds", async () => {
  await using proxy = await createKafkaProxy(stack.ports.kafka);
  const proxied = createPublisherThread({ brokers: [proxy.address] });
  const userId = uniqueUserId();
  await proxied.publish([]);
  const held = proxy.holdAnswers();
  const failure = proxied.publish([messageOf(userId)]).catch((error: unknown) => error);
  await held;
  proxy.cut();
  expect(await failure).toBeInstanceOf(Error);
  const again = messageOf(userId);
  await eventually(() => proxied.publish([again]).then(() => true));
  await proxied.close();
  expect((await readTopic([userId])).map(({ value }) => value)).toContain(again.value);
});

test("a publication fails once the thread is closed", async () => {
  const closed = createPublisherThread({ brokers: [`127.0.0.1:${stack.ports.kafka}`] });
  await closed.publish([]);
  await closed.close();
  await expect(closed.publish([])).rejects.toThrow("Publishing has ended");
});
