import type { Check } from "./pieces.ts";

/**
 * SQL of an operation's id, derived as in src/ledger/operationId.ts: each part after its length.
 *
 * Where each id is derived from caller and key, the primary key allows one operation for them.
 */
function derivedId(...parts: string[]): string {
  const hashed = parts.map((part) => `int4send(octet_length(${part})) || convert_to(${part}, 'UTF8')`).join(" || ");
  return `(select encode(set_byte(set_byte(head, 6, get_byte(head, 6) & 15 | 128), 8, get_byte(head, 8) & 63 | 128), 'hex')::uuid
    from substr(sha256(${hashed}), 1, 16) as head)`;
}

/** SQL of whether the entry exists and is about something else than the operation. */
function isUnlike(entry: string): string {
  const columns = ["kind", "reservation_id", "service_id", "order_id"];
  const of = (row: string) => `(${columns.map((column) => `${row}.${column}`).join(", ")})`;
  return `(${of(entry)} is distinct from ${of("piece")} and ${entry}.kind is not null)`;
}

/**
 * Promises 4, 5 and 10: an operation agrees with its entries and its revenue.
 *
 * Promise 4 is a sum over all rows, but needs no statement or snapshot over all of them. It follows from local checks:
 * 1. An account is the sum of its entries' deltas: promise 2.
 * 2. The deltas of an operation's entries are its deposit, less its withdrawal, less its revenue: checked here.
 * 3. Each entry and each row of revenue belongs to one operation: checked with the entries and the revenue.
 *
 * An operation's entries are those that it names and that refer to it. The check of entries finds others that refer to
 * it.
 */
export const operations: Check = {
  counts: "operations",
  table: "operations",
  compared: `
    select piece.*,
      (own.operation_id is not null)::int + (other.operation_id is not null)::int as entries,
      case
        when status = 'declined' or piece.kind = 'extension' then 0
        when piece.kind = 'transfer' then 2
        else 1
      end as entries_due,
      own.available_delta_minor + own.reserved_delta_minor as own_delta_minor,
      other.available_delta_minor + other.reserved_delta_minor as other_delta_minor,
      own.amount_minor, other.amount_minor as other_amount_minor, own.service_id as entry_service_id,
      ${isUnlike("own")} or ${isUnlike("other")} as is_unlike,
      revenue.amount_minor as revenue_minor, revenue.service_id as revenue_service_id,
      own.month as month, coalesce(other.month, revenue.month) as other_month
    from piece
    left join lateral (
      select * from entries
      where entries.user_id = piece.user_id and entries.version = piece.version and entries.operation_id = piece.id limit 1
    ) as own on true
    left join lateral (
      select * from entries
      where entries.user_id = piece.counterparty_user_id and entries.version = piece.counterparty_version
        and entries.operation_id = piece.id limit 1
    ) as other on true
    left join lateral (
      select * from revenue where piece.kind in ('recognition', 'refund') and revenue.operation_id = piece.id limit 1
    ) as revenue on true`,
  about: { operationId: "id", reservationId: "reservation_id" },
  findings: [
    {
      promise: 5,
      sentence: "Operation {id} ({kind}, {status}) has {entries} entries instead of {entries_due}.",
      where: "entries <> entries_due",
    },
    {
      promise: 5,
      sentence: "Operation {id} is a {kind}, but its entry is of another kind, reservation, service or order.",
      where: "is_unlike",
    },
    {
      promise: 5,
      sentence: "The id of operation {id} is not derived from its caller and key: two operations may share them.",
      about: { operationId: "id" },
      where: `case
        when caller is not null then id <> ${derivedId("'caller'", "caller", "idempotency_key")}
        when status = 'completed' then id is distinct from ${derivedId("'saldo'", "kind", "reservation_id::text")}
      end`,
    },
    {
      promise: 4,
      sentence: "Operation {id} ({kind}) moved another amount than requested, or money of other users.",
      about: { accountId: "user_id", operationId: "id" },
      from: `(
        select *, (request ->> 'amount')::numeric * 100 as requested_minor
        from compared
        -- The request of a declined operation is never read: it may contain values that SQL cannot parse.
        where status = 'completed' and kind in ('deposit', 'withdrawal', 'transfer')
        ) as requested`,
      where: `case kind
        when 'transfer' then
          (user_id, counterparty_user_id, own_delta_minor, other_delta_minor, amount_minor, other_amount_minor)
            is distinct from (request ->> 'fromUserId', request ->> 'toUserId', -requested_minor, requested_minor, requested_minor, requested_minor)
        else
          (user_id, own_delta_minor, amount_minor)
            is distinct from (request ->> 'userId', case kind when 'deposit' then requested_minor else -requested_minor end, requested_minor)
      end`,
    },
    {
      promise: 4,
      sentence:
        "Operation {id} ({kind}) changed accounts by {own_delta_minor:money} and revenue by {coalesce(revenue_minor, 0):money}{case when revenue_service_id <> entry_service_id then ', of another service' end}.",
      about: { accountId: "user_id", operationId: "id", reservationId: "reservation_id" },
      where: `not (status = 'completed' and kind in ('deposit', 'withdrawal', 'transfer'))
        and (own_delta_minor + coalesce(revenue_minor, 0) <> 0 or revenue_service_id <> entry_service_id)`,
    },
    {
      promise: 10,
      sentence:
        "Operation {id} ({kind}) is booked into two months, {to_char(month, 'YYYY-MM')} and {to_char(other_month, 'YYYY-MM')}.",
      where: "month <> other_month",
    },
  ],
};
