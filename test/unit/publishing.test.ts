import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import { entryOf, postingOf, setUpPublishing, unavailable } from "../support/activities/publishing.ts";
import { pass } from "../support/dispatch/dispatching.ts";
import { drainMicrotasks } from "../support/waiting.ts";

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

describe("the events of a posting", () => {
  test("are published from its rows, and its outbox row is deleted once Kafka has acknowledged them", async () => {
    const acknowledged = Promise.withResolvers<void>();
    const { publishPosted, publications, deleted, kafka } = setUpPublishing();
    kafka.publish = () => acknowledged.promise;
    const published = publishPosted({ entries: ["one", "one", "two"].map(entryOf), outboxIds: ["7", "8"] });
    await drainMicrotasks();
    expect([publications, deleted]).toEqual([[], []]);
    acknowledged.resolve();
    expect(await published).toBe(true);
    expect([publications, deleted]).toEqual([[["one", "one", "two"]], ["7", "8"]]);
  });

  test("count as published where there are none, and nothing is sent", async () => {
    const { publishPosted, publications, deleted } = setUpPublishing();
    expect(await publishPosted({ entries: [], outboxIds: [] })).toBe(true);
    expect([publications, deleted]).toEqual([[], []]);
  });

  test("stay in the outbox while Kafka is unavailable", async () => {
    const { publishPosted, deleted, kafka } = setUpPublishing();
    kafka.publish = unavailable("Kafka");
    expect(await publishPosted(postingOf("one"))).toBe(false);
    expect(deleted).toEqual([]);
  });

  test("stay in the outbox where Kafka does not answer within half a second", async () => {
    const { publishPosted, deleted, kafka } = setUpPublishing();
    kafka.publish = () => new Promise(() => {});
    const published = publishPosted(postingOf("one"));
    await drainMicrotasks();
    jest.advanceTimersByTime(500);
    expect(await published).toBe(false);
    expect(deleted).toEqual([]);
  });

  test("do not count as published where their row could not be deleted", async () => {
    const { publishPosted } = setUpPublishing([], { deleteOutbox: unavailable("PostgreSQL") });
    expect(await publishPosted(postingOf("one"))).toBe(false);
  });
});

describe("publications", () => {
  test("run one at a time; postings meanwhile share the next one", async () => {
    const sends: PromiseWithResolvers<void>[] = [];
    const { publishPosted, publications, kafka } = setUpPublishing();
    kafka.publish = () => {
      sends.push(Promise.withResolvers<void>());
      return sends.at(-1)!.promise;
    };
    const published = ["one", "two", "three"].map((id) => publishPosted(postingOf(id)));
    await drainMicrotasks();
    expect(sends).toHaveLength(1);
    sends[0]!.resolve();
    await drainMicrotasks();
    expect([sends.length, publications]).toEqual([2, [["one"]]]);
    sends[1]!.resolve();
    expect(await Promise.all(published)).toEqual([true, true, true]);
    expect(publications).toEqual([["one"], ["two", "three"]]);
  });

  test("hold at most 2,000 entries, unless one posting alone has more", async () => {
    const { publishPosted, publications } = setUpPublishing();
    const sizes = [1, 1_000, 1_000, 1, 2_500, 1];
    await Promise.all(sizes.map((entries, index) => publishPosted(postingOf(`${index}`, entries))));
    expect(publications.map((operationIds) => operationIds.length)).toEqual([1, 2_000, 1, 2_500, 1]);
  });

  test("wait for postings that follow shortly, and share one publication with them", async () => {
    const { publishPosted, publications } = setUpPublishing([], {}, 25);
    const published = [publishPosted(postingOf("one"))];
    await pass(24);
    published.push(publishPosted(postingOf("two")));
    expect(publications).toEqual([]);
    await pass(1);
    expect(await Promise.all(published)).toEqual([true, true]);
    expect(publications).toEqual([["one", "two"]]);
  });

  test("do not wait for the deletion of earlier rows", async () => {
    const { publishPosted, publications } = setUpPublishing([], { deleteOutbox: () => new Promise(() => {}) });
    void publishPosted(postingOf("one"));
    await drainMicrotasks();
    void publishPosted(postingOf("two"));
    await drainMicrotasks();
    expect(publications).toEqual([["one"], ["two"]]);
  });

  test("fail for all postings that share them, and are then skipped for a while", async () => {
    const { publishPosted, kafka, publications } = setUpPublishing();
    let attempts = 0;
    kafka.publish = () => {
      attempts += 1;
      return unavailable("Kafka")();
    };
    const published = ["one", "two", "three"].map((id) => publishPosted(postingOf(id)));
    expect(await Promise.all(published)).toEqual([false, false, false]);
    expect([attempts, publications]).toEqual([1, []]);
  });
});
