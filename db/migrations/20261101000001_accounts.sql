-- Accounts: one row a user, the only rows that are ever locked and the only ones whose money columns change.
--
-- Ids are compared byte for byte (COLLATE "C"), so that Bob and bob are two users and `order by user_id` is the same order on every
-- server: it is the order in which locks are taken. An account is inserted at version 0 before its first credit is decided; readers
-- take version 0 for "does not exist". The CHECKs repeat what the code promises, for the day on which the code is wrong.
-- fillfactor leaves room on each page, so that an update stays on it and no index is touched (HOT).
--
-- The service connects as the role saldo_service, which whoever runs the database creates (db/init.sql does for the local stack).

-- migrate:up
create table accounts (
  user_id text collate "C" primary key check (user_id ~ '^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$'),
  available_minor bigint not null default 0 check (available_minor >= 0),
  reserved_minor bigint not null default 0 check (reserved_minor >= 0),
  version bigint not null default 0 check (version >= 0),
  last_entry_at timestamptz,
  check (available_minor + reserved_minor <= 9000000000000000000),
  check ((version = 0) = (last_entry_at is null))
) with (fillfactor = 80);

grant select, insert, update on accounts to saldo_service;

-- migrate:down
