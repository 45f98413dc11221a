import type { Pool, PoolClient } from "pg";
import type { Decision } from "../../ledger/decide.ts";
import type { DeclineCode, Kind, Operation, RequestOfKind } from "../../ledger/operations.ts";
import type { NewEntry, StoredOperation } from "../../ledger/records.ts";
import { bareArray } from "../arrays.ts";
import { Collision } from "../sqlErrors.ts";
import { CLOCK_UNDER_BOOKING } from "./months.ts";

/**
 * Joins each operation with its own user's entry and a recognition's refunds, by primary key.
 * In a transfer it is the sender's entry. The request is returned whole and never parsed in SQL, which could fail on
 * the content of a refused one.
 */
const SELECT_WITH_ENTRY = `
  select operations.*, entry.amount_minor, entry.available_delta_minor, entry.available_after_minor,
    entry.reserved_after_minor, recognition.refunded_minor
  from operations
  left join lateral (
    select amount_minor, available_delta_minor, available_after_minor, reserved_after_minor
    from entries
    where entries.user_id = operations.user_id and entries.version = operations.version
    limit 1
  ) as entry on true
  left join lateral (
    select refunded_minor from recognitions where operations.kind = 'recognition' and recognitions.id = operations.id limit 1
  ) as recognition on true`;

/** Returns those of `operationIds` that are stored, found by primary key, unordered. */
export async function findOperations(database: Pool | PoolClient, operationIds: string[]): Promise<StoredOperation[]> {
  const { rows } = await database.query<OperationRow>({
    name: "find-operations",
    text: `${SELECT_WITH_ENTRY} where operations.id = any ($1::uuid[])`,
    values: [bareArray(operationIds)],
  });
  return rows.map(toStoredOperation);
}

/**
 * Returns those of `operationIds` that are stored, and the database's clock, in one statement.
 * Sent after the statement that locks the accounts, so that both are as of a moment under the locks. It takes the
 * booking lock first, as every posting must before the clock: a statement of its own would be one more for each.
 */
export async function findStoredAndClock(
  client: PoolClient,
  operationIds: string[],
): Promise<{ stored: StoredOperation[]; clock: Date }> {
  const { rows } = await client.query<OperationRow & { clock: Date }>({
    name: "find-stored-and-clock",
    text: `
      select now.clock, found.*
      from (select ${CLOCK_UNDER_BOOKING} as clock) as now
      left join lateral (${SELECT_WITH_ENTRY} where operations.id = any ($1::uuid[])) as found on true`,
    values: [bareArray(operationIds)],
  });
  return { stored: rows.filter(({ id }) => id !== null).map(toStoredOperation), clock: rows[0]!.clock };
}

/**
 * Returns all completed operations on the reservation, in posting order. Uses the index `operations_by_reservation`.
 */
export async function findOperationsOn(database: Pool | PoolClient, reservationId: string): Promise<StoredOperation[]> {
  const { rows } = await database.query<OperationRow>({
    name: "find-operations-on",
    text: `${SELECT_WITH_ENTRY} where operations.reservation_id = $1 and operations.status = 'completed' order by operations.completed_at, operations.ordinal`,
    values: [reservationId],
  });
  return rows.map(toStoredOperation);
}

function toStoredOperation(row: OperationRow): StoredOperation {
  const { id, kind, request } = row;
  return {
    operationId: id,
    workflowId: row.workflow_id,
    ...({ kind, request } as RequestOfKind),
    decline: row.decline_code && {
      code: row.decline_code,
      ...(row.decline_reservation_ids && { reservationIds: row.decline_reservation_ids }),
    },
    createdAt: row.created_at,
    completedAt: row.completed_at,
    userId: row.user_id,
    counterpartyUserId: row.counterparty_user_id,
    reservationId: row.reservation_id,
    serviceId: row.service_id,
    orderId: row.order_id,
    serviceName: row.service_name,
    by: row.by,
    reason: row.reason,
    expiresAt: row.expires_at,
    amountMinor: row.amount_minor,
    releasedMinor: row.available_delta_minor,
    refundedMinor: row.refunded_minor,
    balance:
      row.version === null
        ? null
        : {
            userId: row.user_id!,
            availableMinor: row.available_after_minor!,
            reservedMinor: row.reserved_after_minor!,
            version: Number(row.version),
          },
  };
}

