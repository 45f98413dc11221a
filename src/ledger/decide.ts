import { ACCOUNT_LIMIT_MINOR, parseAmount } from "./money.ts";
import { type DeclineCode, differingFields, type Operation, type Outcome, type Recorded } from "./operations.ts";
import type { Account, NewEntry } from "./records.ts";

/** Everything that the ledger holds about the operations at hand, read under the accounts' locks. */
export type Books = {
  /** The locked accounts by user id. One that is absent does not exist. */
  accounts: ReadonlyMap<string, Account>;
  /** Those of the operations that are stored already, by operation id. */
  stored: ReadonlyMap<string, Recorded>;
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

type Movement = { userId: string; availableDeltaMinor: bigint; counterpartyUserId: string | null };

/**
 * Applies the operations in order, each completed or declined by itself, and says what to write. Pure: the same operations on the same
 * books give the same decision. An operation that is stored, or stands twice in the list, is answered from its first outcome. `rule` says
 * what one operation does to the accounts as those before it left them.
 */
export function decide(operations: readonly Operation[], books: Books, rule: Rule = applyToAccounts): Decision {
  const accounts = new Map(books.accounts);
  const recorded = new Map(books.stored);
  const decision: Decision = { outcomes: [], at: postingTime(books), decided: [], entries: [], accounts: [] };
  const changed = new Set<string>();

  for (const operation of operations) {
    const known = recorded.get(operation.operationId);
    if (known) {
      decision.outcomes.push(repeat(operation, known));
      continue;
    }
    const entries = rule(operation, accounts);
    const declineCode = typeof entries === "string" ? entries : null;
    if (typeof entries !== "string") {
      for (const entry of entries) {
        accounts.set(entry.userId, accountAfter(entry, decision.at));
        changed.add(entry.userId);
      }
      decision.entries.push(...entries);
    }
    recorded.set(operation.operationId, { kind: operation.kind, request: operation.request, declineCode });
    decision.decided.push({ operation, declineCode });
    decision.outcomes.push(outcome(operation.operationId, declineCode));
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

function repeat(operation: Operation, known: Recorded): Outcome {
  const fields = differingFields(operation, known);
  if (fields.length > 0) return { operationId: operation.operationId, status: "mismatched", differingFields: fields };
  return outcome(operation.operationId, known.declineCode);
}

function outcome(operationId: string, code: DeclineCode | null): Outcome {
  return code === null ? { operationId, status: "completed" } : { operationId, status: "declined", code };
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

function accountAfter(entry: NewEntry, at: Date): Account {
  return {
    userId: entry.userId,
    availableMinor: entry.availableAfterMinor,
    reservedMinor: entry.reservedAfterMinor,
    version: entry.version,
    lastEntryAt: at,
  };
}
