import type { Pool, PoolClient } from "pg";
import { userIdsCredited, userIdsTouched } from "../../../src/ledger/accountsTouched.ts";
import { decide } from "../../../src/ledger/decide.ts";
import type { Operation } from "../../../src/ledger/operations.ts";
import { toStored } from "../../../src/ledger/posted.ts";
import type { Account, Reservation, StoredOperation } from "../../../src/ledger/records.ts";
import { findOperations } from "../../../src/postgres/posting/operations.ts";
import { classifySqlError } from "../../../src/postgres/sqlErrors.ts";
import { lockAccounts, lockOwner, readReservation, WORKFLOW_ID, write } from "./statements.ts";
import { withConnection } from "./transaction.ts";

const ATTEMPTS_MAX = 5;

/**
 * Posts one operation in its own transaction: begin, lock and read, then write and commit.
 * Saldo's rules decide the outcome.
 * @returns the operation that is stored under its key: this one, or an earlier one
 */
export async function post(pool: Pool, operation: Operation, defaultTtlSeconds: number): Promise<StoredOperation> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const result = await withConnection(pool, (client) => transact(client, operation, defaultTtlSeconds));
      if (result === "account missing") await createAccounts(pool, operation);
      else if (result !== "stored before") return result;
      else return (await findOperations(pool, [operation.operationId]))[0]!;
    } catch (error) {
      if (classifySqlError(error) !== "collision" || attempt === ATTEMPTS_MAX) throw error;
    }
  }
}

/** A missing account ends the transaction: accounts are created before any lock, so outside. */
async function transact(
  client: PoolClient,
  operation: Operation,
  defaultTtlSeconds: number,
): Promise<StoredOperation | "account missing" | "stored before"> {
  const [, [accounts, reservations]] = await Promise.all([client.query("begin"), lockAndLook(client, operation)]);
  const existing = new Set(accounts.map(({ userId }) => userId));
  if (userIdsCredited([operation]).some((userId) => !existing.has(userId))) {
    await client.query("rollback");
    return "account missing";
  }
  const none = { recognitions: [], serviceNames: new Map(), stored: [] };
  const books = { accounts, reservations, ...none, clock: new Date(), defaultTtlSeconds };
  const decision = decide([operation], books);
  const [isNew, { command }] = await Promise.all([write(client, decision), client.query("commit")]);
  if (command !== "COMMIT") throw new Error(`The transaction ended with ${command} instead of COMMIT`);
  return isNew
    ? toStored(WORKFLOW_ID, decision.decided[0]!, decision.entries[0], decision.at, new Map())
    : "stored before";
}

async function lockAndLook(client: PoolClient, operation: Operation): Promise<[Account[], Reservation[]]> {
  const { request } = operation;
  if ("reservationId" in request) {
    const { reservationId } = request;
    return await Promise.all([lockOwner(client, reservationId), readReservation(client, reservationId)]);
  }
  return [await lockAccounts(client, userIdsTouched([operation], new Map())), []];
}

async function createAccounts(pool: Pool, operation: Operation): Promise<void> {
  await pool.query({
    name: "create-accounts",
    text: "insert into accounts (user_id) select * from unnest($1::text[]) order by 1 on conflict do nothing",
    values: [userIdsCredited([operation])],
  });
}
