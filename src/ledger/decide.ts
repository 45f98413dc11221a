import { deposit, transfer, withdrawal } from "./moneyRules.ts";
import { type Decline, differingFields, type Operation, type Outcome } from "./operations.ts";
import type { Account, Balance, NewEntry, Recognition, Reservation, Revenue, StoredOperation } from "./records.ts";
import { expiry, extension, recognition, refund, release, reservation } from "./reservationRules.ts";
import { type Change, isDecline, type Rule, type State } from "./state.ts";
import { type Subject, subjectOf, UNKNOWN_SUBJECT } from "./subject.ts";

/** The ledger's records that concern these operations, read under the accounts' locks. */
export type Books = {
  accounts: readonly Account[];
  reservations: readonly Reservation[];
  recognitions: readonly Recognition[];
  /** The names of the services concerned, by id. */
  serviceNames: ReadonlyMap<string, string>;
  /** Those of the operations that are already stored. */
  stored: readonly StoredOperation[];
  /** The database's clock, read after the locks. */
  clock: Date;
  /** For reservations without `ttlSeconds`. */
  defaultTtlSeconds: number;
};

/** A new operation, and the fields of its outcome that are stored. */
export type Decided = Subject & {
  operation: Operation;
  decline: Decline | null;
  expiresAt: Date | null;
};

/** The rows to write and the outcomes. Each changed record occurs once, in its new state. */
export type Decision = {
  /** One for each operation of the list, in its order, repetitions included. */
  outcomes: Outcome[];
  /** The time of this posting. */
  at: Date;
  decided: Decided[];
  entries: NewEntry[];
  accounts: Account[];
  reservations: Reservation[];
  recognitions: Recognition[];
  revenue: Revenue[];
};

/**
 * Applies the operations in order and returns the rows to write. Each is completed or declined by itself. Pure: the
 * same operations on the same books give the same decision. Idempotent: an operation that is stored, or occurs earlier
 * in the list, gets its first outcome again. `rule` computes the change by one operation in the state after those
 * before it.
 */
export function decide(operations: readonly Operation[], books: Books, rule: Rule = applyRule): Decision {
  const at = postingTime(books);
  const { defaultTtlSeconds } = books;
  const serviceNames = new Map(books.serviceNames);
  const accounts = new Map(books.accounts.map((account) => [account.userId, account]));
  const reservations = new Map(books.reservations.map((one) => [one.reservationId, one]));
  const recognitions = new Map(books.recognitions.map((one) => [one.recognitionId, one]));
  const priorOutcomes = new Map<string, PriorOutcome>(
    books.stored.map((stored) => [stored.operationId, fromStored(stored)]),
  );

  const changedAccounts = new Set<string>();
  const changedReservations = new Set<string>();
  const changedRecognitions = new Set<string>();
  const decided: Decided[] = [];
  const entries: NewEntry[] = [];
  const revenue: Revenue[] = [];

  const outcomes = operations.map((operation) => {
    const before = priorOutcomes.get(operation.operationId);
    if (before) return replay(operation, before);

    const state: State = { accounts, reservations, recognitions, at, defaultTtlSeconds };
    const result = rule(operation, state);
    const change: Change = isDecline(result) ? { entries: [] } : result;
    for (const entry of change.entries) {
      accounts.set(entry.userId, { ...accountAfter(entry), lastEntryAt: at });
      changedAccounts.add(entry.userId);
    }
    if (change.reservation) {
      reservations.set(change.reservation.reservationId, change.reservation);
      changedReservations.add(change.reservation.reservationId);
    }
    if (change.recognition) {
      recognitions.set(change.recognition.recognitionId, change.recognition);
      changedRecognitions.add(change.recognition.recognitionId);
    }
    if (change.revenue) revenue.push(change.revenue);
    entries.push(...change.entries);

    if (!isDecline(result)) nameService(operation, serviceNames);
    const one: Decided = {
      operation,
      decline: isDecline(result) ? result : null,
      ...(isRefused(result) ? UNKNOWN_SUBJECT : subjectOf(operation, change, state, serviceNames)),
      expiresAt: setsDeadline(operation) ? (change.reservation?.expiresAt ?? null) : null,
    };
    decided.push(one);
    const outcome = outcomeOf(operation.operationId, one.decline);
    priorOutcomes.set(operation.operationId, { kind: operation.kind, request: operation.request, outcome });
    return outcome;
  });

  return {
    outcomes,
    at,
    decided,
    entries,
    accounts: [...changedAccounts].map((userId) => accounts.get(userId)!),
    reservations: [...changedReservations].map((id) => reservations.get(id)!),
    recognitions: [...changedRecognitions].map((id) => recognitions.get(id)!),
    revenue,
  };
}

