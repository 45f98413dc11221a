import { beforeEach, describe, expect, test } from "bun:test";
import { type Batch, createQueue, type Queue, type QueueEntry } from "../../src/dispatch/queue.ts";
import type { Operation } from "../../src/ledger/operations.ts";
import { deposit, operation } from "../support/ledger/operations.ts";
import { reservation, uniqueOrder } from "../support/ledger/reservationOperations.ts";

let queue: Queue;
beforeEach(() => {
  queue = createQueue();
});

function entryOf(operations: Operation[], isAtomic?: boolean): QueueEntry {
  const batch = { operations, ...(isAtomic && { isAtomic }) };
  return { batch, requestId: "", queuedAtMs: 0, resolve() {}, reject() {} };
}

function push(...entries: QueueEntry[]): QueueEntry[] {
  for (const entry of entries) queue.push(entry);
  return entries;
}

const deposits = (count: number) => Array.from({ length: count }, () => deposit("alice", "1.00"));
const money = (count = 1) => entryOf(deposits(count));
const atomic = (operations = deposits(2)) => entryOf(operations, true);
const reserving = () => entryOf([deposit("alice", "1.00"), reservation(uniqueOrder(), "1.00")]);
const all = { operationsMax: 1_000 };

describe("a batch taken from the queue", () => {
  test("comes from the front, in order of arrival, as far as it fits", () => {
    const [first, second, third, fourth] = push(money(600), money(300), money(200), money(1));
    expect(queue.take(all)).toEqual([first!, second!]);
    expect(queue.take(all)).toEqual([third!, fourth!]);
    expect(queue.take(all)).toEqual([]);
  });

  test("holds exactly as many operations as a carrier", () => {
    const entries = push(money(999), money(1));
    expect(queue.take(all)).toEqual(entries);
  });

  test("has at least one entry, however large", () => {
    const [large] = push(money(2), money(1));
    expect(queue.take({ operationsMax: 1 })).toEqual([large!]);
  });

  test("never exceeds the bytes of a carrier, and leaves no entry that fits", () => {
    const comment = "😀".repeat(255);
    const long = () => entryOf([operation({ kind: "deposit", request: { userId: "alice", amount: "1.00", comment } })]);
    const entries = push(...Array.from({ length: 10 }, long));
    const bytes = (count: number) =>
      entries.slice(0, count).reduce((sum, { batch }) => sum + Buffer.byteLength(JSON.stringify(batch.operations)), 0);
    expect(queue.take({ ...all, bytesMax: bytes(4) - 1 })).toEqual(entries.slice(0, 3));
    expect(queue.take({ ...all, bytesMax: bytes(4) })).toEqual(entries.slice(3, 7));
    expect(queue.take({ ...all, bytesMax: 1 })).toEqual(entries.slice(7, 8));
  });

  test("skips entries that may not be taken and leaves them in their place", () => {
    const [first, kept, last] = push(money(), reserving(), money());
    const mayTake = (batch: Batch) => batch !== kept!.batch;
    expect(queue.take({ ...all, mayTake })).toEqual([first!, last!]);
    expect(queue.take(all)).toEqual([kept!]);
  });
});

describe("an atomic batch", () => {
  test("at the front is taken alone", () => {
    const [alone, after] = push(atomic(), money());
    expect(queue.take(all)).toEqual([alone!]);
    expect(queue.take(all)).toEqual([after!]);
  });

  test("behind others ends the taken batch and stays before later entries", () => {
    const [before, alone, after] = push(money(), atomic(), money());
    expect(queue.take(all)).toEqual([before!]);
    expect(queue.take(all)).toEqual([alone!]);
    expect(queue.take(all)).toEqual([after!]);
  });
});

test("entries that are put back are taken first, in their order", () => {
  const entries = push(money(), money(), money());
  const taken = queue.take({ operationsMax: 2 });
  const [later] = push(money());
  queue.putBack(taken);
  expect(queue.take(all)).toEqual([...entries, later!]);
});

test("batches, operations and the age of the first are tracked, also across taking and putting back", () => {
  const figures = () => [queue.size(), queue.operations(), queue.oldestAtMs()];
  expect(figures()).toEqual([0, 0, undefined]);
  push({ ...money(2), queuedAtMs: 7 }, { ...atomic(deposits(3)), queuedAtMs: 8 });
  expect(figures()).toEqual([2, 5, 7]);
  const taken = queue.take(all);
  expect(figures()).toEqual([1, 3, 8]);
  queue.putBack(taken);
  expect(figures()).toEqual([2, 5, 7]);
});

test("the operations of each caller are counted, also across taking and putting back", () => {
  const of = (caller: string, count: number) => entryOf(deposits(count).map((one) => ({ ...one, caller })));
  const [alice, bob] = push(of("alice", 3), of("bob", 2));
  push(of("alice", 4));
  const held = () => [alice!, bob!].map(({ batch }) => queue.heldBy(batch));
  expect(held()).toEqual([7, 2]);
  const taken = queue.take({ operationsMax: 5 });
  expect(held()).toEqual([4, 0]);
  queue.putBack(taken);
  expect(held()).toEqual([7, 2]);
});

describe("a carrier is blocked", () => {
  const isBlocking = () => ({ carrier: queue.isBlocking(false), saga: queue.isBlocking(true) });

  test("by no list without a reservation", () => {
    push(money());
    expect(isBlocking()).toEqual({ carrier: false, saga: false });
  });

  test("by a list that reserves, unless it is a saga", () => {
    push(money(), reserving());
    expect(isBlocking()).toEqual({ carrier: true, saga: false });
    queue.take(all);
    expect(isBlocking()).toEqual({ carrier: false, saga: false });
  });

  test.each([
    ["of money", atomic],
    ["that reserves", () => atomic([reservation(uniqueOrder(), "1.00")])],
  ])("by an atomic batch %s, also a saga, until the last one is taken", (_, batch) => {
    push(batch(), batch());
    expect(isBlocking()).toEqual({ carrier: true, saga: true });
    const taken = queue.take(all);
    expect(isBlocking()).toEqual({ carrier: true, saga: true });
    queue.take(all);
    expect(isBlocking()).toEqual({ carrier: false, saga: false });
    queue.putBack(taken);
    expect(isBlocking()).toEqual({ carrier: true, saga: true });
  });
});

test("the first batch of a kind is found where it waits", () => {
  const [, wanted] = push(money(), atomic(), atomic());
  expect(queue.find(({ isAtomic }) => isAtomic === true)).toBe(wanted!.batch);
  expect(queue.find(() => false)).toBeUndefined();
  expect(queue.size()).toBe(3);
});
