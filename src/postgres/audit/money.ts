import { type Check, money } from "./pieces.ts";

/**
 * An operation's id as src/ledger/operationId.ts derives it, each part behind its length. Where every id is its caller's and key's, no two
 * operations can share them: the primary key forbids it.
 */
function derivedId(...parts: string[]): string {
  const hashed = parts.map((part) => `int4send(octet_length(${part})) || convert_to(${part}, 'UTF8')`).join(" || ");
  return `(select encode(set_byte(set_byte(head, 6, get_byte(head, 6) & 15 | 128), 8, get_byte(head, 8) & 63 | 128), 'hex')::uuid
    from substr(sha256(${hashed}), 1, 16) as head)`;
}

/** Promise 5: that nothing is updated or deleted is what the service's role may not do. */
export const guards: Check = {
  key: "name",
  start: [""],
  piece: `
    select name from unnest(array['operations', 'entries', 'revenue', 'closed_months', 'revenue_reports', 'audits']) as record (name)
    where name > $1::text`,
  findings: `
    select 5, format('The role %s may change or delete what stands in %s.', current_user, name), null, null::uuid, null::uuid, null, null
    from piece
    where has_table_privilege(name, 'update, delete, truncate')`,
};

/** Promises 1, 2 and 3: an account stands where its last entry left it, and has reserved what remains of its open reservations. */
export const accounts: Check = {
  counts: "accounts",
  key: "user_id",
  start: [""],
  piece: "select * from accounts where user_id > $1::text",
  findings: `
    with compared as materialized (
      select piece.*, coalesce(last.version, 0) as last_version, last.created_at as last_created_at,
        coalesce(last.available_after_minor, 0) as last_available_minor, coalesce(last.reserved_after_minor, 0) as last_reserved_minor,
        coalesce(held.remaining_minor, 0) as held_minor
      from piece
      left join lateral (
        select * from entries where entries.user_id = piece.user_id order by entries.version desc limit 1
      ) as last on true
      left join lateral (
        select sum(remaining_minor) as remaining_minor from reservations
        where reservations.user_id = piece.user_id and remaining_minor > 0
      ) as held on true
    )
    select 1, format('Account %s is negative: %s available, %s reserved.', user_id, ${money("available_minor")}, ${money("reserved_minor")}),
      user_id, null::uuid, null::uuid, null, null
    from compared
    where least(available_minor, reserved_minor) < 0
    union all
    select 2, format('Account %s is at version %s with %s available and %s reserved, its last entry at version %s with %s and %s.', user_id,
        version, ${money("available_minor")}, ${money("reserved_minor")}, last_version, ${money("last_available_minor")},
        ${money("last_reserved_minor")}),
      user_id, null, null, null, null
    from compared
    where (version, available_minor, reserved_minor) <> (last_version, last_available_minor, last_reserved_minor)
      or last_entry_at is distinct from last_created_at
    union all
    select 3, format('Account %s has %s reserved, but %s remains of its open reservations.', user_id, ${money("reserved_minor")},
        ${money("held_minor")}),
      user_id, null, null, null, null
    from compared
    where reserved_minor <> held_minor`,
};

/**
 * Promises 1, 2 and 5: each entry follows from the one before it, and is one that its operation names. Entries never change, so that one and its
 * predecessor need no snapshot in common with the rest of the account: one with ten million entries is many pieces, like any other ten million.
 * Whether the account exists is asked for the first entry only, since none is without the one before it.
 */
