import type { Pool, PoolClient } from "pg";
import { idsNamed, userIdsCredited, userIdsTouched } from "../ledger/accountsTouched.ts";
import { type Books, type Decided, type Decision, decide, decideAtomically } from "../ledger/decide.ts";
import type { MonthOf } from "../ledger/months.ts";
import type { Operation, Outcome } from "../ledger/operations.ts";
import { type Posted, toPosted } from "../ledger/posted.ts";
import type { Account } from "../ledger/records.ts";
import { createAccounts, lockAccounts, updateAccounts } from "./accounts.ts";
import { insertEntries } from "./entries.ts";
import { findOperations, insertOperations } from "./operations.ts";
import { inOrder, inTransaction } from "./pool.ts";
import { readOwners, readRecognitions, writeRecognitions } from "./recognitions.ts";
import { readReservations, writeReservations } from "./reservations.ts";
import { insertRevenue, shareBooking } from "./revenue.ts";
import { registerServices } from "./services.ts";
import { Collision, classifyTrouble } from "./trouble.ts";
import { noteUnpublished } from "./unpublished.ts";

/** Collisions are rare, since all locks are taken in one order; five in a row mean that something else is wrong. */
const ATTEMPTS_MAX = 5;

export type PostingOptions = {
  /** For reservations that do not say how long they hold. */
  defaultTtlSeconds: number;
  /** The calendar of reports: revenue belongs to the month of its posting. */
  monthOf: MonthOf;
  /** Told of every operation that only the ledger refused, by itself: its data, or the books, should never have come this far. */
  alertRefused(operation: Operation, reason: unknown): void;
  /** Told of every list that was posted whole and new: what it has written need not be read back. */
  onPosted(workflowId: string, posted: Posted): void;
  /** Told of what each transaction has decided for the first time, once it is committed. */
  onDecided(decided: readonly Decided[]): void;
};

/**
 * Posts a list of 1 to 1000 operations on behalf of the carrier `workflowId`, in their order, each completed or declined by itself, and
 * returns their outcomes in the same order. Safe to run any number of times: what is stored answers with its stored outcome. All of a
 * list is one transaction, unless the database refuses one operation's data: then the list is halved until that one stands alone and is
 * stored as declined, so that it can never stop its neighbours. An atomic list completes whole or not at all, and is never halved.
 * @throws where the database is away or too slow: nothing is known of the outcome, and the same post must be run again.
 */
export async function post(
  pool: Pool,
  workflowId: string,
  operations: readonly Operation[],
  options: PostingOptions,
  isAtomic = false,
): Promise<Outcome[]> {
  try {
    const apply = isAtomic ? decideAtomically : decide;
    const decision = await commit(
      pool,
      workflowId,
      async (client) => inMonth(apply(operations, await lockAndRead(client, operations, options)), options),
      options.onDecided,
    );
    if (decision.decided.length === operations.length) options.onPosted(workflowId, toPosted(workflowId, decision));
    return decision.outcomes;
  } catch (error) {
    if (classifyTrouble(error) !== "refused") throw error;
    if (operations.length === 1) {
      options.alertRefused(operations[0]!, error);
      const deciding = (client: PoolClient) => declineRefused(client, operations);
      return (await commit(pool, workflowId, deciding, options.onDecided)).outcomes;
    }
  }
  if (isAtomic) {
    const deciding = (client: PoolClient) => declineAll(client, workflowId, operations, options);
    return (await commit(pool, workflowId, deciding, options.onDecided)).outcomes;
  }
  const half = Math.ceil(operations.length / 2);
  return [
    ...(await post(pool, workflowId, operations.slice(0, half), options)),
    ...(await post(pool, workflowId, operations.slice(half), options)),
  ];
}

/** A decision and the month of its time; none where it earns nothing. */
type DecisionInMonth = Decision & { month?: string };

function inMonth(decision: Decision, { monthOf }: PostingOptions): DecisionInMonth {
  return decision.revenue.length > 0 ? { ...decision, month: monthOf(decision.at) } : decision;
}

/** One transaction: decide, write, commit; again from the start where another transaction was in the way. */
export async function commit(
  pool: Pool,
  workflowId: string,
  deciding: (client: PoolClient) => Promise<DecisionInMonth>,
  onDecided: PostingOptions["onDecided"],
): Promise<Decision> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const committed = await inTransaction(pool, async (client) => {
        const decision = await deciding(client);
        await write(client, workflowId, decision);
        return decision;
      });
      onDecided(committed.decided);
      return committed;
    } catch (error) {
      if (classifyTrouble(error) !== "collision" || attempt === ATTEMPTS_MAX) throw error;
    }
  }
}

