import { describe, expect, test } from "bun:test";
import type { EventMessage } from "../../src/kafka/events.ts";
import { createPublisher } from "../../src/kafka/publisher.ts";
import { stack } from "../support/api/client.ts";
import { toMessage } from "../support/kafka/message.ts";
import { createKafkaProxy } from "../support/kafka/proxy.ts";
import { readTopic, type TopicMessage } from "../support/kafka/topic.ts";
import { NO_TEXTS } from "../support/ledger/absentFields.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { eventually } from "../support/waiting.ts";

function event(userId: string, version: number): EventMessage {
  return toMessage({
    userId,
    version,
    operationId: crypto.randomUUID(),
    workflowId: "carrier",
    kind: "deposit",
    amountMinor: 100n,
    availableDeltaMinor: 100n,
    reservedDeltaMinor: 0n,
    availableAfterMinor: 100n,
    reservedAfterMinor: 0n,
    counterpartyUserId: null,
    reservationId: null,
    serviceId: null,
    orderId: null,
    ...NO_TEXTS,
    createdAt: new Date("2026-11-23T12:00:00.000Z"),
  });
}

const values = (messages: TopicMessage[]) => messages.map(({ value }) => value);

/** Bounds the wait for the second send. A producer that sends one request at a time never sends it. */
const SECOND_SEND_LIMIT_MS = 500;

describe("a connection to Kafka that is cut between append and acknowledgement", () => {
  test.each([1, 2, 3])(
    "with a second send waiting, no acknowledged event is lost, and retries complete the rest (round %p)",
    async () => {
      const userId = uniqueUserId();
      const [before, first, second] = [1, 2, 3].map((version) => event(userId, version)) as [
        EventMessage,
        EventMessage,
        EventMessage,
      ];
      await using proxy = await createKafkaProxy(stack.ports.kafka);
      const publisher = createPublisher({ brokers: [proxy.address] });
      await publisher.publish([before]);

      const appended = proxy.holdAnswers();
      const sends = [publisher.publish([first])];
      await appended;
      sends.push(publisher.publish([second]));
      await Promise.race([proxy.awaitProduceRequests(3), Bun.sleep(SECOND_SEND_LIMIT_MS)]);
      proxy.cut();

      const results = await Promise.allSettled(sends);
      const acknowledged = [first, second].filter((_, index) => results[index]!.status === "fulfilled");
      const unacknowledged = [first, second].filter((_, index) => results[index]!.status === "rejected");
      const inTopic = values(await readTopic([userId]));
      const lost = acknowledged.filter(({ value }) => !inTopic.includes(value));
      expect(lost).toEqual([]);
      // Shows that the case occurred: the event was appended but not acknowledged.
      expect(inTopic).toContain(first.value);
      expect(unacknowledged).toContain(first);

      for (const message of unacknowledged) await eventually(() => publisher.publish([message]).then(() => true));
      await publisher.close();
      // Duplicates are equal to the byte, the id included.
      const afterwards = values(await readTopic([userId]));
      expect(new Set(afterwards)).toEqual(new Set([before.value, first.value, second.value]));
      expect(afterwards.filter((value) => value === first.value)).toHaveLength(2);
    },
  );
});

describe("an unreachable Kafka", () => {
  test("fails publications, which succeed once it is back, with the same publisher", async () => {
    const userId = uniqueUserId();
    const message = event(userId, 1);
    let address: string;
    {
      await using gone = await createKafkaProxy(stack.ports.kafka);
      ({ address } = gone);
    }
    const publisher = createPublisher({ brokers: [address] });
    await expect(publisher.publish([message])).rejects.toThrow();
    await expect(publisher.publish([message])).rejects.toThrow();

    await using _back = await createKafkaProxy(stack.ports.kafka, Number(address.split(":")[1]));
    await publisher.publish([message]);
    await publisher.close();
    expect(values(await readTopic([userId]))).toEqual([message.value]);
  });
});
