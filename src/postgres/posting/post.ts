import type { Pool, PoolClient } from "pg";
import { idsNamed, userIdsCredited, userIdsTouched } from "../../ledger/accountsTouched.ts";
import { decide, decideAtomically } from "../../ledger/decide.ts";
import type { Operation } from "../../ledger/operations.ts";
import { joinPosted, type Posted } from "../../ledger/posted.ts";
import { inOrder } from "../pool.ts";
import { classifySqlError } from "../sqlErrors.ts";
import { createAccounts, lockAccounts } from "./accounts.ts";
import { bisect } from "./bisect.ts";
import { findStoredAndClock } from "./operations.ts";
import { readOwners } from "./recognitions.ts";
import { reservationsNamed } from "./reservations.ts";
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
 * Posts a list of 1 to 1000 operations on behalf of the carrier `workflowId`, in their order, each completed or declined by itself.
 * Idempotent: a stored operation answers with its stored outcome. The list is one transaction, unless the database refuses one
 * operation's data: that one alone is then stored as declined. An atomic list completes whole or not at all, and is never halved.
 * @returns outcomes in the order of the list, and the rows that were written
 * @throws where the database is away or too slow: the outcome is unknown, and the same post must be run again
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
 * The order of these statements is what keeps money safe. First, unlocked, the owners, which say whose accounts are touched. Then the
 * accounts that may be new, so that they exist before they are locked; then every lock, in the order of ids. Only then, in statements of
 * their own, all that is decided upon: in READ COMMITTED a statement sees what was committed when it began, and what was committed during
 * the wait for a lock must be seen.
 */
async function lockAndRead(
  client: PoolClient,
  operations: readonly Operation[],
  { defaultTtlSeconds, knownAccounts }: PostingOptions,
): Promise<LockedBooks> {
  const owners = await readOwners(client, idsNamed(operations));
  const credited = userIdsCredited(operations);
  const [, accounts, books] = await inOrder([
    createAccounts(
      client,
      credited.filter((userId) => !knownAccounts.has(userId)),
    ),
    lockAccounts(client, userIdsTouched(operations, owners)),
    readBooks(client, operations, reservationsNamed(operations)),
  ]);
  knownAccounts.note(accounts, credited);
  return withLocked(accounts, { ...books, defaultTtlSeconds });
}

/**
 * For an atomic list in which the database refused something: tries each operation by itself, takes it back, and declines the whole list.
 * Where none is refused alone, it is their being together that the database refuses.
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

/** For declines of what the database refuses, which touch no account. */
async function readStoredOnly(client: PoolClient, operations: readonly Operation[]): Promise<LockedBooks> {
  const { stored, clock } = await findStoredAndClock(client, idsOf(operations));
  return { accounts: [], reservations: [], recognitions: [], stored, clock, defaultTtlSeconds: 0 };
}