type OperationRow = {
  id: string;
  workflow_id: string;
  kind: Kind;
  request: object;
  decline_code: DeclineCode | null;
  decline_reservation_ids: string[] | null;
  created_at: Date;
  completed_at: Date;
  user_id: string | null;
  counterparty_user_id: string | null;
  reservation_id: string | null;
  service_id: string | null;
  order_id: string | null;
  service_name: string | null;
  by: string | null;
  reason: string | null;
  expires_at: Date | null;
  refunded_minor: bigint | null;
  /** These are of the operation's entry; null where it has no entry. */
  version: bigint | null;
  amount_minor: bigint | null;
  available_delta_minor: bigint | null;
  available_after_minor: bigint | null;
  reserved_after_minor: bigint | null;
};

/**
 * Inserts the decided operations in the order of ids; their ordinals follow the list.
 * With that order, two transactions with the same operations wait in line instead of deadlocking.
 * `on conflict do nothing` and the row count detect operations that were stored meanwhile.
 * @throws Collision where one of them is stored already: the decision was made without it, and must be made again
 */
export async function insertOperations(
  client: PoolClient,
  workflowId: string,
  { decided, entries, at }: Decision,
): Promise<void> {
  if (decided.length === 0) return;
  const entriesById = groupByOperation(entries);
  const made = decided.map(({ operation }) => entriesById.get(operation.operationId));
  const { rowCount } = await client.query({
    name: "insert-operations",
    text: `
      insert into operations
        (id, caller, idempotency_key, workflow_id, kind, request, status, decline_code, decline_reservation_ids,
         reservation_id, expires_at, created_at, completed_at, ordinal, user_id, version, counterparty_user_id,
         counterparty_version, service_id, order_id, service_name, reference, by, reason)
      select id, caller, idempotency_key, $1, kind, request::json,
             case when decline_code is null then 'completed' else 'declined' end, decline_code,
             decline_reservation_ids::uuid[], reservation_id, expires_at, least(accepted_at, $2::timestamptz), $2, ordinal,
             user_id, version, counterparty_user_id, counterparty_version, service_id, order_id, service_name,
             reference, by, reason
      from (
        select *, nextval('operations_ordinal') as ordinal
        from unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::uuid[],
                    $11::timestamptz[], $12::timestamptz[], $13::text[], $14::bigint[], $15::text[], $16::bigint[],
                    $17::text[], $18::text[], $19::text[], $20::text[], $21::text[], $22::text[])
          as listed (id, caller, idempotency_key, kind, request, decline_code, decline_reservation_ids, reservation_id,
                     expires_at, accepted_at, user_id, version, counterparty_user_id, counterparty_version,
                     service_id, order_id, service_name, reference, by, reason)
      ) as decided
      order by id
      on conflict do nothing`,
    values: [
      workflowId,
      at,
      bareArray(decided.map(({ operation }) => operation.operationId)),
      decided.map(({ operation }) => operation.caller),
      decided.map(({ operation }) => operation.idempotencyKey),
      decided.map(({ operation }) => operation.kind),
      decided.map(({ operation }) => JSON.stringify(operation.request)),
      decided.map(({ decline }) => decline?.code ?? null),
      // SQL has no array of arrays of different lengths: each one is passed as text.
      decided.map(({ decline }) => (decline?.reservationIds ? `{${decline.reservationIds.join(",")}}` : null)),
      bareArray(decided.map(({ reservationId }) => reservationId)),
      bareArray(decided.map(({ expiresAt }) => expiresAt?.toISOString() ?? null)),
      bareArray(decided.map(({ operation }) => operation.acceptedAt)),
      decided.map(({ userId }) => userId),
      bareArray(made.map((entries) => entries?.[0]?.version ?? null)),
      decided.map(({ counterpartyUserId }) => counterpartyUserId),
      bareArray(made.map((entries) => entries?.[1]?.version ?? null)),
      decided.map(({ serviceId }) => serviceId),
      decided.map(({ orderId }) => orderId),
      decided.map(({ serviceName }) => serviceName),
      decided.map(({ operation, decline }) => (decline?.code === "refused_by_ledger" ? null : referenceOf(operation))),
      decided.map(({ operation }) => operation.by ?? null),
      decided.map(({ operation }) => operation.reason ?? null),
    ],
  });
  if (rowCount !== decided.length) throw new Collision(`Stored ${rowCount} operations of ${decided.length}`);
}

function referenceOf({ request }: Operation): string | null {
  return "reference" in request ? (request.reference ?? null) : null;
}

/** Groups entries by operation, in decision order: its own user's, then a transfer's receiver's. */
function groupByOperation(entries: NewEntry[]): Map<string, NewEntry[]> {
  const groups = new Map<string, NewEntry[]>();
  for (const entry of entries) {
    const group = groups.get(entry.operation.operationId);
    if (group) group.push(entry);
    else groups.set(entry.operation.operationId, [entry]);
  }
  return groups;
}
