import { describe, expect, test } from "bun:test";
import { type Books, decide } from "../../src/ledger/decide.ts";
import type { Operation } from "../../src/ledger/operations.ts";
import { joinPosted, type Posted, toPosted } from "../../src/ledger/posted.ts";
import type { Account, Reservation } from "../../src/ledger/records.ts";
import { storedDeposit } from "../support/dispatch/storedDeposit.ts";
import { NO_TEXTS, NOTHING_SETTLED } from "../support/ledger/absentFields.ts";
import { deposit, operation, transfer, withdrawal } from "../support/ledger/operations.ts";
import { extension, reservation } from "../support/ledger/reservationOperations.ts";

const clock = new Date("2030-11-23T12:00:00.000Z");
const order = { userId: "alice", serviceId: "promotion", orderId: "order" };

function account(userId: string, availableMinor: bigint): Account {
  return { userId, availableMinor, reservedMinor: 7n, version: 1, lastEntryAt: clock };
}

function post(operations: Operation[], held: Partial<Books> = {}): Posted {
  const books: Books = {
    accounts: [account("alice", 500n), account("bob", 0n)],
    reservations: [],
    recognitions: [],
    serviceNames: new Map(),
    stored: [],
    clock,
    defaultTtlSeconds: 60,
    ...held,
  };
  const details = { workflowId: "carrier", stored: [...books.stored], outboxIds: ["1"], sagaWorkflowIds: ["saga"] };
  return toPosted(decide(operations, books), details);
}

describe("the row of a completed operation", () => {
  test("has its carrier, its times, and the amount and balance of its entry", () => {
    const operation = deposit("alice", "1.50");
    expect(post([operation]).operations).toEqual([
      {
        operationId: operation.operationId,
        workflowId: "carrier",
        kind: "deposit",
        request: { userId: "alice", amount: "1.50" },
        decline: null,
        ...NOTHING_SETTLED,
        userId: "alice",
        createdAt: new Date(operation.acceptedAt),
        completedAt: clock,
        amountMinor: 150n,
        releasedMinor: 150n,
        balance: { userId: "alice", availableMinor: 650n, reservedMinor: 7n, version: 2 },
      },
    ]);
  });

  test("of a transfer has the sender's balance", () => {
    const [row] = post([transfer("alice", "bob", "1.00")]).operations;
    expect(row).toMatchObject({ amountMinor: 100n, balance: { availableMinor: 400n, version: 2 } });
  });

  test("has the balance after the operation, not after the whole list", () => {
    const rows = post([deposit("alice", "1.00"), withdrawal("alice", "2.00")]).operations;
    expect(rows.map(({ balance }) => balance?.availableMinor)).toEqual([600n, 400n]);
  });

  test("of a reservation has its deadline and its id, which is the operation's", () => {
    const operation = reservation(order, "1.00", { ttlSeconds: 10 });
    const [row] = post([operation]).operations;
    expect(row).toMatchObject({
      reservationId: operation.operationId,
      balance: { availableMinor: 400n, reservedMinor: 107n },
    });
    expect(row!.expiresAt).toEqual(new Date(clock.getTime() + 10_000));
  });

  test("of an extension has the deadline, and neither amount nor balance", () => {
    const open: Reservation = {
      ...{ ...order, reservationId: "r", amountMinor: 5n, recognizedMinor: 0n, releasedMinor: 0n, expiredMinor: 0n },
      ...{ refundedMinor: 0n, expiresAt: clock, createdAt: clock },
    };
    const { operations, entries, balances } = post([extension("r", 60)], { reservations: [open] });
    expect(operations).toMatchObject([{ amountMinor: null, balance: null, reservationId: "r" }]);
    expect(operations[0]!.expiresAt).toEqual(new Date(clock.getTime() + 60_000));
    expect([entries, balances]).toEqual([[], []]);
  });

  test("is never accepted later than completed, even where the API's clock is ahead", () => {
    const early = { ...deposit("alice", "1.00"), acceptedAt: "2040-01-01T00:00:00.000Z" };
    const [row] = post([early]).operations;
    expect([row!.createdAt, row!.completedAt]).toEqual([clock, clock]);
  });
});

test("the row of a declined operation has the reason, and neither amount nor balance", () => {
  const { operations, entries, balances } = post([withdrawal("alice", "9.00")]);
  expect(operations).toMatchObject([{ decline: { code: "insufficient_funds" }, amountMinor: null, balance: null }]);
  expect([entries, balances]).toEqual([[], []]);
});

test("a stored operation is returned as it is stored, and writes no row again", () => {
  const operation = deposit("alice", "1.00");
  const known = { ...storedDeposit(operation.operationId, "an earlier carrier") };
  const posted = post([operation], { stored: [known] });
  expect(posted.stored).toEqual([known]);
  expect(posted.outcomes).toEqual([{ operationId: operation.operationId, status: "completed" }]);
  expect([posted.operations, posted.entries, posted.balances]).toEqual([[], [], []]);
});

describe("entries and balances", () => {
  test("an entry is as stored, with the carrier, the time and the comment", () => {
    const requested = operation({ kind: "deposit", request: { userId: "alice", amount: "1.00", comment: "salary" } });
    expect(post([requested]).entries).toEqual([
      {
        ...{ userId: "alice", version: 2, operationId: requested.operationId, workflowId: "carrier", kind: "deposit" },
        ...{ amountMinor: 100n, availableDeltaMinor: 100n, reservedDeltaMinor: 0n },
        ...{ availableAfterMinor: 600n, reservedAfterMinor: 7n, counterpartyUserId: null, reservationId: null },
        ...{ serviceId: null, orderId: null, ...NO_TEXTS, comment: "salary", createdAt: clock },
      },
    ]);
  });

  test("each account has one balance, after all of the list", () => {
    const { entries, balances } = post([deposit("alice", "1.00"), transfer("alice", "bob", "2.00")]);
    expect(entries.map(({ userId, version }) => [userId, version])).toEqual([
      ["alice", 2],
      ["alice", 3],
      ["bob", 2],
    ]);
    expect(balances).toEqual([
      { userId: "alice", availableMinor: 400n, reservedMinor: 7n, version: 3, asOf: clock },
      { userId: "bob", availableMinor: 200n, reservedMinor: 7n, version: 2, asOf: clock },
    ]);
  });
});

test("several postings are joined in order, and no postings give an empty posting", () => {
  const [one, other] = [post([deposit("alice", "1.00")]), post([withdrawal("alice", "9.00")])];
  const joined = joinPosted([one, other]);
  for (const list of Object.keys(joined) as (keyof Posted)[]) {
    expect(joined[list] as unknown[]).toEqual([...one[list], ...other[list]]);
  }
  expect(Object.values(joinPosted([])).flat()).toEqual([]);
});