/**
 * Applies all of the new operations or none. Where one of them is declined or mismatched, no new one is applied. The
 * culprits keep their own codes, the others are declined as `batch_aborted`.
 */
export function decideAtomically(operations: readonly Operation[], books: Books): Decision {
  const attempt = decide(operations, books);
  const culprits = new Map(attempt.decided.map(({ operation, decline }) => [operation.operationId, decline]));
  const isWhole =
    [...culprits.values()].every((decline) => decline === null) &&
    attempt.outcomes.every(({ status }) => status !== "mismatched");
  if (isWhole) return attempt;
  return decide(operations, books, ({ operationId }) => culprits.get(operationId) ?? { code: "batch_aborted" });
}

/** The only table from kinds to rules. */
function applyRule(operation: Operation, state: State): Change | Decline {
  switch (operation.kind) {
    case "deposit":
      return deposit(operation, state);
    case "withdrawal":
      return withdrawal(operation, state);
    case "transfer":
      return transfer(operation, state);
    case "reservation":
      return reservation(operation, state);
    case "recognition":
      return recognition(operation, state);
    case "release":
      return release(operation, state);
    case "extension":
      return extension(operation, state);
    case "refund":
      return refund(operation, state);
    case "expiry":
      return expiry(operation, state);
  }
}

/** The outcome of an operation that is stored, or occurs earlier in the list. */
type PriorOutcome = { kind: string; request: object; outcome: Outcome };

/**
 * The clock, but at least the time of the accounts' last entry. Clocks can step back; the times in a statement must
 * not.
 */
function postingTime({ accounts, clock }: Books): Date {
  const lastMs = accounts.map(({ lastEntryAt }) => lastEntryAt?.getTime() ?? 0);
  return new Date(Math.max(clock.getTime(), ...lastMs));
}

function fromStored({ operationId, kind, request, decline }: StoredOperation): PriorOutcome {
  return { kind, request, outcome: outcomeOf(operationId, decline) };
}

function replay(operation: Operation, prior: PriorOutcome): Outcome {
  const isSame = differingFields(operation, prior).length === 0;
  return isSame ? prior.outcome : { operationId: operation.operationId, status: "mismatched" };
}

function outcomeOf(operationId: string, decline: Decline | null): Outcome {
  return decline ? { operationId, status: "declined", code: decline.code } : { operationId, status: "completed" };
}

/** Registers the name of a new service, as the posting does. An existing name stays. */
function nameService({ kind, request }: Operation, serviceNames: Map<string, string>): void {
  if (kind !== "reservation" || request.serviceName === undefined || serviceNames.has(request.serviceId)) return;
  serviceNames.set(request.serviceId, request.serviceName);
}

/** The database refuses the data of such a request. It is stored as JSON only. */
function isRefused(result: Change | Decline): boolean {
  return isDecline(result) && result.code === "refused_by_ledger";
}

function setsDeadline({ kind }: Operation): boolean {
  return kind === "reservation" || kind === "extension";
}

function accountAfter(entry: NewEntry): Balance {
  return {
    userId: entry.userId,
    availableMinor: entry.availableAfterMinor,
    reservedMinor: entry.reservedAfterMinor,
    version: entry.version,
  };
}
