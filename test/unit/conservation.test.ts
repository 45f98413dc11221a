import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type Books, type Decision, decide } from "../../src/ledger/decide.ts";
import { formatAmount } from "../../src/ledger/money.ts";
import { deriveOperationId } from "../../src/ledger/operationId.ts";
import { DECLINE_CODES, type Kind, type Operation } from "../../src/ledger/operations.ts";
import { type Account, remainingMinor, type StoredOperation } from "../../src/ledger/records.ts";
import { NOTHING_SETTLED } from "../support/ledger/absentFields.ts";
import { deposit, transfer, withdrawal } from "../support/ledger/operations.ts";
import {
  expiry,
  extension,
  recognition,
  refund,
  release,
  reservation,
} from "../support/ledger/reservationOperations.ts";
import { type Answer, createMoneyModel } from "./moneyModel.ts";

const userIds = ["a", "b", "c", "d"];
const LIMIT_MINOR = 9_000_000_000_000_000_000n;
const KINDS: Kind[] = [
  ...(["deposit", "withdrawal", "transfer", "reservation", "recognition"] as const),
  ...(["release", "extension", "refund", "expiry"] as const),
];
const TTL_SECONDS = 60;
const RUNS = 200;

const userId = fc.constantFrom(...userIds);
const amount = fc
  .oneof(
    { weight: 8, arbitrary: fc.bigInt({ min: 1n, max: 4n }) },
    fc.bigInt({ min: 1n, max: 500n }),
    fc.bigInt({ min: 1n, max: 10n ** 15n - 1n }),
  )
  .map(formatAmount);
/** Few keys, so that operations repeat and conflict. Ids that others refer to have fewer, so that they are found. */
const key = fc.nat({ max: 60 }).map(String);
const reservationKey = fc.oneof({ weight: 9, arbitrary: fc.nat({ max: 5 }).map((named) => `r${named}`) }, key);
const recognitionKey = fc.oneof({ weight: 9, arbitrary: fc.nat({ max: 4 }).map((named) => `c${named}`) }, key);
const toId = (named: string) => deriveOperationId("test", named);
const reservationId = reservationKey.map(toId);
const recognitionId = recognitionKey.map(toId);
const fields = fc.record({
  userId,
  serviceId: fc.constantFrom("s", "t"),
  orderId: fc.constant("o"),
});
const maybe: { requiredKeys: [] } = { requiredKeys: [] };

const pairOfUsers = fc.tuple(userId, userId).filter(([from, to]) => from !== to);
const moneyMove: fc.Arbitrary<Operation> = fc.oneof(
  fc.tuple(userId, amount, key).map((args) => deposit(...args)),
  fc.tuple(userId, amount, key).map((args) => withdrawal(...args)),
  fc.tuple(pairOfUsers, amount, key).map(([[from, to], ...args]) => transfer(from, to, ...args)),
);
const ttl = fc.record({ ttlSeconds: fc.integer({ min: 1, max: 100 }) }, maybe);
const reserving: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(fields, amount, ttl, reservationKey).map((args) => reservation(...args)) },
  fc
    .tuple(fields, amount, recognitionKey)
    .map(([held, minor, named]) => recognition({ ...held, amount: minor }, named)),
  {
    weight: 2,
    arbitrary: fc
      .tuple(reservationId, fc.record({ amount, final: fc.boolean() }, maybe), recognitionKey)
      .map(([held, more, named]) => recognition({ reservationId: held, ...more }, named)),
  },
  fc.tuple(fields, key).map((args) => release(...args)),
  fc
    .tuple(reservationId, fc.record({ amount }, maybe), key)
    .map(([held, more, named]) => release({ reservationId: held, ...more }, named)),
  fc.tuple(reservationId, fc.integer({ min: 1, max: 100 }), key).map((args) => extension(...args)),
  {
    weight: 2,
    arbitrary: fc.tuple(recognitionId, fc.option(amount, { nil: undefined }), key).map((args) => refund(...args)),
  },
);
const operations = fc.array(fc.oneof(moneyMove, { weight: 3, arbitrary: reserving }), {
  minLength: 1,
  maxLength: 50,
  size: "max",
});
/** Lists posted in sequence, with seconds in between. Due reservations expire before each list. */
const postings = fc.array(fc.tuple(fc.nat({ max: 50 }), operations), { minLength: 1, maxLength: 4 });

