import type { Pool, PoolClient } from "pg";
import type { Books, Decided, Decision } from "../../ledger/decide.ts";
import type { MonthOf } from "../../ledger/months.ts";
import type { Operation } from "../../ledger/operations.ts";
import { type Posted, toPosted } from "../../ledger/posted.ts";
import { type Account, remainingMinor, type WatchedReservation } from "../../ledger/records.ts";
import { inOrder, inTransaction } from "../pool.ts";
import { Collision, classifySqlError } from "../sqlErrors.ts";
import { updateAccounts } from "./accounts.ts";
import { insertEntries } from "./entries.ts";
import type { KnownAccounts } from "./knownAccounts.ts";
import { findStoredAndClock, insertOperations } from "./operations.ts";
import { insertOutbox } from "./outbox.ts";
import { readRecognitions, recognitionIdsOf, writeRecognitions } from "./recognitions.ts";
import { type ReservationKeys, readReservations, writeReservations } from "./reservations.ts";
import { insertRevenue } from "./revenue.ts";
import { readServiceNames, registerServices, serviceIdsOf } from "./services.ts";

/** Collisions are rare, since all transactions lock in one order. Five in a row have another cause. */
const ATTEMPTS_MAX = 5;

export type PostingOptions = {
  /** Lifetime of reservations whose request has none. */
  defaultTtlSeconds: number;
  /** The calendar of reports: an entry belongs to the month of its posting. */
  monthOf: MonthOf;
  /** Accounts that need not be created. */
  knownAccounts: KnownAccounts;
  /** Called for each operation that is refused alone: its data or the books are broken. */
  alertRefused(operation: Operation, reason: unknown): void;
  /** Called after each commit with the operations that it decided for the first time. */
  onDecided(decided: readonly Decided[]): void;
};

/** The books as read under the transaction's locks, each reservation with its saga. */
export type LockedBooks = Omit<Books, "reservations"> & { reservations: readonly WatchedReservation[] };

/**
 * Reads the books, decides, writes and commits in one transaction; retries after a collision.
 * @returns the rows that were written
 * @throws the errors of the statements; whether a failed commit took effect is unknown
 */
export async function runTransaction(
  pool: Pool,
  workflowId: string,
  {
    read,
    decide,
    options,
  }: {
    read(client: PoolClient): Promise<LockedBooks>;
    decide(books: LockedBooks): Decision;
    options: Pick<PostingOptions, "monthOf" | "onDecided">;
  },
): Promise<Posted> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const { books, decision, outboxId } = await inTransaction(pool, async (client) => {
        const books = await read(client);
        const decision = decide(books);
        return { books, decision, outboxId: await write(client, workflowId, decision, options.monthOf) };
      });
      options.onDecided(decision.decided);
      return toPosted(decision, {
        workflowId,
        stored: [...books.stored],
        outboxIds: outboxId === undefined ? [] : [outboxId],
        sagaWorkflowIds: sagasChanged(workflowId, books, decision),
      });
    } catch (error) {
      if (classifySqlError(error) !== "collision" || attempt === ATTEMPTS_MAX) throw error;
    }
  }
}

/**
 * Reads all rows that a decision needs, except the accounts. Sent after the statement that locks these, and run after
 * it.
 */
export async function readBooks(client: PoolClient, operations: readonly Operation[], keys: ReservationKeys) {
  const recognitionIds = recognitionIdsOf(operations);
  const [reservations, recognitions, serviceNames, { stored, clock }] = await inOrder([
    readReservations(client, keys, recognitionIds),
    readRecognitions(client, recognitionIds),
    readServiceNames(client, serviceIdsOf(operations), keys.ids, recognitionIds),
    findStoredAndClock(client, idsOf(operations)),
  ]);
  return { stored, reservations, recognitions, serviceNames, clock };
}

/**
 * Combines the locked accounts with the other rows of the books.
 * @throws Collision where a row belongs to an account that is not locked
 */
export function withLocked(accounts: Account[], read: Omit<LockedBooks, "accounts">): LockedBooks {
  const { reservations, recognitions } = read;
  // Another transaction has opened it since the owners were read. A decision needs the lock of its account.
  const locked = new Set(accounts.map(({ userId }) => userId));
  if ([...reservations, ...recognitions].some(({ userId }) => !locked.has(userId))) {
    throw new Collision("A reservation was opened after its owner was looked up");
  }
  return { accounts, ...read };
}

/**
 * Writes the decision with pipelined statements.
 * @returns the id of its outbox row; undefined where it made no entries
 */
export async function write(
  client: PoolClient,
  workflowId: string,
  decision: Decision,
  monthOf: MonthOf,
): Promise<string | undefined> {
  const { entries, at, accounts, reservations, recognitions, revenue } = decision;
  const month = monthOf(at);
  const operationIds = [...new Set(entries.map(({ operation }) => operation.operationId))];
  const [, , , , , , outboxId] = await inOrder([
    insertOperations(client, workflowId, decision),
    insertEntries(client, entries, at, month),
    updateAccounts(client, accounts),
    writeReservations(client, workflowId, reservations),
    writeRecognitions(client, recognitions),
    revenue.length > 0 && insertRevenue(client, revenue, at, month),
    insertOutbox(client, workflowId, operationIds),
    registerServices(client, decision),
  ]);
  return outboxId;
}

export function idsOf(operations: readonly { operationId: string }[]): string[] {
  return operations.map(({ operationId }) => operationId);
}

/** Returns the other sagas whose existing reservations the decision settles or extends. Refunds do not concern them. */
function sagasChanged(workflowId: string, { reservations }: LockedBooks, decision: Decision): string[] {
  const changed = new Map(decision.reservations.map((one) => [one.reservationId, one]));
  const concerns = (before: WatchedReservation) => {
    const after = changed.get(before.reservationId);
    return after && (remainingMinor(after) !== remainingMinor(before) || after.expiresAt > before.expiresAt);
  };
  const sagas = reservations
    .filter((one) => one.sagaWorkflowId !== workflowId && concerns(one))
    .map(({ sagaWorkflowId }) => sagaWorkflowId);
  return [...new Set(sagas)];
}
