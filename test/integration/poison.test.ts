import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { deriveOperationId } from "../../src/ledger/operationId.ts";
import type { Operation, RequestOfKind } from "../../src/ledger/operations.ts";
import { deposit, operation, transfer, uniqueUserId, withdrawal } from "../support/ledger/operations.ts";
import { audit, createTestLedger, type TestLedger, tally, wordOf } from "../support/ledger/testLedger.ts";

let ledger: TestLedger;

beforeAll(async () => {
  ledger = await createTestLedger("poison");
});

afterAll(() => ledger.close());

beforeEach(() => {
  ledger.refused.length = 0;
});

const carrier = () => `carrier-${crypto.randomUUID()}`;

/** Operations that only PostgreSQL or the ledger's parser refuses, each for another reason. */
const poisons: [string, () => Operation][] = [
  ["a user id with a NUL", () => deposit("user\u0000", "1.00")],
  ["a user id that the CHECK refuses", () => deposit("-user", "1.00")],
  ["a user id that is too long", () => deposit("u".repeat(65), "1.00")],
  ["half a surrogate pair in a user id", () => deposit("user\ud800", "1.00")],
  ["a sender with a NUL", () => transfer("user\u0000", uniqueUserId(), "1.00")],
  ["a malformed amount", () => deposit(uniqueUserId(), "1,00")],
  ["an amount of zero", () => deposit(uniqueUserId(), "0.00")],
  [
    "a transfer to oneself",
    () => {
      const userId = uniqueUserId();
      return transfer(userId, userId, "0.00");
    },
  ],
];

const text = (character: string) => character.repeat(255);
const longestUserId = () => `${uniqueUserId()}:`.padEnd(64, "W");
const longestKey = () => crypto.randomUUID().padEnd(255, "~");

/** An operation with every field at the maximum length of the API. */
function longest(request: RequestOfKind): Operation {
  const caller = text("c");
  const idempotencyKey = longestKey();
  return { ...operation(request), caller, idempotencyKey, operationId: deriveOperationId(caller, idempotencyKey) };
}

describe("a batch of 1,000 operations of maximum length, of which PostgreSQL refuses one,", () => {
  const userIds = Array.from({ length: 100 }, longestUserId);
  const user = (index: number) => userIds[index % userIds.length]!;
  const amount = "9999999999999.99";
  const texts = { comment: text("😀"), source: text("😀") };
  const batch = Array.from({ length: 1_000 }, (_, index): Operation => {
    const { comment } = texts;
    if (index < 100 || index % 3 === 0) {
      return longest({ kind: "deposit", request: { userId: user(index), amount, ...texts } });
    }
    return index % 3 === 1
      ? longest({
          kind: "withdrawal",
          request: { userId: user(index), amount: "0.01", comment, destination: text("😀") },
        })
      : longest({
          kind: "transfer",
          request: { fromUserId: user(index), toUserId: user(index + 1), amount: "0.01", comment },
        });
  });
  const poisoned = longest({ kind: "deposit", request: { userId: `user\u0000${text("x")}`, amount, ...texts } });
  batch[617] = poisoned;

  test("completes 999, declines the one with a single alert, and replays the same outcomes", async () => {
    const workflowId = carrier();
    const { outcomes, operations } = await ledger.post(workflowId, batch);
    expect(operations).toHaveLength(1_000);
    expect(outcomes.map(({ operationId }) => operationId)).toEqual(batch.map(({ operationId }) => operationId));
    expect(tally(outcomes.map(wordOf))).toEqual({ completed: 999, refused_by_ledger: 1 });
    expect(outcomes[617]).toEqual({
      operationId: poisoned.operationId,
      status: "declined",
      code: "refused_by_ledger",
    });
    expect(ledger.refused).toEqual([poisoned]);
    expect(await audit(ledger)).toEqual([]);

    const again = await ledger.post(carrier(), batch);
    expect(again).toMatchObject({ outcomes, operations: [], entries: [] });
    expect(again.stored).toHaveLength(1_000);
    expect(await audit(ledger)).toEqual([]);

    const stored = await ledger.findOperations(batch.map(({ operationId }) => operationId));
    expect(stored).toHaveLength(1_000);
    const requests = new Map(stored.map(({ operationId, request }) => [operationId, request]));
    for (const { operationId, request } of batch) expect(requests.get(operationId)).toEqual(request as never);
    expect((await ledger.outboxOf(workflowId)).flat()).toHaveLength(999);
  });
});

