import { describe, expect, test } from "bun:test";
import { type Books, decide, decideAtomically } from "../../src/ledger/decide.ts";
import { ACCOUNT_LIMIT_MINOR } from "../../src/ledger/money.ts";
import type { Operation } from "../../src/ledger/operations.ts";
import type { Account, StoredOperation } from "../../src/ledger/records.ts";
import { UNKNOWN_SUBJECT } from "../../src/ledger/subject.ts";
import { NOTHING_SETTLED } from "../support/ledger/absentFields.ts";
import { deposit, transfer, withdrawal } from "../support/ledger/operations.ts";

const clock = new Date("2026-11-23T12:00:00.000Z");

function account(userId: string, availableMinor: bigint, changes: Partial<Account> = {}): Account {
  return { userId, availableMinor, reservedMinor: 0n, version: 1, lastEntryAt: clock, ...changes };
}

/** An account between its creation and its first credit. */
function emptyAccount(userId: string): Account {
  return account(userId, 0n, { version: 0, lastEntryAt: null });
}

function books(accounts: Account[], stored: StoredOperation[] = []): Books {
  return {
    accounts,
    reservations: [],
    recognitions: [],
    serviceNames: new Map(),
    stored,
    clock,
    defaultTtlSeconds: 60,
  };
}

function stored(operation: Operation, result: Pick<StoredOperation, "decline" | "balance">): StoredOperation {
  return {
    ...operation,
    workflowId: "earlier",
    createdAt: clock,
    completedAt: clock,
    ...NOTHING_SETTLED,
    ...result,
  };
}

function statuses(operations: Operation[], of: Books): string[] {
  return decide(operations, of).outcomes.map((outcome) =>
    outcome.status === "declined" ? outcome.code : outcome.status,
  );
}

describe("an operation by itself", () => {
  test("a deposit raises the balance by its amount", () => {
    const operation = deposit("alice", "1.50");
    const decision = decide([operation], books([account("alice", 1_000n, { version: 7, reservedMinor: 20n })]));
    expect(decision.outcomes).toEqual([{ operationId: operation.operationId, status: "completed" }]);
    expect(decision.entries).toEqual([
      {
        operation,
        userId: "alice",
        version: 8,
        amountMinor: 150n,
        availableDeltaMinor: 150n,
        reservedDeltaMinor: 0n,
        availableAfterMinor: 1_150n,
        reservedAfterMinor: 20n,
        counterpartyUserId: null,
        reservationId: null,
        serviceId: null,
        orderId: null,
      },
    ]);
    expect(decision.accounts).toEqual([account("alice", 1_150n, { version: 8, reservedMinor: 20n })]);
    expect(decision.decided).toEqual([
      { operation, decline: null, ...UNKNOWN_SUBJECT, userId: "alice", expiresAt: null },
    ]);
  });

  test("the first deposit turns an empty account into the account of a user", () => {
    const { accounts } = decide([deposit("alice", "1.00")], books([emptyAccount("alice")]));
    expect(accounts).toEqual([account("alice", 100n)]);
  });

  test("a withdrawal lowers the balance by its amount, down to zero", () => {
    const { entries, accounts } = decide([withdrawal("alice", "1.50")], books([account("alice", 150n)]));
    expect(entries).toMatchObject([{ amountMinor: 150n, availableDeltaMinor: -150n, availableAfterMinor: 0n }]);
    expect(accounts).toEqual([account("alice", 0n, { version: 2 })]);
  });

  test("a transfer is a debit and then a credit, each naming the other user", () => {
    const decision = decide([transfer("bob", "alice", "1.00")], books([account("alice", 5n), account("bob", 300n)]));
    expect(decision.entries).toMatchObject([
      { userId: "bob", availableDeltaMinor: -100n, availableAfterMinor: 200n, counterpartyUserId: "alice" },
      { userId: "alice", availableDeltaMinor: 100n, availableAfterMinor: 105n, counterpartyUserId: "bob" },
    ]);
  });
});

