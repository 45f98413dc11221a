import type { Pool, PoolClient } from "pg";
import { referencedIds, userIdsCredited, userIdsTouched } from "../../ledger/accountsTouched.ts";
import { decide, decideAtomically } from "../../ledger/decide.ts";
import type { Operation } from "../../ledger/operations.ts";
import { joinPosted, type Posted } from "../../ledger/posted.ts";
import { inOrder } from "../pool.ts";
import { classifySqlError } from "../sqlErrors.ts";
import { createAccounts, lockAccounts } from "./accounts.ts";
import { bisect } from "./bisect.ts";
import { findStoredAndClock } from "./operations.ts";
import { readOwners } from "./recognitions.ts";
import { reservationKeysOf } from "./reservations.ts";
import {
  idsOf,
  type LockedBooks,
  type PostingOptions,
  readBooks,
  runTransaction,
  withLocked,
  write,
} from "./transaction.ts";

/**
 * Posts 1 to 1000 operations of the carrier `workflowId`, in the order of the list.
 * Each operation is completed or declined by itself. Idempotent: a stored operation returns its stored outcome. The
 * list is one transaction. Where the database refuses one operation's data, that one alone is stored as declined. An
 * atomic list completes whole or not at all, and is never halved.
 * @returns outcomes in the order of the list, and the rows that were written
 * @throws where the database is unreachable or too slow: the outcome is unknown, and the same post must be retried
 */
export async function post(
  pool: Pool,
  workflowId: string,
  operations: readonly Operation[],
  options: PostingOptions,
  isAtomic = false,
): Promise<Posted> {
  const postTogether = (piece: readonly Operation[]) =>
    runTransaction(pool, workflowId, {
      read: (client) => lockAndRead(client, piece, options),
      decide: (books) => (isAtomic ? decideAtomically : decide)(piece, books),
      options,
    });
  if (isAtomic) {
    return await postTogether(operations).catch((error: unknown) => {
      if (classifySqlError(error) !== "refused") throw error;
      return declineAll(pool, workflowId, operations, options);
    });
  }
  return joinPosted(
    await bisect(operations, postTogether, (culprit, reason) => {
      options.alertRefused(culprit, reason);
      return runTransaction(pool, workflowId, {
        read: (client) => readStoredOnly(client, [culprit]),
        decide: (books) => decide([culprit], books, () => ({ code: "refused_by_ledger" })),
        options,
      });
    }),
  );
}

/**
 * Reads the books under locks. Correct balances depend on the order of the statements:
 *
 * 1. The owners, unlocked: they determine which accounts are touched.
 * 2. The accounts that may be new, so that they exist before they are locked.
 * 3. All locks, in the order of ids.
 * 4. All other rows that the decision needs, in statements of their own.
 *
 * In READ COMMITTED a statement sees the rows that were committed when it began. A decision must see the rows that were
 * committed during the wait for a lock, so step 4 begins after step 3.
 */
async function lockAndRead(
  client: PoolClient,
  operations: readonly Operation[],
  { defaultTtlSeconds, knownAccounts }: PostingOptions,
): Promise<LockedBooks> {
  const owners = await readOwners(client, referencedIds(operations));
  const credited = userIdsCredited(operations);
  const [, accounts, books] = await inOrder([
    createAccounts(
      client,
      credited.filter((userId) => !knownAccounts.has(userId)),
    ),
    lockAccounts(client, userIdsTouched(operations, owners)),
    readBooks(client, operations, reservationKeysOf(operations)),
  ]);
  knownAccounts.note(accounts, credited);
  return withLocked(accounts, { ...books, defaultTtlSeconds });
}

/**
 * Declines an atomic list in which the database refused an operation.
 * Each operation is tried alone in a savepoint and rolled back, to find the refused ones. Where none is refused alone,
 * the database refuses their combination, and all count as refused.
 */
function declineAll(
  pool: Pool,
  workflowId: string,
  operations: readonly Operation[],
  options: PostingOptions,
): Promise<Posted> {
  const refused = new Set<string>();
  const tryEach = async (client: PoolClient) => {
    refused.clear();
    for (const operation of operations) {
      await client.query("savepoint trial");
      try {
        const books = await lockAndRead(client, [operation], options);
        await write(client, workflowId, decide([operation], books), options.monthOf);
      } catch (error) {
        if (classifySqlError(error) !== "refused") throw error;
        options.alertRefused(operation, error);
        refused.add(operation.operationId);
      }
      await client.query("rollback to savepoint trial");
    }
    return await readStoredOnly(client, operations);
  };
  const isRefused = (operationId: string) => refused.size === 0 || refused.has(operationId);
  return runTransaction(pool, workflowId, {
    read: tryEach,
    decide: (books) =>
      decide(operations, books, ({ operationId }) => ({
        code: isRefused(operationId) ? "refused_by_ledger" : "batch_aborted",
      })),
    options,
  });
}

/** Reads for declines of refused data, which touch no account: stored outcomes and the clock. */
async function readStoredOnly(client: PoolClient, operations: readonly Operation[]): Promise<LockedBooks> {
  const { stored, clock } = await findStoredAndClock(client, idsOf(operations));
  return {
    accounts: [],
    reservations: [],
    recognitions: [],
    serviceNames: new Map(),
    stored,
    clock,
    defaultTtlSeconds: 0,
  };
}
