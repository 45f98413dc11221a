import type { Check } from "./pieces.ts";

/**
 * An operation's id as src/ledger/operationId.ts derives it, each part behind its length. Where every id is its caller's and key's, no two
 * operations can share them: the primary key forbids it.
 */
function derivedId(...parts: string[]): string {
  const hashed = parts.map((part) => `int4send(octet_length(${part})) || convert_to(${part}, 'UTF8')`).join(" || ");
  return `(select encode(set_byte(set_byte(head, 6, get_byte(head, 6) & 15 | 128), 8, get_byte(head, 8) & 63 | 128), 'hex')::uuid
    from substr(sha256(${hashed}), 1, 16) as head)`;
}

/**
 * Promises 4 and 5: what an operation moved, with its entries and its revenue. Promise 4's sums over everything need no statement, and no
 * snapshot over everything: they follow from what is local. An account is the sum of its entries' deltas (promise 2). The deltas of each
 * operation's entries are together what came in, less what went out, less what became revenue: that is checked here, and that each row of
 * revenue and each entry is of one operation, in their own checks. Added up, that is promise 4.
 *
 * An operation's entries are those that it names and that say they are its own. That no others say so is checked with the entries.
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
      (own.kind, own.reservation_id) is distinct from (piece.kind, piece.reservation_id) and own.kind is not null
        or (other.kind, other.reservation_id) is distinct from (piece.kind, piece.reservation_id) and other.kind is not null as is_unlike,
      revenue.amount_minor as revenue_minor, revenue.service_id as revenue_service_id
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
      sentence:
        "Operation {id} is a {kind}, and its entry says that it is something else, or about another reservation.",
      where: "is_unlike",
    },
    {
      promise: 5,
      sentence: "Operation {id} has not the id of its caller and key: two operations may share them.",
      about: { operationId: "id" },
      where: `case
        when caller is not null then id <> ${derivedId("'caller'", "caller", "idempotency_key")}
        when status = 'completed' then id is distinct from ${derivedId("'saldo'", "kind", "reservation_id::text")}
      end`,
    },
    {
      promise: 4,
      sentence: "Operation {id} ({kind}) moved other money than was asked, or of others than were named.",
      about: { accountId: "user_id", operationId: "id" },
      from: `(
        select *, (request ->> 'amount')::numeric * 100 as asked_minor
        from compared
        -- A request that was declined is never taken apart: it may hold what SQL cannot read.
        where status = 'completed' and kind in ('deposit', 'withdrawal', 'transfer')
        ) as asked`,
      where: `case kind
        when 'transfer' then
          (user_id, counterparty_user_id, own_delta_minor, other_delta_minor, amount_minor, other_amount_minor)
            is distinct from (request ->> 'fromUserId', request ->> 'toUserId', -asked_minor, asked_minor, asked_minor, asked_minor)
        else
          (user_id, own_delta_minor, amount_minor)
            is distinct from (request ->> 'userId', case kind when 'deposit' then asked_minor else -asked_minor end, asked_minor)
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
  ],
};
