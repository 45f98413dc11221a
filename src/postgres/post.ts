import type { Pool, PoolClient } from "pg";
import { type Decision, decide } from "../ledger/decide.ts";
import { creditedUserId, type Operation, type Outcome, touchedUserIds } from "../ledger/operations.ts";
import { createAccounts, lockAccounts, updateAccounts } from "./accounts.ts";
import { insertEntries } from "./entries.ts";
import { findOperations, insertOperations } from "./operations.ts";
import { inTransaction } from "./pool.ts";
import { classifyTrouble } from "./trouble.ts";
import { noteUnpublished } from "./unpublished.ts";

/** Collisions are rare, since all locks are taken in one order; five in a row mean that something else is wrong. */
const ATTEMPTS_MAX = 5;

/** Told of every operation that only the database refused: its data should never have come this far. */
export type AlertRefused = (operation: Operation, reason: unknown) => void;

/**
 * Posts a list of 1 to 1000 operations on behalf of the carrier `workflowId`, in their order, each completed or declined by itself, and
 * returns their outcomes in the same order. Safe to run any number of times: what is stored answers with its stored outcome. All of a
 * list is one transaction, unless the database refuses one operation's data: then the list is halved until that one stands alone and is
 * stored as declined, so that it can never stop its neighbours.
 * @throws where the database is away or too slow: nothing is known of the outcome, and the same post must be run again.
 */
export async function post(
  pool: Pool,
  workflowId: string,
  operations: readonly Operation[],
  alertRefused: AlertRefused,
): Promise<Outcome[]> {
  try {
    return await commit(pool, workflowId, operations, decideUnderLocks);
  } catch (error) {
    if (classifyTrouble(error) !== "refused") throw error;
    if (operations.length === 1) {
      alertRefused(operations[0]!, error);
      return await commit(pool, workflowId, operations, declineRefused);
    }
  }
  const half = Math.ceil(operations.length / 2);
  return [
    ...(await post(pool, workflowId, operations.slice(0, half), alertRefused)),
    ...(await post(pool, workflowId, operations.slice(half), alertRefused)),
  ];
}

type Deciding = (client: PoolClient, operations: readonly Operation[]) => Promise<Decision>;

/** One transaction for the list: decide, write, commit; again from the start where another transaction was in the way. */
async function commit(
  pool: Pool,
  workflowId: string,
  operations: readonly Operation[],
  deciding: Deciding,
): Promise<Outcome[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await inTransaction(pool, async (client) => {
        const decision = await deciding(client, operations);
        await write(client, workflowId, decision);
        return decision.outcomes;
      });
    } catch (error) {
      if (classifyTrouble(error) !== "collision" || attempt === ATTEMPTS_MAX) throw error;
    }
  }
}

/**
 * The order of these statements is what keeps money safe. Accounts first, so that a new one exists before it is locked; then every lock,
 * in the order of ids; and only then, in statements of their own, whatever is decided upon: in READ COMMITTED each statement sees what
 * was committed when it began, and what was committed while it waited for a lock must be seen.
 */
async function decideUnderLocks(client: PoolClient, operations: readonly Operation[]): Promise<Decision> {
  await createAccounts(client, [...new Set(operations.map(creditedUserId).filter((userId) => userId !== undefined))]);
  const accounts = await lockAccounts(client, [...new Set(operations.flatMap(touchedUserIds))]);
  const stored = await findOperations(client, operationIds(operations));
  const clock = await readClock(client);
  return decide(operations, { accounts, stored, clock });
}

/** For one operation that the database refused: what is stored of it, or else a decline that is stored now. It touches no account. */
async function declineRefused(client: PoolClient, operations: readonly Operation[]): Promise<Decision> {
  const stored = await findOperations(client, operationIds(operations));
  const clock = await readClock(client);
  return decide(operations, { accounts: new Map(), stored, clock }, () => "refused_by_ledger");
}

async function write(client: PoolClient, workflowId: string, decision: Decision): Promise<void> {
  await insertOperations(client, workflowId, decision);
  if (decision.entries.length > 0) {
    await insertEntries(client, decision.entries, decision.at);
    await updateAccounts(client, decision.accounts);
  }
  const completed = decision.outcomes.filter((outcome) => outcome.status === "completed");
  await noteUnpublished(client, workflowId, [...new Set(operationIds(completed))]);
}

async function readClock(client: PoolClient): Promise<Date> {
  const { rows } = await client.query<{ clock: Date }>({ name: "clock", text: "select clock_timestamp() as clock" });
  return rows[0]!.clock;
}

function operationIds(operations: readonly { operationId: string }[]): string[] {
  return operations.map(({ operationId }) => operationId);
}