/**
 * The order of these statements is what keeps money safe. First, unlocked, whose accounts are touched. Then the accounts that may be new,
 * so that they exist before they are locked; then every lock, in the order of ids; and only then, in statements of their own, whatever
 * is decided upon: in READ COMMITTED each statement sees what was committed when it began, and what was committed while it waited for a
 * lock must be seen.
 */
async function lockAndRead(
  client: PoolClient,
  operations: readonly Operation[],
  { defaultTtlSeconds }: PostingOptions,
): Promise<Books> {
  const owners = await readOwners(client, idsNamed(operations));
  const [, accounts, books] = await inOrder([
    createAccounts(client, userIdsCredited(operations)),
    lockAccounts(client, userIdsTouched(operations, owners)),
    readBooks(client, operations),
  ]);
  return withLocked(accounts, { ...books, defaultTtlSeconds });
}

/** Everything else that is decided upon. To be sent behind the statement that locks the accounts, and run after it. */
export async function readBooks(client: PoolClient, operations: readonly Operation[]) {
  const books = operations.some(({ kind }) => kind === "recognition" || kind === "refund");
  const [stored, reservations, recognitions, , clock] = await inOrder([
    findOperations(client, operationIds(operations)),
    readReservations(client, operations),
    readRecognitions(client, operations),
    books && shareBooking(client),
    readClock(client),
  ]);
  return { stored, reservations, recognitions, clock };
}

/** The books of these locked accounts. @throws Collision where something in them belongs to an account that is not locked */
export function withLocked(accounts: Account[], read: Omit<Books, "accounts">): Books {
  const { reservations, recognitions } = read;
  // Opened by someone else since its owner was looked for: what is not locked must not be decided upon.
  const locked = new Set(accounts.map(({ userId }) => userId));
  if ([...reservations, ...recognitions].some(({ userId }) => !locked.has(userId))) {
    throw new Collision("A reservation came into being while its owner was looked for");
  }
  return { accounts, ...read };
}

/** For one operation that the database refused: what is stored of it, or else a decline that is stored now. It touches no account. */
async function declineRefused(client: PoolClient, operations: readonly Operation[]): Promise<Decision> {
  return decide(operations, await readStoredOnly(client, operations), () => ({ code: "refused_by_ledger" }));
}

/**
 * For an atomic list in which the database refused something: finds out what, each operation tried by itself and taken back, and declines the
 * whole list. Where it refuses none of them alone, it is their being together that it refuses.
 */
async function declineAll(
  client: PoolClient,
  workflowId: string,
  operations: readonly Operation[],
  options: PostingOptions,
): Promise<Decision> {
  const refused = new Set<string>();
  for (const operation of operations) {
    await client.query("savepoint trial");
    try {
      const books = await lockAndRead(client, [operation], options);
      await write(client, workflowId, inMonth(decide([operation], books), options));
    } catch (error) {
      if (classifyTrouble(error) !== "refused") throw error;
      options.alertRefused(operation, error);
      refused.add(operation.operationId);
    }
    await client.query("rollback to savepoint trial");
  }
  const isRefused = (operationId: string) => refused.size === 0 || refused.has(operationId);
  return decide(operations, await readStoredOnly(client, operations), ({ operationId }) => ({
    code: isRefused(operationId) ? "refused_by_ledger" : "batch_aborted",
  }));
}

/** For declines of what the database refuses, which touch no account. */
async function readStoredOnly(client: PoolClient, operations: readonly Operation[]): Promise<Books> {
  const stored = await findOperations(client, operationIds(operations));
  const clock = await readClock(client);
  return { accounts: [], reservations: [], recognitions: [], stored, clock, defaultTtlSeconds: 0 };
}

async function write(client: PoolClient, workflowId: string, decision: DecisionInMonth): Promise<void> {
  const withEntries = decision.outcomes.filter((outcome) => outcome.status === "completed" && outcome.balance);
  await inOrder([
    insertOperations(client, workflowId, decision),
    insertEntries(client, decision.entries, decision.at),
    updateAccounts(client, decision.accounts),
    writeReservations(client, workflowId, decision.reservations),
    writeRecognitions(client, decision.recognitions),
    decision.month && insertRevenue(client, decision.revenue, decision.at, decision.month),
    noteUnpublished(client, workflowId, [...new Set(operationIds(withEntries))]),
    registerServices(client, decision),
  ]);
}

export async function readClock(client: PoolClient): Promise<Date> {
  const { rows } = await client.query<{ clock: Date }>({ name: "clock", text: "select clock_timestamp() as clock" });
  return rows[0]!.clock;
}

function operationIds(operations: readonly { operationId: string }[]): string[] {
  return operations.map(({ operationId }) => operationId);
}
