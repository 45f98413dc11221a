import type { Pool, PoolClient } from "pg";
import type { Books, Decided, Decision } from "../../ledger/decide.ts";
import type { MonthOf } from "../../ledger/months.ts";
import type { Operation } from "../../ledger/operations.ts";
import { type Posted, toPosted } from "../../ledger/posted.ts";
import type { Account, WatchedReservation } from "../../ledger/records.ts";
import { inOrder, inTransaction } from "../pool.ts";
import { Collision, classifySqlError } from "../sqlErrors.ts";
import { updateAccounts } from "./accounts.ts";
import { insertEntries } from "./entries.ts";
import type { KnownAccounts } from "./knownAccounts.ts";
import { findStoredAndClock, insertOperations } from "./operations.ts";
import { insertOutbox } from "./outbox.ts";
import { readRecognitions, writeRecognitions } from "./recognitions.ts";
import { type ReservationKeys, readReservations, writeReservations } from "./reservations.ts";
import { insertRevenue, shareBooking } from "./revenue.ts";
import { registerServices } from "./services.ts";

/** Collisions are rare, since all locks are taken in one order; five in a row mean that something else is wrong. */
const ATTEMPTS_MAX = 5;

export type PostingOptions = {
  /** For reservations that do not say how long they hold. */
  defaultTtlSeconds: number;
  /** The calendar of reports: revenue belongs to the month of its posting. */
  monthOf: MonthOf;
  /** The accounts that need not be created. */
  knownAccounts: KnownAccounts;
  /** Called for each operation that the database refuses by itself: its data, or the books, are broken. */
  alertRefused(operation: Operation, reason: unknown): void;
  /** Called with what each transaction has decided for the first time, once it is committed. */
  onDecided(decided: readonly Decided[]): void;
};

/** The books as a transaction has read them under its locks, reservations with their sagas. */
export type LockedBooks = Omit<Books, "reservations"> & { reservations: readonly WatchedReservation[] };

/**
 * One transaction: read the books, decide, write, commit; again from the start where another transaction collided.
 * @returns the rows that were written. @throws as the statements do; what happened to a commit is then unknown
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

/** Everything that is decided upon beside the accounts. To be sent behind the statement that locks these, and run after it. */
export async function readBooks(client: PoolClient, operations: readonly Operation[], named: ReservationKeys) {
  const recordsRevenue = operations.some(({ kind }) => kind === "recognition" || kind === "refund");
  const [reservations, recognitions, , { stored, clock }] = await inOrder([
    readReservations(client, named),
    readRecognitions(client, operations),
    recordsRevenue && shareBooking(client),
    findStoredAndClock(client, idsOf(operations)),
  ]);
  return { stored, reservations, recognitions, clock };
}

/** The books of these locked accounts. @throws Collision where something in them belongs to an account that is not locked */
export function withLocked(accounts: Account[], read: Omit<LockedBooks, "accounts">): LockedBooks {
  const { reservations, recognitions } = read;
  // Opened by another transaction since its owner was read: what is not locked must not be decided upon.
  const locked = new Set(accounts.map(({ userId }) => userId));
  if ([...reservations, ...recognitions].some(({ userId }) => !locked.has(userId))) {
    throw new Collision("A reservation came into being while its owner was looked for");
  }
  return { accounts, ...read };
}

/** Writes the decision. @returns the id of its outbox row, where it made entries */
export async function write(
  client: PoolClient,
  workflowId: string,
  decision: Decision,
  monthOf: MonthOf,
): Promise<string | undefined> {
  const { entries, at, accounts, reservations, recognitions, revenue } = decision;
  const operationIds = [...new Set(entries.map(({ operation }) => operation.operationId))];
  const [, , , , , , outboxId] = await inOrder([
    insertOperations(client, workflowId, decision),
    insertEntries(client, entries, at),
    updateAccounts(client, accounts),
    writeReservations(client, workflowId, reservations),
    writeRecognitions(client, recognitions),
    revenue.length > 0 && insertRevenue(client, revenue, at, monthOf(at)),
    insertOutbox(client, workflowId, operationIds),
    registerServices(client, decision),
  ]);
  return outboxId;
}

export function idsOf(operations: readonly { operationId: string }[]): string[] {
  return operations.map(({ operationId }) => operationId);
}

/** The sagas, other than the workflow itself, of the reservations that were there before and that the decision changes. */
function sagasChanged(workflowId: string, { reservations }: LockedBooks, decision: Decision): string[] {
  const changed = new Set(decision.reservations.map(({ reservationId }) => reservationId));
  const sagas = reservations
    .filter(({ reservationId, sagaWorkflowId }) => changed.has(reservationId) && sagaWorkflowId !== workflowId)
    .map(({ sagaWorkflowId }) => sagaWorkflowId);
  return [...new Set(sagas)];
}
