import type { PoolClient, QueryResult } from "pg";
import type { Decision } from "../../../src/ledger/decide.ts";
import type { Account, Reservation } from "../../../src/ledger/records.ts";

/** Value of the column `workflow_id`: this service has no workflows. */
export const WORKFLOW_ID = "plain";

/** Locks and returns the accounts of these users, in the order of their ids. */
export async function lockAccounts(client: PoolClient, userIds: string[]): Promise<Account[]> {
  const { rows } = await client.query({
    name: "lock-accounts",
    text: `
      select user_id, available_minor, reserved_minor, version, last_entry_at from accounts
      where user_id = any ($1::text[])
      order by user_id
      for update`,
    values: [userIds],
  });
  return rows.map(toAccount);
}

/** Locks and returns the account of a reservation's owner. */
export async function lockOwner(client: PoolClient, reservationId: string): Promise<Account[]> {
  const { rows } = await client.query({
    name: "lock-owner",
    text: `
      select user_id, available_minor, reserved_minor, version, last_entry_at from accounts
      where user_id = (select user_id from reservations where id = $1::uuid)
      for update`,
    values: [reservationId],
  });
  return rows.map(toAccount);
}

/** Reads a reservation under its owner's lock. A separate statement sees commits made during the wait for the lock. */
export async function readReservation(client: PoolClient, reservationId: string): Promise<Reservation[]> {
  const { rows } = await client.query({
    name: "read-reservation",
    text: "select * from reservations where id = $1::uuid",
    values: [reservationId],
  });
  return rows.map((row) => ({
    reservationId: row.id,
    userId: row.user_id,
    serviceId: row.service_id,
    orderId: row.order_id,
    amountMinor: row.amount_minor,
    recognizedMinor: row.recognized_minor,
    releasedMinor: row.released_minor,
    expiredMinor: row.expired_minor,
    refundedMinor: row.refunded_minor,
    expiresAt: row.expires_at,
    createdAt: row.created_at,
  }));
}

/**
 * Writes one operation and its effects in one statement, unless its key is already stored.
 * @returns whether it was new
 */
export async function write(client: PoolClient, decision: Decision): Promise<boolean> {
  const [{ operation, decline, reservationId, expiresAt } = missing()] = decision.decided;
  const [entry] = decision.entries;
  const [reservation] = decision.reservations;
  const shape = reservation ? operation.kind : entry ? "money" : "decline";
  const { rowCount }: QueryResult = await client.query({
    name: `write-${shape}`,
    text: `with ${[INSERT_OPERATION, ...(entry ? ENTRIES_AND_ACCOUNTS : []), ...(RESERVATION_PARTS[shape] ?? [])].join(",\n")}
      select from stored`,
    values: [
      ...[operation.operationId, operation.caller, operation.idempotencyKey, operation.kind],
      ...[JSON.stringify(operation.request), decline?.code ?? null, reservationId, expiresAt],
      ...[operation.acceptedAt, decision.at],
      decision.entries.map((one) => one.userId),
      decision.entries.map((one) => one.version),
      ...[entry?.serviceId ?? null, entry?.orderId ?? null],
      ...(entry
        ? [
            decision.entries.map((one) => one.availableDeltaMinor),
            decision.entries.map((one) => one.reservedDeltaMinor),
            decision.entries.map((one) => one.availableAfterMinor),
            decision.entries.map((one) => one.reservedAfterMinor),
            decision.entries.map((one) => one.counterpartyUserId),
            entry.amountMinor,
          ]
        : []),
      ...(shape === "recognition" ? [reservation!.recognizedMinor, reservation!.releasedMinor] : []),
    ],
  });
  return rowCount === 1;
}

const INSERT_OPERATION = `
  stored as (
    insert into operations
      (id, caller, idempotency_key, workflow_id, kind, request, status, decline_code, reservation_id, expires_at,
       created_at, completed_at, user_id, version, counterparty_user_id, counterparty_version,
       service_id, order_id)
    values ($1::uuid, $2, $3, '${WORKFLOW_ID}', $4, $5::json, case when $6::text is null then 'completed' else 'declined' end,
      $6, $7::uuid, $8::timestamptz, least($9::timestamptz, $10::timestamptz), $10,
      ($11::text[])[1], ($12::bigint[])[1], ($11::text[])[2], ($12::bigint[])[2],
      $13, $14)
    on conflict do nothing
    returning id
  )`;

const ENTRIES_AND_ACCOUNTS = [
  `entry as (
    insert into entries
      (user_id, version, operation_id, kind, amount_minor, available_delta_minor, reserved_delta_minor,
       available_after_minor, reserved_after_minor, counterparty_user_id, created_at, reservation_id, service_id, order_id, month)
    select made.user_id, made.version, stored.id, $4, $20::bigint, made.available_delta, made.reserved_delta,
      made.available_after, made.reserved_after, made.counterparty, $10, $7, $13, $14,
      date_trunc('month', $10::timestamptz at time zone 'Europe/Moscow')
    from stored,
      unnest($11::text[], $12::bigint[], $15::bigint[], $16::bigint[], $17::bigint[], $18::bigint[], $19::text[])
        as made (user_id, version, available_delta, reserved_delta, available_after, reserved_after, counterparty)
  )`,
  `account as (
    update accounts
    set available_minor = made.available_after, reserved_minor = made.reserved_after, version = made.version, last_entry_at = $10
    from stored, unnest($11::text[], $12::bigint[], $17::bigint[], $18::bigint[])
      as made (user_id, version, available_after, reserved_after)
    where accounts.user_id = made.user_id
  )`,
];

const RESERVATION_PARTS: Record<string, string[]> = {
  reservation: [
    `reservation as (
      insert into reservations
        (id, user_id, service_id, order_id, saga_workflow_id, amount_minor, recognized_minor, released_minor, expired_minor,
         expires_at, created_at)
      select id, ($11::text[])[1], $13, $14, '${WORKFLOW_ID}', $20, 0, 0, 0, $8, $10 from stored
    )`,
  ],
  recognition: [
    `settled as (
      update reservations set recognized_minor = $21::bigint, released_minor = $22::bigint from stored where reservations.id = $7
    )`,
    `recognition as (
      insert into recognitions (id, reservation_id, user_id, service_id, order_id, amount_minor, refunded_minor)
      select id, $7, ($11::text[])[1], $13, $14, $20, 0 from stored
    )`,
    `earned as (
      insert into revenue (operation_id, service_id, amount_minor, created_at, month)
      select id, $13, $20, $10, date_trunc('month', $10::timestamptz at time zone 'Europe/Moscow') from stored
    )`,
  ],
};

// biome-ignore lint/suspicious/noExplicitAny: a row as pg gives it
function toAccount(row: any): Account {
  return {
    userId: row.user_id,
    availableMinor: row.available_minor,
    reservedMinor: row.reserved_minor,
    version: Number(row.version),
    lastEntryAt: row.last_entry_at,
  };
}

function missing(): never {
  throw new Error("The decision has no operation");
}
