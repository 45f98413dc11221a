import type { Pool, PoolClient } from "pg";
import type { EntryKind, Operation } from "../../ledger/operations.ts";
import { entryTexts } from "../../ledger/posted.ts";
import type { NewEntry, StoredEntry } from "../../ledger/records.ts";
import { bareArray } from "../arrays.ts";
import { firstDay, openMonth } from "./months.ts";

/**
 * Appends the entries with one `insert … from unnest`, all at the time `at`.
 * They go into `month`, which is the month of `at`, or into the first open month after it.
 */
export async function insertEntries(client: PoolClient, entries: NewEntry[], at: Date, month: string): Promise<void> {
  if (entries.length === 0) return;
  await client.query({
    name: "insert-entries",
    text: `
      insert into entries
        (user_id, version, operation_id, kind, amount_minor, available_delta_minor, reserved_delta_minor,
         available_after_minor, reserved_after_minor, counterparty_user_id, reservation_id, service_id, order_id,
         created_at, month)
      select made.*, $1, ${openMonth("$15")}
      from unnest($2::text[], $3::bigint[], $4::uuid[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[],
                  $9::bigint[], $10::bigint[], $11::text[], $12::uuid[], $13::text[], $14::text[]) as made`,
    values: [
      at,
      entries.map((entry) => entry.userId),
      bareArray(entries.map((entry) => entry.version)),
      bareArray(entries.map((entry) => entry.operation.operationId)),
      entries.map((entry) => entry.operation.kind),
      bareArray(entries.map((entry) => entry.amountMinor)),
      bareArray(entries.map((entry) => entry.availableDeltaMinor)),
      bareArray(entries.map((entry) => entry.reservedDeltaMinor)),
      bareArray(entries.map((entry) => entry.availableAfterMinor)),
      bareArray(entries.map((entry) => entry.reservedAfterMinor)),
      entries.map((entry) => entry.counterpartyUserId),
      bareArray(entries.map((entry) => entry.reservationId)),
      entries.map((entry) => entry.serviceId),
      entries.map((entry) => entry.orderId),
      firstDay(month),
    ],
  });
}

/**
 * Reads all entries of the operations, in event order: by user, then by version.
 * An operation's row holds the keys of its one or two entries, so each is one lookup in the primary key. `limit 1`
 * keeps it a lookup: the planner cannot flatten the subquery into a join.
 */
export async function readEntries(pool: Pool, operationIds: string[]): Promise<StoredEntry[]> {
  const { rows } = await pool.query<EntryRow>({
    name: "read-entries",
    text: `
      select entries.*, operations.workflow_id, operations.request, operations.service_name
      from operations
      cross join lateral (
        values (user_id, version), (counterparty_user_id, counterparty_version)
      ) as named (user_id, version)
      cross join lateral (
        select * from entries where entries.user_id = named.user_id and entries.version = named.version limit 1
      ) as entries
      where operations.id = any ($1::uuid[])
      order by entries.user_id, entries.version`,
    values: [operationIds],
  });
  return rows.map(toStoredEntry);
}

/** A row of `entries`, joined with its operation's workflow, request and service name. */
export type EntryRow = {
  user_id: string;
  version: bigint;
  operation_id: string;
  workflow_id: string;
  kind: EntryKind;
  amount_minor: bigint;
  available_delta_minor: bigint;
  reserved_delta_minor: bigint;
  available_after_minor: bigint;
  reserved_after_minor: bigint;
  counterparty_user_id: string | null;
  reservation_id: string | null;
  service_id: string | null;
  order_id: string | null;
  request: Operation["request"];
  service_name: string | null;
  created_at: Date;
};

export function toStoredEntry(row: EntryRow): StoredEntry {
  return {
    userId: row.user_id,
    version: Number(row.version),
    operationId: row.operation_id,
    workflowId: row.workflow_id,
    kind: row.kind,
    amountMinor: row.amount_minor,
    availableDeltaMinor: row.available_delta_minor,
    reservedDeltaMinor: row.reserved_delta_minor,
    availableAfterMinor: row.available_after_minor,
    reservedAfterMinor: row.reserved_after_minor,
    counterpartyUserId: row.counterparty_user_id,
    reservationId: row.reservation_id,
    serviceId: row.service_id,
    orderId: row.order_id,
    serviceName: row.service_name,
    ...entryTexts(row.request),
    createdAt: row.created_at,
  };
}