describe("an operation that PostgreSQL refuses", () => {
  test.each(poisons)("is declined with an alert, and its neighbours complete: %s", async (_, make) => {
    const userId = uniqueUserId();
    const poison = make();
    const list = [deposit(userId, "5.00"), poison, withdrawal(userId, "5.00")];
    const { outcomes } = await ledger.post(carrier(), list);
    expect(outcomes.map(wordOf)).toEqual(["completed", "refused_by_ledger", "completed"]);
    expect(ledger.refused).toEqual([poison]);
    expect(await ledger.findOperations([poison.operationId])).toMatchObject([
      { request: poison.request, decline: { code: "refused_by_ledger" }, balance: null },
    ]);
    expect(await ledger.readEntries([poison.operationId])).toEqual([]);
    expect((await ledger.post(carrier(), [poison])).outcomes).toEqual([outcomes[1]!]);
  });

  test("leaves all other outcomes unchanged, wherever and however often it occurs in a list", async () => {
    const places = fc.uniqueArray(fc.tuple(fc.nat({ max: 29 }), fc.nat({ max: poisons.length - 1 })), {
      minLength: 1,
      maxLength: 6,
      selector: ([place]) => place,
    });
    await fc.assert(
      fc.asyncProperty(places, async (poisonings) => {
        const [alice, bob] = [uniqueUserId(), uniqueUserId()];
        const list = Array.from({ length: 30 }, (_, index) => {
          if (index % 3 === 0) return deposit(alice, "1.00");
          return index % 3 === 1 ? transfer(alice, bob, "0.60") : withdrawal(bob, "0.50");
        });
        for (const [place, kind] of poisonings) list[place] = poisons[kind]![1]();
        const sound = list.filter((_, index) => poisonings.every(([place]) => place !== index));

        const { outcomes } = await ledger.post(carrier(), list);
        const expected = simulate(sound, alice);
        expect(outcomes.filter((one) => wordOf(one) !== "refused_by_ledger").map(wordOf)).toEqual(expected.codes);
        expect(tally(outcomes.map(wordOf)).refused_by_ledger).toBe(poisonings.length);
        expect((await ledger.availableMinor(alice)) ?? 0n).toBe(expected.aliceMinor);
        expect((await ledger.availableMinor(bob)) ?? 0n).toBe(expected.bobMinor);
      }),
      { numRuns: 8 },
    );
    expect(await audit(ledger)).toEqual([]);
  });
});

function minorOf(request: Operation["request"]): bigint {
  if (!("amount" in request) || request.amount === undefined) throw new Error("An operation without an amount");
  return BigInt(request.amount.replace(".", ""));
}

/** Computes the outcomes of the list for two users. */
function simulate(list: Operation[], alice: string) {
  const codes: string[] = [];
  const purses = new Map<string, bigint>();
  for (const { kind, request } of list) {
    const minor = minorOf(request);
    const from = kind === "transfer" ? request.fromUserId : kind === "withdrawal" ? request.userId : undefined;
    const to = kind === "transfer" ? request.toUserId : kind === "deposit" ? request.userId : undefined;
    const has = from === undefined ? minor : purses.get(from);
    codes.push(has === undefined ? "account_not_found" : has < minor ? "insufficient_funds" : "completed");
    if (codes.at(-1) !== "completed") continue;
    if (from !== undefined) purses.set(from, purses.get(from)! - minor);
    if (to !== undefined) purses.set(to, (purses.get(to) ?? 0n) + minor);
  }
  const bobMinor = [...purses].find(([userId]) => userId !== alice)?.[1] ?? 0n;
  return { codes, aliceMinor: purses.get(alice) ?? 0n, bobMinor };
}