describe("the rules of balances and accounts", () => {
  const full = account("full", ACCOUNT_LIMIT_MINOR - 50n, { reservedMinor: 30n });

  test.each([
    ["a withdrawal of more than is available", withdrawal("alice", "1.01"), "insufficient_funds"],
    ["a transfer of more than is available", transfer("alice", "bob", "1.01"), "insufficient_funds"],
    ["a withdrawal from an unknown account", withdrawal("unknown", "1.00"), "account_not_found"],
    ["a withdrawal from an account without a credit", withdrawal("empty", "1.00"), "account_not_found"],
    ["a transfer from an unknown account", transfer("unknown", "alice", "1.00"), "account_not_found"],
    ["a transfer from an account without a credit", transfer("empty", "alice", "1.00"), "account_not_found"],
    ["a deposit beyond the limit, the reserve included", deposit("full", "0.21"), "balance_limit_exceeded"],
    ["a transfer beyond the receiver's limit", transfer("alice", "full", "0.21"), "balance_limit_exceeded"],
  ])("%s is declined and changes nothing", (_, operation, code) => {
    const held = books([account("alice", 100n), account("bob", 0n), emptyAccount("empty"), full]);
    const decision = decide([operation], held);
    expect(decision).toEqual({
      outcomes: [{ operationId: operation.operationId, status: "declined", code } as never],
      at: clock,
      decided: [{ ...decision.decided[0]!, operation, decline: { code: code as never }, expiresAt: null }],
      entries: [],
      accounts: [],
      reservations: [],
      recognitions: [],
      revenue: [],
    });
  });

  test("a reserved amount cannot be withdrawn", () => {
    expect(statuses([withdrawal("alice", "1.00")], books([account("alice", 99n, { reservedMinor: 500n })]))).toEqual([
      "insufficient_funds",
    ]);
  });

  test("an account may be filled to the limit", () => {
    expect(statuses([deposit("full", "0.20")], books([full]))).toEqual(["completed"]);
  });

  test("a full account may still pay", () => {
    expect(statuses([withdrawal("full", "0.01")], books([full]))).toEqual(["completed"]);
  });
});

describe("a list of operations", () => {
  test("each operation sees the balances that those before it have left", () => {
    const operations = [
      withdrawal("alice", "1.00"),
      deposit("alice", "1.00"),
      withdrawal("alice", "1.00"),
      transfer("alice", "bob", "0.01"),
    ];
    expect(statuses(operations, books([emptyAccount("alice"), emptyAccount("bob")]))).toEqual([
      "account_not_found",
      "completed",
      "completed",
      "insufficient_funds",
    ]);
  });

  test("versions have no gap, and an account is written once, in its final state", () => {
    const operations = [deposit("alice", "1.00"), withdrawal("alice", "9.00"), deposit("alice", "2.00")];
    const { entries, accounts } = decide(operations, books([account("alice", 0n, { version: 3 })]));
    expect(entries.map(({ version }) => version)).toEqual([4, 5]);
    expect(accounts).toEqual([account("alice", 300n, { version: 5 })]);
  });

  test("a declined operation does not stop the next", () => {
    expect(
      statuses([withdrawal("alice", "2.00"), withdrawal("alice", "1.00")], books([account("alice", 100n)])),
    ).toEqual(["insufficient_funds", "completed"]);
  });

  test("the same operations on the same books give the same decision and do not change the books", () => {
    const operations = [deposit("alice", "1.00"), transfer("alice", "bob", "0.50"), withdrawal("bob", "9.00")];
    const held = books([emptyAccount("alice"), emptyAccount("bob")]);
    const untouched = structuredClone(held);
    expect(decide(operations, held)).toEqual(decide(operations, held));
    expect(held).toEqual(untouched);
  });
});

