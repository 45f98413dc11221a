import { money } from "../formats.ts";
import { type Check, FIRST_ID, type KeyWalk } from "./pieces.ts";

/** Age of an overdue reservation that is a finding. Its saga expires it at once, the sweep 5 s later. */
const OVERDUE_MINUTES = 5;

/**
 * Promises 3 and 6: a reservation agrees with its operations' entries, all of its owner.
 *
 * It is checked with its first operation and with each later one. So an audit of new operations checks each reservation
 * that has changed since the last audit.
 */
export const reservations: Check = {
  counts: "reservations",
  table: "operations",
  piece: (walked) => `
    with walked as materialized (select id, reservation_id from ${walked})
    select found.*
    from (select id from walked union select reservation_id from walked where reservation_id is not null) as named
    cross join lateral (select * from reservations where reservations.id = named.id limit 1) as found`,
  compared: `
    select piece.*, moved.*
    from piece
    cross join lateral (
      select
        coalesce(sum(reserved_delta_minor) filter (where entries.kind = 'reservation'), 0) as moved_in_minor,
        coalesce(-sum(available_delta_minor + reserved_delta_minor) filter (where entries.kind = 'recognition'), 0) as moved_to_revenue_minor,
        coalesce(sum(available_delta_minor) filter (where entries.kind in ('recognition', 'release')), 0) as moved_back_minor,
        coalesce(sum(available_delta_minor) filter (where entries.kind = 'expiry'), 0) as moved_back_by_time_minor,
        coalesce(sum(reserved_delta_minor), 0) as left_minor,
        coalesce(sum(entries.amount_minor) filter (where entries.kind = 'refund'), 0) as given_minor,
        min(entries.created_at) filter (where entries.kind = 'expiry') as expired_at,
        coalesce(bool_and(entries.user_id = piece.user_id), true) as is_the_owners
      from operations
      join entries on entries.user_id = operations.user_id and entries.version = operations.version
      where operations.reservation_id = piece.id
    ) as moved`,
  about: { accountId: "user_id", reservationId: "id" },
  findings: [
    {
      promise: 3,
      sentence:
        "Of reservation {id}, {recognized_minor:money} is recognized, {released_minor:money} released, {expired_minor:money} expired, and {remaining_minor:money} remains: not the reserved amount, {amount_minor:money}.",
      where: `recognized_minor + released_minor + expired_minor + remaining_minor <> amount_minor
        or least(recognized_minor, released_minor, expired_minor, remaining_minor) < 0`,
    },
    {
      promise: 3,
      sentence:
        "Of reservation {id}, {recognized_minor:money} is recognized and {refunded_minor:money} refunded, and its refunds total {given_minor:money}.",
      where: "refunded_minor > recognized_minor or refunded_minor <> given_minor",
    },
    {
      promise: 6,
      sentence:
        "Of reservation {id} over {amount_minor:money}, {recognized_minor:money} is recognized, {released_minor:money} released, {expired_minor:money} expired, but its entries moved {moved_in_minor:money} in, {moved_to_revenue_minor:money}, {moved_back_minor:money} and {moved_back_by_time_minor:money} out.",
      where: `(amount_minor, recognized_minor, released_minor, expired_minor, remaining_minor)
        <> (moved_in_minor, moved_to_revenue_minor, moved_back_minor, moved_back_by_time_minor, left_minor)`,
    },
    {
      promise: 6,
      sentence: "Reservation {id} moved money of users other than its owner, {user_id}.",
      where: "not is_the_owners",
    },
    { promise: 6, sentence: "Reservation {id} expired before its deadline.", where: "expired_at < expires_at" },
  ],
};

/**
 * Promise 3: the refunded amount equals the refunds, and is at most the recognized one.
 *
 * A recognition is checked again with each of its refunds.
 */
export const recognitions: Check = {
  counts: "recognitions",
  table: "operations",
  piece: (walked) => `
    with walked as materialized (select id, kind, reservation_id from ${walked})
    select found.*
    from (
      select id from walked
      union
      select operations.id
      from (select distinct reservation_id from walked where kind = 'refund' and reservation_id is not null) as refunded
      join operations on operations.reservation_id = refunded.reservation_id and operations.kind = 'recognition'
    ) as named
    cross join lateral (select * from recognitions where recognitions.id = named.id limit 1) as found`,
  compared: `
    select piece.*, given.amount_minor as given_minor, revenue.amount_minor as revenue_minor
    from piece
    left join lateral (select * from revenue where revenue.operation_id = piece.id limit 1) as revenue on true
    cross join lateral (
      select coalesce(sum(entries.amount_minor), 0) as amount_minor
      from operations
      join entries on entries.user_id = operations.user_id and entries.version = operations.version
      where operations.reservation_id = piece.reservation_id and operations.kind = 'refund'
        and case when operations.status = 'completed' then request ->> 'recognitionId' = piece.id::text end
    ) as given`,
  about: { accountId: "user_id", operationId: "id", reservationId: "reservation_id" },
  findings: [
    {
      promise: 3,
      sentence:
        "Of recognition {id} over {amount_minor:money}, {refunded_minor:money} is refunded, and its refunds total {given_minor:money}.",
      where: "refunded_minor > amount_minor or refunded_minor <> given_minor",
    },
    {
      promise: 3,
      sentence: `Recognition {id} is over {amount_minor:money}, its revenue {coalesce(${money("revenue_minor")}, 'missing')}.`,
      where: "amount_minor is distinct from revenue_minor",
    },
  ],
};

/** Promise 7: reservations open long after their deadline. Neither saga nor sweep has expired them. */
export const overdue: Check & KeyWalk = {
  key: "expires_at, id",
  start: ["-infinity", FIRST_ID],
  piece: `
    select id, user_id, expires_at, remaining_minor from reservations
    where remaining_minor > 0 and expires_at <= clock_timestamp() - interval '${OVERDUE_MINUTES} minutes'
      and (expires_at, id) > ($1::timestamptz, $2::uuid)`,
  findings: [
    {
      promise: 7,
      sentence:
        "Reservation {id} should have expired at {expires_at:time}, and still holds {remaining_minor:money} of account {user_id}.",
      about: { accountId: "user_id", reservationId: "id" },
    },
  ],
};
