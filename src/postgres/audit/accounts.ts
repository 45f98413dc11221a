import { closedAt } from "../posting/months.ts";
import type { Check } from "./pieces.ts";

/** Promise 5: the service's role has no grant to update or delete records. */
export const guards: Check = {
  key: "name",
  start: [""],
  piece: `
    select name from unnest(array[
      'operations', 'entries', 'revenue', 'closed_months', 'revenue_reports', 'report_services', 'order_reports', 'balances_reports', 'audits'
    ]) as record (name)
    where name > $1::text`,
  findings: [
    {
      promise: 5,
      sentence: "The role {current_user} may change or delete rows of {name}.",
      about: {},
      where: "has_table_privilege(name, 'update, delete, truncate')",
    },
  ],
};

/** Promises 1, 2 and 3: an account equals its last entry and its open reservations. */
export const accounts: Check = {
  counts: "accounts",
  key: "user_id",
  start: [""],
  piece: "select * from accounts where user_id > $1::text",
  compared: `
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
    ) as held on true`,
  about: { accountId: "user_id" },
  findings: [
    {
      promise: 1,
      sentence: "Account {user_id} is negative: {available_minor:money} available, {reserved_minor:money} reserved.",
      where: "least(available_minor, reserved_minor) < 0",
    },
    {
      promise: 2,
      sentence:
        "Account {user_id} is at version {version} with {available_minor:money} available and {reserved_minor:money} reserved, its last entry at version {last_version} with {last_available_minor:money} and {last_reserved_minor:money}.",
      where: `(version, available_minor, reserved_minor) <> (last_version, last_available_minor, last_reserved_minor)
        or last_entry_at is distinct from last_created_at`,
    },
    {
      promise: 3,
      sentence:
        "Account {user_id} has {reserved_minor:money} reserved, but {held_minor:money} remains of its open reservations.",
      where: "reserved_minor <> held_minor",
    },
  ],
};

/**
 * Promises 1, 2, 5 and 10: entries follow from their predecessors. Their operations name them, their month was open.
 *
 * Entries never change, so an entry and its predecessor need no common snapshot with the rest of the account. So an
 * account with ten million entries is checked in many pieces. The account is looked up for the first entry only, since
 * every other entry needs a predecessor.
 */
export const entries: Check = {
  counts: "entries",
  table: "entries",
  compared: `
    select piece.*, before.created_at as created_before, before.version as version_before,
      coalesce(before.available_after_minor, 0) as available_before_minor, coalesce(before.reserved_after_minor, 0) as reserved_before_minor,
      operations.id as stored_id, ${closedAt("piece.month")} as closed_at,
      coalesce((operations.user_id, operations.version) = (piece.user_id, piece.version), false)
        or coalesce((operations.counterparty_user_id, operations.counterparty_version) = (piece.user_id, piece.version), false) as is_named,
      piece.version = 1 and owner.user_id is null as lacks_account
    from piece
    left join lateral (
      select * from entries where entries.user_id = piece.user_id and entries.version = piece.version - 1 limit 1
    ) as before on true
    left join lateral (select * from operations where id = piece.operation_id limit 1) as operations on true
    left join lateral (
      select user_id from accounts where piece.version = 1 and accounts.user_id = piece.user_id limit 1
    ) as owner on true`,
  about: { accountId: "user_id", operationId: "operation_id" },
  findings: [
    {
      promise: 1,
      sentence:
        "Entry {version} of account {user_id} leaves it negative: {available_after_minor:money} available, {reserved_after_minor:money} reserved.",
      where: "least(available_after_minor, reserved_after_minor) < 0",
    },
    {
      promise: 2,
      sentence: "Operation {operation_id} moved money of account {user_id}, which does not exist.",
      where: "lacks_account",
    },
    {
      promise: 2,
      sentence: "Entry {version} of account {user_id} has no entry {version - 1} before it.",
      where: "version > 1 and version_before is null",
    },
    {
      promise: 2,
      sentence:
        "Entry {version} of account {user_id} leaves {available_after_minor:money} available and {reserved_after_minor:money} reserved, but the one before it and its own deltas add up to {available_before_minor + available_delta_minor:money} and {reserved_before_minor + reserved_delta_minor:money}.",
      where: `(version = 1 or version_before is not null)
        and (available_after_minor, reserved_after_minor)
          <> (available_before_minor + available_delta_minor, reserved_before_minor + reserved_delta_minor)`,
    },
    {
      promise: 2,
      sentence: "Entry {version} of account {user_id} is older than the one before it.",
      where: "created_at < created_before",
    },
    {
      promise: 5,
      sentence:
        "Entry {version} of account {user_id} is of operation {operation_id}, which {case when stored_id is null then 'does not exist' else 'does not name it' end}.",
      where: "not is_named",
    },
    {
      promise: 10,
      sentence: "Entry {version} of account {user_id} was booked into {to_char(month, 'YYYY-MM')} after it was closed.",
      about: { accountId: "user_id", operationId: "operation_id", month: "to_char(month, 'YYYY-MM')" },
      where: "created_at > closed_at",
    },
  ],
};