describe("an operation that is not new", () => {
  const original = deposit("alice", "1.00");

  test("a stored operation returns its stored outcome, even if it would be decided differently now", () => {
    const earlier = withdrawal("alice", "1.00");
    const declined = stored(earlier, { decline: { code: "insufficient_funds" }, balance: null });
    const decision = decide([earlier], books([account("alice", 5_000n)], [declined]));
    expect(decision).toMatchObject({
      outcomes: [{ operationId: earlier.operationId, status: "declined", code: "insufficient_funds" }],
      decided: [],
      entries: [],
      accounts: [],
    });
  });

  test("a stored completed operation returns its stored outcome and makes no entry", () => {
    const then = { userId: "alice", availableMinor: 100n, reservedMinor: 7n, version: 1 };
    const decision = decide(
      [original],
      books([account("alice", 999n, { version: 9 })], [stored(original, { decline: null, balance: then })]),
    );
    expect(decision.outcomes).toEqual([{ operationId: original.operationId, status: "completed" }]);
    expect([decision.decided, decision.entries, decision.accounts]).toEqual([[], [], []]);
  });

  test("an operation that stands twice in a list is done once and returned twice", () => {
    const decision = decide([original, deposit("alice", "5.00"), original], books([emptyAccount("alice")]));
    expect(decision.outcomes[2]).toEqual(decision.outcomes[0]!);
    expect(decision.entries).toHaveLength(2);
    expect(decision.decided).toHaveLength(2);
  });

  test("another request with a stored id is a mismatch and is not recorded", () => {
    const other = { ...deposit("alice", "2.00"), operationId: original.operationId };
    const balance = { userId: "alice", availableMinor: 100n, reservedMinor: 0n, version: 1 };
    const decision = decide([other], books([account("alice", 100n)], [stored(original, { decline: null, balance })]));
    expect(decision).toMatchObject({
      outcomes: [{ operationId: original.operationId, status: "mismatched" }],
      decided: [],
      entries: [],
      accounts: [],
    });
  });

  test("another request with the id of an earlier one in the list is a mismatch too", () => {
    const other = { ...withdrawal("alice", "1.00"), operationId: original.operationId };
    const { outcomes, entries } = decide([original, other], books([emptyAccount("alice")]));
    expect(outcomes[1]).toEqual({ operationId: original.operationId, status: "mismatched" });
    expect(entries).toHaveLength(1);
  });
});

describe("the time of a posting", () => {
  const later = new Date(clock.getTime() + 5_000);
  const earlier = new Date(clock.getTime() - 5_000);

  test("is the clock's", () => {
    const held = books([account("alice", 100n, { lastEntryAt: earlier }), emptyAccount("bob")]);
    expect(decide([transfer("alice", "bob", "1.00")], held).at).toEqual(clock);
  });

  test("is never before the last entry of any account involved", () => {
    const held = books([account("alice", 100n, { lastEntryAt: earlier }), account("bob", 0n, { lastEntryAt: later })]);
    const decision = decide([transfer("alice", "bob", "1.00")], held);
    expect(decision.at).toEqual(later);
    expect(decision.accounts.map(({ lastEntryAt }) => lastEntryAt)).toEqual([later, later]);
  });
});

describe("an atomic list", () => {
  const list = [deposit("alice", "1.00"), transfer("alice", "bob", "3.00"), withdrawal("bob", "9.00")];
  const accounts = (availableMinor: bigint) => [account("alice", availableMinor), account("bob", 0n)];

  test("that can be done whole is decided like any other list", () => {
    expect(decideAtomically(list.slice(0, 2), books(accounts(200n)))).toEqual(
      decide(list.slice(0, 2), books(accounts(200n))),
    );
  });

  test("of which one operation is declined writes only declines", () => {
    const decision = decideAtomically(list, books(accounts(100n)));
    const codes = decision.decided.map(({ decline }) => decline?.code);
    expect(codes).toEqual(["batch_aborted", "insufficient_funds", "insufficient_funds"]);
    expect([decision.entries, decision.accounts, decision.reservations, decision.revenue]).toEqual([[], [], [], []]);
  });
});
