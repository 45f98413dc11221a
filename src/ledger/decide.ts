import { ACCOUNT_LIMIT_MINOR, formatAmount, parseAmount } from "./money.ts";
import { type DeclineCode, differingFields, type Operation, type Outcome } from "./operations.ts";
import type { Account, Balance, NewEntry, StoredOperation } from "./records.ts";

/** Everything that the ledger holds about the operations at hand, read under the accounts' locks. */
export type Books = {
  /** The locked accounts by user id. One that is absent does not exist. */
  accounts: ReadonlyMap<string, Account>;
  /** Those of the operations that are stored already. */
  stored: readonly StoredOperation[];
  /** The database's clock, read after the locks. */
  clock: Date;
};

/** What is to be written, in the order of the operations, and what each of them is answered. */
export type Decision = {
  /** One for each operation asked, in their order, repetitions included. */
  outcomes: Outcome[];
  /** The time of this posting. */
  at: Date;
  /** The operations that were not stored before, each with its decline code or null. */
  decided: { operation: Operation; declineCode: DeclineCode | null }[];
  entries: NewEntry[];
  /** The accounts as they are after the entries; only those that changed. */
  accounts: Account[];
};

/** The entries that one operation makes, a debit before its credit; or the code it is declined with. It changes nothing itself. */
export type Rule = (operation: Operation, accounts: ReadonlyMap<string, Account>) => NewEntry[] | DeclineCode;

/** An operation that has its outcome, from this list or from before. */
type Known = { kind: string; request: object; outcome: Outcome };

type Movement = { userId: string; availableDeltaMinor: bigint; counterpartyUserId: string | null };

/**
 * Applies the operations in order, each completed or declined by itself, and says what to write. Pure: the same operations on the same
 * books give the same decision. An operation that is stored, or stands twice in the list, is answered from its first outcome. `rule` says
 * what one operation does to the accounts as those before it left them.
 */
export function decide(operations: readonly Operation[], books: Books, rule: Rule = applyToAccounts): Decision {
  const accounts = new Map(books.accounts);
  const known = new Map<string, Known>(
    books.stored.map((stored) => [stored.operationId, { ...stored, outcome: outcomeOf(stored) }]),
  );
  const decision: Decision = { outcomes: [], at: postingTime(books), decided: [], entries: [], accounts: [] };
  const changed = new Set<string>();

  for (const operation of operations) {
    const before = known.get(operation.operationId);
    if (before) {
      decision.outcomes.push(repeat(operation, before));
      continue;
    }
    const result = rule(operation, accounts);
    const entries = typeof result === "string" ? [] : result;
    const declineCode = typeof result === "string" ? result : null;
    for (const entry of entries) {
      accounts.set(entry.userId, { ...accountAfter(entry), lastEntryAt: decision.at });
      changed.add(entry.userId);
    }
    // The debit comes first, and is the entry of the user who asked.
    const balance = entries[0] ? accountAfter(entries[0]) : null;
    const outcome = outcomeOf({ operationId: operation.operationId, declineCode, balance });
    known.set(operation.operationId, { ...operation, outcome });
    decision.decided.push({ operation, declineCode });
    decision.entries.push(...entries);
    decision.outcomes.push(outcome);
  }

  decision.accounts = [...changed].map((userId) => accounts.get(userId)!);
  return decision;
}

/** The clock after the locks, but never before the last entry of an account at hand: clocks step back, statements must not. */
function postingTime({ accounts, clock }: Books): Date {
  let latestMs = clock.getTime();
  for (const { lastEntryAt } of accounts.values()) {
    if (lastEntryAt && lastEntryAt.getTime() > latestMs) latestMs = lastEntryAt.getTime();
  }
  return new Date(latestMs);
}

function repeat(operation: Operation, before: Known): Outcome {
  const fields = differingFields(operation, before);
  if (fields.length === 0) return before.outcome;
  return { operationId: operation.operationId, status: "mismatched", differingFields: fields };
}

function outcomeOf({
  operationId,
  declineCode,
  balance,
}: Pick<StoredOperation, "operationId" | "declineCode" | "balance">): Outcome {
  if (declineCode !== null) return { operationId, status: "declined", code: declineCode };
  if (balance === null) throw new Error("A completed operation must have an entry");
  return {
    operationId,
    status: "completed",
    balance: {
      available: formatAmount(balance.availableMinor),
      reserved: formatAmount(balance.reservedMinor),
      version: balance.version,
    },
  };
}

function applyToAccounts(operation: Operation, accounts: ReadonlyMap<string, Account>): NewEntry[] | DeclineCode {
  const amountMinor = parseAmount(operation.request.amount);
  const entries: NewEntry[] = [];
  for (const movement of movements(operation, amountMinor)) {
    const account = accounts.get(movement.userId);
    const isDebit = movement.availableDeltaMinor < 0n;
    if (isDebit && (account === undefined || account.version === 0)) return "account_not_found";
    // The credited accounts were created before the locks were taken.
    if (account === undefined) throw new Error("A credited account must be among the locked ones");

    const availableAfterMinor = account.availableMinor + movement.availableDeltaMinor;
    if (availableAfterMinor < 0n) return "insufficient_funds";
    if (!isDebit && availableAfterMinor + account.reservedMinor > ACCOUNT_LIMIT_MINOR) return "balance_limit_exceeded";
    entries.push({
      operation,
      userId: movement.userId,
      version: account.version + 1,
      amountMinor,
      availableDeltaMinor: movement.availableDeltaMinor,
      reservedDeltaMinor: 0n,
      availableAfterMinor,
      reservedAfterMinor: account.reservedMinor,
      counterpartyUserId: movement.counterpartyUserId,
    });
  }
  return entries;
}

function movements(operation: Operation, amountMinor: bigint): Movement[] {
  switch (operation.kind) {
    case "deposit":
      return [{ userId: operation.request.userId, availableDeltaMinor: amountMinor, counterpartyUserId: null }];
    case "withdrawal":
      return [{ userId: operation.request.userId, availableDeltaMinor: -amountMinor, counterpartyUserId: null }];
    case "transfer": {
      const { fromUserId, toUserId } = operation.request;
      return [
        { userId: fromUserId, availableDeltaMinor: -amountMinor, counterpartyUserId: toUserId },
        { userId: toUserId, availableDeltaMinor: amountMinor, counterpartyUserId: fromUserId },
      ];
    }
  }
}

function accountAfter(entry: NewEntry): Balance {
  return {
    userId: entry.userId,
    availableMinor: entry.availableAfterMinor,
    reservedMinor: entry.reservedAfterMinor,
    version: entry.version,
  };
}