/** Starting balances in minor units; undefined for a user without an account. */
const startingBalances = fc.array(
  fc.oneof(
    fc.constant(undefined),
    { weight: 4, arbitrary: fc.bigInt({ min: 0n, max: 1_000n }) },
    fc.bigInt({ min: LIMIT_MINOR - 1_000n, max: LIMIT_MINOR }),
  ),
  { minLength: userIds.length, maxLength: userIds.length },
);

type Balances = (bigint | undefined)[];

function firstBooks(balances: Balances): Books {
  const accounts = userIds.map((user, index): Account => {
    const availableMinor = balances[index];
    const account = { userId: user, availableMinor: availableMinor ?? 0n, reservedMinor: 0n };
    return availableMinor === undefined
      ? { ...account, version: 0, lastEntryAt: null }
      : { ...account, version: 1, lastEntryAt: new Date(0) };
  });
  const nothing = { reservations: [], recognitions: [], serviceNames: new Map(), stored: [] };
  return { accounts, ...nothing, clock: new Date(0), defaultTtlSeconds: TTL_SECONDS };
}

/** Applies the decision to the books. */
function write(books: Books, decision: Decision): Books {
  const after = <One>(before: readonly One[], changed: One[], idOf: (one: One) => string): One[] => [
    ...new Map([...before, ...changed].map((one) => [idOf(one), one])).values(),
  ];
  const stored = decision.decided.map(({ operation, ...result }): StoredOperation => {
    const entry = decision.entries.find((one) => one.operation === operation);
    const balance = entry && {
      userId: entry.userId,
      availableMinor: entry.availableAfterMinor,
      reservedMinor: entry.reservedAfterMinor,
      version: entry.version,
    };
    const times = { createdAt: decision.at, completedAt: decision.at };
    return {
      ...NOTHING_SETTLED,
      ...operation,
      ...result,
      ...times,
      workflowId: "",
      amountMinor: null,
      balance: balance ?? null,
    };
  });
  return {
    ...books,
    accounts: after(books.accounts, decision.accounts, (one) => one.userId),
    reservations: after(books.reservations, decision.reservations, (one) => one.reservationId),
    recognitions: after(books.recognitions, decision.recognitions, (one) => one.recognitionId),
    stored: [...books.stored, ...stored],
  };
}

/** Posts all lists on these balances, and applies them to the model. */
function run(balances: Balances, lists: [number, Operation[]][]) {
  const model = createMoneyModel(userIds, balances, TTL_SECONDS);
  let books = firstBooks(balances);
  const decisions: Decision[] = [];
  const answers: { ledger: Answer[]; model: Answer[] } = { ledger: [], model: [] };
  for (const [seconds, list] of lists) {
    const clock = new Date(books.clock.getTime() + seconds * 1_000);
    for (const posted of [model.due(clock.getTime()).map(expiry), list]) {
      const decision = decide(posted, { ...books, clock });
      decisions.push(decision);
      books = { ...write(books, decision), clock };
      answers.ledger.push(
        ...decision.outcomes.map((outcome) => (outcome.status === "declined" ? outcome.code : outcome.status)),
      );
      answers.model.push(...posted.map((one) => model.apply(one, clock.getTime())));
    }
  }
  return { books, model, answers, entries: decisions.flatMap((one) => one.entries), decisions };
}

const sum = (values: Iterable<bigint | undefined>) =>
  [...values].reduce<bigint>((total, one) => total + (one ?? 0n), 0n);

function assertAlways(predicate: (balances: Balances, lists: [number, Operation[]][]) => void, seed?: number): void {
  fc.assert(fc.property(startingBalances, postings, predicate), { numRuns: RUNS, ...(seed !== undefined && { seed }) });
}

