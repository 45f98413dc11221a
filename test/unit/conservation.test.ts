import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type Decision, decide } from "../../src/ledger/decide.ts";
import { formatAmount } from "../../src/ledger/money.ts";
import { type DeclineCode, differingFields, type Operation } from "../../src/ledger/operations.ts";
import type { Account } from "../../src/ledger/records.ts";
import { deposit, transfer, withdrawal } from "../support/operations.ts";

const userIds = ["a", "b", "c", "d"];
const LIMIT_MINOR = 9_000_000_000_000_000_000n;

const userId = fc.constantFrom(...userIds);
const amount = fc
  .oneof(fc.bigInt({ min: 1n, max: 500n }), fc.bigInt({ min: 1n, max: 10n ** 15n - 1n }))
  .map(formatAmount);
/** Few keys, so that operations repeat, and stand for other requests. */
const key = fc.nat({ max: 40 }).map(String);

const pairOfUsers = fc.tuple(userId, userId).filter(([from, to]) => from !== to);
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.tuple(userId, amount, key).map((fields) => deposit(...fields)),
  fc.tuple(userId, amount, key).map((fields) => withdrawal(...fields)),
  fc.tuple(pairOfUsers, amount, key).map(([[from, to], ...fields]) => transfer(from, to, ...fields)),
);
const operations = fc.array(operation, { minLength: 1, maxLength: 60 });

/** Balances in minor units at the start; undefined for a user without an account. */
const startingBalances = fc.array(
  fc.oneof(
    fc.constant(undefined),
    fc.bigInt({ min: 0n, max: 1_000n }),
    fc.bigInt({ min: LIMIT_MINOR - 1_000n, max: LIMIT_MINOR }),
  ),
  { minLength: userIds.length, maxLength: userIds.length },
);

function decideOn(balances: (bigint | undefined)[], list: Operation[]): Decision {
  const accounts = userIds.map((id, index): [string, Account] => {
    const availableMinor = balances[index];
    const account = { userId: id, availableMinor: availableMinor ?? 0n, reservedMinor: 0n };
    return [
      id,
      availableMinor === undefined
        ? { ...account, version: 0, lastEntryAt: null }
        : { ...account, version: 1, lastEntryAt: new Date(0) },
    ];
  });
  return decide(list, { accounts: new Map(accounts), stored: [], clock: new Date(1_000) });
}

type Answer = "completed" | "mismatched" | DeclineCode;

/** The same rules, told as briefly as they can be: what each operation is answered, and what everybody has in the end. */
function simulate(balances: (bigint | undefined)[], list: Operation[]) {
  const money = new Map(userIds.map((id, index) => [id, balances[index]]));
  const answers = new Map<string, { asked: Operation; answer: Answer }>();

  function apply({ kind, request }: Operation): Answer {
    const minor = BigInt(request.amount.replace(".", ""));
    const from = kind === "transfer" ? request.fromUserId : kind === "withdrawal" ? request.userId : undefined;
    const to = kind === "transfer" ? request.toUserId : kind === "deposit" ? request.userId : undefined;
    const has = from && money.get(from);
    if (from && has === undefined) return "account_not_found";
    if (typeof has === "bigint" && has < minor) return "insufficient_funds";
    if (to && (money.get(to) ?? 0n) + minor > LIMIT_MINOR) return "balance_limit_exceeded";
    if (from) money.set(from, money.get(from)! - minor);
    if (to) money.set(to, (money.get(to) ?? 0n) + minor);
    return "completed";
  }

  const all = list.map((asked): Answer => {
    const before = answers.get(asked.operationId);
    if (before) return differingFields(asked, before.asked).length === 0 ? before.answer : "mismatched";
    const answer = apply(asked);
    answers.set(asked.operationId, { asked, answer });
    return answer;
  });
  return { answers: all, money };
}

const sum = (values: Iterable<bigint | undefined>) =>
  [...values].reduce<bigint>((total, one) => total + (one ?? 0n), 0n);

describe("random lists of operations", () => {
  test("every operation is answered, and every balance left, as an independent model says", () => {
    fc.assert(
      fc.property(startingBalances, operations, (balances, list) => {
        const decision = decideOn(balances, list);
        const model = simulate(balances, list);
        expect(
          decision.outcomes.map((outcome) => (outcome.status === "declined" ? outcome.code : outcome.status)),
        ).toEqual(model.answers);
        for (const { userId: id, availableMinor } of decision.accounts)
          expect(availableMinor).toBe(model.money.get(id)!);
        const unchanged = userIds.filter((id) => decision.accounts.every((one) => one.userId !== id));
        for (const id of unchanged) expect(model.money.get(id)).toBe(balances[userIds.indexOf(id)]);
      }),
      { numRuns: 300 },
    );
  });

  test("transfers neither make nor lose money", () => {
    const transfers = operations.map((list) => list.filter(({ kind }) => kind === "transfer"));
    fc.assert(
      fc.property(startingBalances, transfers, (balances, list) => {
        const { accounts, entries } = decideOn(balances, list);
        const after = userIds.map(
          (id, index) => accounts.find((one) => one.userId === id)?.availableMinor ?? balances[index],
        );
        expect(sum(after)).toBe(sum(balances));
        expect(sum(entries.map((entry) => entry.availableDeltaMinor))).toBe(0n);
      }),
      { numRuns: 300 },
    );
  });

  test("each user's entries follow on one another without a gap, and none leaves less than nothing", () => {
    fc.assert(
      fc.property(startingBalances, operations, (balances, list) => {
        const { entries } = decideOn(balances, list);
        for (const [index, id] of userIds.entries()) {
          let [version, availableMinor] = balances[index] === undefined ? [0, 0n] : [1, balances[index]];
          for (const entry of entries.filter((one) => one.userId === id)) {
            version += 1;
            availableMinor += entry.availableDeltaMinor;
            expect(entry).toMatchObject({ version, availableAfterMinor: availableMinor });
            expect(availableMinor).toBeGreaterThanOrEqual(0n);
            expect(availableMinor).toBeLessThanOrEqual(LIMIT_MINOR);
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