export const entries: Check = {
  counts: "entries",
  table: "entries",
  findings: `
    with compared as materialized (
      select piece.*, before.created_at as created_before, before.version as version_before,
        coalesce(before.available_after_minor, 0) as available_before_minor, coalesce(before.reserved_after_minor, 0) as reserved_before_minor,
        operations.id as stored_id,
        coalesce((operations.user_id, operations.version) = (piece.user_id, piece.version), false)
          or coalesce((operations.counterparty_user_id, operations.counterparty_version) = (piece.user_id, piece.version), false) as is_named,
        piece.version = 1 and owner.user_id is null as is_strangers
      from piece
      left join lateral (
        select * from entries where entries.user_id = piece.user_id and entries.version = piece.version - 1 limit 1
      ) as before on true
      left join lateral (select * from operations where id = piece.operation_id limit 1) as operations on true
      left join lateral (
        select user_id from accounts where piece.version = 1 and accounts.user_id = piece.user_id limit 1
      ) as owner on true
    )
    select 1, format('Entry %s of account %s leaves it negative: %s available, %s reserved.', version, user_id,
        ${money("available_after_minor")}, ${money("reserved_after_minor")}),
      user_id, operation_id, null::uuid, null, null
    from compared
    where least(available_after_minor, reserved_after_minor) < 0
    union all
    select 2, format('Operation %s moved money of account %s, which does not exist.', operation_id, user_id), user_id, operation_id, null, null, null
    from compared
    where is_strangers
    union all
    select 2, format('Entry %s of account %s has no entry %s before it.', version, user_id, version - 1), user_id, operation_id, null, null, null
    from compared
    where version > 1 and version_before is null
    union all
    select 2, format('Entry %s of account %s leaves %s available and %s reserved, but the one before it and its own deltas come to %s and %s.',
        version, user_id, ${money("available_after_minor")}, ${money("reserved_after_minor")},
        ${money("(available_before_minor + available_delta_minor)")}, ${money("(reserved_before_minor + reserved_delta_minor)")}),
      user_id, operation_id, null, null, null
    from compared
    where (version = 1 or version_before is not null)
      and (available_after_minor, reserved_after_minor)
        <> (available_before_minor + available_delta_minor, reserved_before_minor + reserved_delta_minor)
    union all
    select 2, format('Entry %s of account %s is older than the one before it.', version, user_id), user_id, operation_id, null, null, null
    from compared
    where created_at < created_before
    union all
    select 5, format('Entry %s of account %s is of operation %s, which %s.', version, user_id, operation_id,
        case when stored_id is null then 'does not exist' else 'does not name it' end), user_id, operation_id, null, null, null
    from compared
    where not is_named`,
};

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
  findings: `
    with compared as materialized (
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
      ) as revenue on true
    ),
    asked as (
      select *, (request ->> 'amount')::numeric * 100 as asked_minor
      from compared
      -- A request that was declined is never taken apart: it may hold what SQL cannot read.
      where status = 'completed' and kind in ('deposit', 'withdrawal', 'transfer')
    )
    select 5, format('Operation %s (%s, %s) has %s entries instead of %s.', id, kind, status, entries, entries_due), null, id, reservation_id, null, null
    from compared
    where entries <> entries_due
    union all
    select 5, format('Operation %s is a %s, and its entry says that it is something else, or about another reservation.', id, kind),
      null, id, reservation_id, null, null
    from compared
    where is_unlike
    union all
    select 5, format('Operation %s has not the id of its caller and key: two operations may share them.', id), null, id, null, null, null
    from compared
    where case
      when caller is not null then id <> ${derivedId("'caller'", "caller", "idempotency_key")}
      when status = 'completed' then id is distinct from ${derivedId("'saldo'", "kind", "reservation_id::text")}
    end
    union all
    select 4, format('Operation %s (%s) moved other money than was asked, or of others than were named.', id, kind), user_id, id, null, null, null
    from asked
    where case kind
      when 'transfer' then
        (user_id, counterparty_user_id, own_delta_minor, other_delta_minor, amount_minor, other_amount_minor)
          is distinct from (request ->> 'fromUserId', request ->> 'toUserId', -asked_minor, asked_minor, asked_minor, asked_minor)
      else
        (user_id, own_delta_minor, amount_minor)
          is distinct from (request ->> 'userId', case kind when 'deposit' then asked_minor else -asked_minor end, asked_minor)
    end
    union all
    select 4, format('Operation %s (%s) changed accounts by %s and revenue by %s%s.', id, kind, ${money("own_delta_minor")},
        ${money("coalesce(revenue_minor, 0)")}, case when revenue_service_id <> entry_service_id then ', of another service' end),
      user_id, id, reservation_id, null, null
    from compared
    where not (status = 'completed' and kind in ('deposit', 'withdrawal', 'transfer'))
      and (own_delta_minor + coalesce(revenue_minor, 0) <> 0 or revenue_service_id <> entry_service_id)`,
};