describe("random lists of operations", () => {
  test("every kind of operation completes, and every rule's decline occurs", () => {
    const met = new Set<string>();
    assertAlways((balances, lists) => {
      for (const { operation, decline } of run(balances, lists).decisions.flatMap(({ decided }) => decided)) {
        met.add(decline?.code ?? operation.kind);
      }
    }, 1);
    const codes = DECLINE_CODES.filter((code) => code !== "refused_by_ledger" && code !== "batch_aborted");
    expect([...KINDS, ...codes].filter((word) => !met.has(word))).toEqual([]);
  });

  test("every outcome and every balance equals that of an independent model", () => {
    assertAlways((balances, lists) => {
      const { books, model, answers } = run(balances, lists);
      expect(answers.ledger).toEqual(answers.model);
      for (const { userId: user, version, availableMinor, reservedMinor } of books.accounts) {
        expect([version === 0 ? undefined : availableMinor, reservedMinor]).toEqual([
          model.available(user),
          model.reserved(user),
        ]);
      }
      expect(new Map(books.reservations.map((one) => [one.reservationId, remainingMinor(one)]))).toEqual(
        model.remaining(),
      );
    });
  });

  test("inflow less outflow equals balances and revenue: no operation creates or destroys money", () => {
    assertAlways((balances, lists) => {
      const { books, entries, decisions } = run(balances, lists);
      const flow = entries.map(({ operation, amountMinor }) => {
        if (operation.kind === "deposit") return amountMinor;
        return operation.kind === "withdrawal" ? -amountMinor : 0n;
      });
      const stock = books.accounts.map((account) => account.availableMinor + account.reservedMinor);
      const revenue = decisions.flatMap((decision) => decision.revenue.map((one) => one.amountMinor));
      expect(sum(balances) + sum(flow)).toBe(sum(stock) + sum(revenue));
    });
  });

  test("each user's entries form a gapless chain, and no balance is ever negative", () => {
    assertAlways((balances, lists) => {
      const { entries } = run(balances, lists);
      for (const [index, user] of userIds.entries()) {
        let [version, availableMinor, reservedMinor] =
          balances[index] === undefined ? [0, 0n, 0n] : [1, balances[index], 0n];
        for (const entry of entries.filter((one) => one.userId === user)) {
          version += 1;
          availableMinor += entry.availableDeltaMinor;
          reservedMinor += entry.reservedDeltaMinor;
          expect(entry).toMatchObject({
            version,
            availableAfterMinor: availableMinor,
            reservedAfterMinor: reservedMinor,
          });
          expect(entry.amountMinor).toBeGreaterThan(0n);
          expect(availableMinor).toBeGreaterThanOrEqual(0n);
          expect(reservedMinor).toBeGreaterThanOrEqual(0n);
          expect(availableMinor + reservedMinor).toBeLessThanOrEqual(LIMIT_MINOR);
        }
      }
    });
  });

  test("parts are never negative, reserves equal open reservations, refunds never exceed recognitions", () => {
    assertAlways((balances, lists) => {
      const { books } = run(balances, lists);
      for (const one of books.reservations) {
        for (const part of [one.recognizedMinor, one.releasedMinor, one.expiredMinor, remainingMinor(one)]) {
          expect(part).toBeGreaterThanOrEqual(0n);
        }
      }
      for (const account of books.accounts) {
        const own = books.reservations.filter((one) => one.userId === account.userId);
        expect(account.reservedMinor).toBe(sum(own.map(remainingMinor)));
      }
      for (const one of books.recognitions) expect(one.refundedMinor).toBeLessThanOrEqual(one.amountMinor);
      for (const { reservationId, refundedMinor } of books.reservations) {
        const own = books.recognitions.filter((one) => one.reservationId === reservationId);
        expect(refundedMinor).toBe(sum(own.map((one) => one.refundedMinor)));
      }
      const recognized = sum(books.recognitions.map((one) => one.amountMinor));
      expect(recognized).toBe(sum(books.reservations.map((one) => one.recognizedMinor)));
    });
  });
});
