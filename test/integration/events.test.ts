import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type CloudEvent, Kafka as KafkaBinding } from "cloudevents";
import type { Publisher } from "../../src/kafka/publisher.ts";
import { createPublisherThread } from "../../src/kafka/publisherThread.ts";
import type { Operation } from "../../src/ledger/operations.ts";
import type { StoredEntry } from "../../src/ledger/records.ts";
import { stack } from "../support/api/client.ts";
import { toMessage } from "../support/kafka/message.ts";
import { createKafkaProxy } from "../support/kafka/proxy.ts";
import { readTopic, readTopicSettings, type TopicMessage } from "../support/kafka/topic.ts";
import { NO_TEXTS } from "../support/ledger/absentFields.ts";
import { operation, transfer, uniqueUserId } from "../support/ledger/operations.ts";
import { createTestLedger, type TestLedger } from "../support/ledger/testLedger.ts";

let ledger: TestLedger;
let publisher: Publisher;

beforeAll(async () => {
  ledger = await createTestLedger("events");
  publisher = createPublisherThread({ brokers: [`127.0.0.1:${stack.ports.kafka}`] });
  await publisher.publish([]);
});

afterAll(async () => {
  await publisher.close();
  await ledger.close();
});

async function publishEntries(operations: Operation[]): Promise<StoredEntry[]> {
  const entries = await ledger.readEntries(operations.map(({ operationId }) => operationId));
  await publisher.publish(entries.map(toMessage));
  return entries;
}

/**
 * Parses a message as a consumer of CloudEvents does, without knowledge of Saldo.
 * @throws if it is not a valid event
 */
function parse({ headers, value }: TopicMessage): CloudEvent<Record<string, unknown>> {
  const event = KafkaBinding.toEvent<Record<string, unknown>>({
    headers,
    value,
    key: undefined,
    body: value,
  } as never) as CloudEvent<Record<string, unknown>>;
  event.validate();
  return event;
}

function entry(userId: string, version: number, comment: string | null = null): StoredEntry {
  return {
    userId,
    version,
    operationId: crypto.randomUUID(),
    workflowId: "carrier",
    kind: "deposit",
    amountMinor: 1n,
    availableDeltaMinor: 1n,
    reservedDeltaMinor: 0n,
    availableAfterMinor: BigInt(version),
    reservedAfterMinor: 0n,
    counterpartyUserId: null,
    reservationId: null,
    serviceId: null,
    orderId: null,
    ...NO_TEXTS,
    comment,
    createdAt: new Date("2026-11-23T12:00:00.000Z"),
  };
}

describe("events", () => {
  test("a transfer is two CloudEvents 1.0, one for each user, with all data of its entries", async () => {
    const [from, to] = [uniqueUserId("from"), uniqueUserId("to")];
    await ledger.fund([from], "10.00");
    const comment = 'Dinner; "half" \\ of it — 😀';
    const posted = operation({
      kind: "transfer",
      request: { fromUserId: from, toUserId: to, amount: "4.00", comment, reference: "R-1", metadata: { table: "7" } },
    });
    await ledger.post("carrier-of-the-transfer", [posted]);
    const entries = await publishEntries([posted]);
    const createdAt = entries[0]!.createdAt.toISOString();

    const messages = await readTopic([from, to]);
    expect(messages.map(({ key }) => key).toSorted((one, other) => (one < other ? -1 : 1))).toEqual([from, to]);
    const sides = [
      {
        ...{ userId: from, counterpartyUserId: to, availableDelta: "-4.00", availableAfter: "6.00", version: 2 },
        description: `You sent 4.00 RUB to ${to}. Comment: “Dinner; 'half' \\ of it — 😀”`,
      },
      {
        ...{ userId: to, counterpartyUserId: from, availableDelta: "4.00", availableAfter: "4.00", version: 1 },
        description: `You received 4.00 RUB from ${from}. Comment: “Dinner; 'half' \\ of it — 😀”`,
      },
    ];
    for (const side of sides) {
      const event = parse(messages.find(({ key }) => key === side.userId)!);
      expect(event.toJSON()).toEqual({
        specversion: "1.0",
        id: `${posted.operationId}:${side.userId}`,
        source: "/saldo",
        type: "saldo.operation.transfer",
        subject: side.userId,
        time: createdAt,
        datacontenttype: "application/json",
        dataschema: "urn:saldo:event:transfer",
        data: {
          ...side,
          kind: "transfer",
          currency: "RUB",
          amount: "4.00",
          reservedDelta: "0.00",
          reservedAfter: "0.00",
          operationId: posted.operationId,
          workflowId: "carrier-of-the-transfer",
          ...{ orderId: null, serviceId: null, serviceName: null, reservationId: null, recognitionId: null },
          ...{ source: null, destination: null, comment, reference: "R-1", metadata: { table: "7" } },
        },
      });
    }
  });

  test("an event published twice has the same id and bytes, though the balance has changed since", async () => {
    const [from, to] = [uniqueUserId(), uniqueUserId()];
    await ledger.fund([from], "10.00");
    const posted = transfer(from, to, "1.00");
    await ledger.post("carrier", [posted]);
    await publishEntries([posted]);
    await ledger.post("carrier", [transfer(to, from, "1.00"), transfer(from, to, "0.50")]);
    await publishEntries([posted]);

    for (const userId of [from, to]) {
      const [first, again, ...others] = await readTopic([userId]);
      expect(others).toEqual([]);
      expect(again!.value).toBe(first!.value);
      expect(parse(first!).id).toBe(`${posted.operationId}:${userId}`);
    }
  });

  test("all events of a user are in one partition", async () => {
    const userIds = Array.from({ length: 5 }, () => uniqueUserId());
    await publisher.publish([1, 2, 3].flatMap((version) => userIds.map((userId) => toMessage(entry(userId, version)))));
    const messages = await readTopic(userIds);
    expect(messages).toHaveLength(15);
    for (const userId of userIds) {
      const partitions = messages.filter(({ key }) => key === userId).map(({ partition }) => partition);
      expect(new Set(partitions).size).toBe(1);
    }
  });

  test("450 events of maximum length are published in requests of 200, in their order", async () => {
    const userId = uniqueUserId().padEnd(64, "W");
    await using proxy = await createKafkaProxy(stack.ports.kafka);
    const proxied = createPublisherThread({ brokers: [proxy.address] });
    await proxied.publish(
      Array.from({ length: 450 }, (_, index) => toMessage(entry(userId, index + 1, "😀".repeat(255)))),
    );
    await proxied.close();
    expect(proxy.produceRequests()).toBe(3);
    const versions = (await readTopic([userId])).map((message) => parse(message).data!.version);
    expect(versions).toEqual(Array.from({ length: 450 }, (_, index) => index + 1));
  });
});

describe("the topic of events", () => {
  test("is retained without limit, never compacted, takes messages of 4 MiB, and has 12 partitions", async () => {
    const names = ["retention.ms", "retention.bytes", "cleanup.policy", "max.message.bytes"];
    expect(await readTopicSettings(names)).toEqual({
      partitions: 12,
      replicas: [1],
      settings: {
        "retention.ms": "-1",
        "retention.bytes": "-1",
        "cleanup.policy": "delete",
        "max.message.bytes": `${4 * 1024 * 1024}`,
      },
    });
  });
});
