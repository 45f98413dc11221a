-- Operations and entries: the record. One row for each operation that was ever decided, declined ones included; one row for what an
-- operation did to an account. The service's role may insert and read them and nothing else: there is no way to change the past.
--
-- `request` is json, not jsonb: it keeps what the caller sent to the byte, and takes what typed columns would refuse, so that even an
-- operation that the database refuses can be stored as declined. An operation's id is derived from (caller, key), so the primary key is
-- what makes a caller's key stand for one operation; a second unique index would cost every write and say nothing new.
--
-- An entry repeats what a statement filters by, so that reading a page is one range of one index.

-- migrate:up
create table operations (
  id uuid primary key,
  caller text collate "C" not null,
  idempotency_key text collate "C" not null,
  workflow_id text collate "C" not null,
  kind text collate "C" not null check (kind in ('deposit', 'withdrawal', 'transfer')),
  request json not null,
  status text collate "C" not null check (status in ('completed', 'declined')),
  decline_code text collate "C",
  created_at timestamptz not null,
  completed_at timestamptz not null,
  check ((status = 'declined') = (decline_code is not null)),
  check (created_at <= completed_at)
);

create table entries (
  user_id text collate "C" not null references accounts,
  version bigint not null check (version >= 1),
  operation_id uuid not null references operations,
  kind text collate "C" not null,
  amount_minor bigint not null check (amount_minor > 0),
  available_delta_minor bigint not null,
  reserved_delta_minor bigint not null,
  available_after_minor bigint not null check (available_after_minor >= 0),
  reserved_after_minor bigint not null check (reserved_after_minor >= 0),
  counterparty_user_id text collate "C",
  created_at timestamptz not null,
  primary key (user_id, version),
  unique (operation_id, user_id)
);

grant select, insert on operations, entries to saldo_service;

-- migrate:down
