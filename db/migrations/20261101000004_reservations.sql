-- Reservations: money moved from available to reserved for (user, service, order), with what became of it so far. A row is guarded by its
-- owner's account: whoever changes it holds that account's lock, and takes no lock here. Neither a service nor an order is a row of
-- ours, so that a popular service is no hot row.
--
-- Reservations of one list, and even of two within a millisecond, share created_at; `ordinal` says which of an owner's is the oldest.
--
-- A recognition keeps how much of it was refunded, for the promise that no more is given back than was taken. Revenue is append-only: a
-- recognition adds a row, a refund adds a negative one.
--
-- An operation that names a reservation by its fields, or takes "all that remains", keeps what it came to: the same answer for ever. Ids of
-- expiries and of operators' releases are derived without a caller, so they have none.

-- migrate:up
create table reservations (
  id uuid primary key references operations,
  ordinal bigint not null generated always as identity,
  user_id text collate "C" not null references accounts,
  service_id text collate "C" not null,
  order_id text collate "C" not null,
  saga_workflow_id text collate "C" not null,
  amount_minor bigint not null check (amount_minor > 0),
  recognized_minor bigint not null check (recognized_minor >= 0),
  released_minor bigint not null check (released_minor >= 0),
  expired_minor bigint not null check (expired_minor >= 0),
  remaining_minor bigint not null generated always as
    (amount_minor - recognized_minor - released_minor - expired_minor) stored check (remaining_minor >= 0),
  expires_at timestamptz not null,
  created_at timestamptz not null
) with (fillfactor = 80);
create index reservations_by_fields on reservations (user_id, order_id, service_id, ordinal);
create index reservations_by_user on reservations (user_id, created_at, id);
create index reservations_open_by_deadline on reservations (expires_at) where remaining_minor > 0;
create index reservations_by_saga on reservations (saga_workflow_id);

create table recognitions (
  id uuid primary key references operations,
  reservation_id uuid not null references reservations,
  user_id text collate "C" not null,
  service_id text collate "C" not null,
  order_id text collate "C" not null,
  amount_minor bigint not null check (amount_minor > 0),
  refunded_minor bigint not null check (refunded_minor >= 0),
  check (refunded_minor <= amount_minor)
) with (fillfactor = 80);

create table revenue (
  operation_id uuid primary key references operations,
  service_id text collate "C" not null,
  amount_minor bigint not null check (amount_minor <> 0),
  created_at timestamptz not null
);

alter table operations
  alter caller drop not null,
  alter idempotency_key drop not null,
  add column reservation_id uuid,
  add column expires_at timestamptz,
  add column decline_reservation_ids uuid[],
  drop constraint operations_kind_check,
  add constraint operations_kind_check check (
    kind in ('deposit', 'withdrawal', 'transfer', 'reservation', 'recognition', 'release', 'extension', 'refund', 'expiry')
  ),
  add check ((caller is null) = (idempotency_key is null));
create index operations_by_reservation on operations (reservation_id, completed_at) where reservation_id is not null;

alter table entries
  add column reservation_id uuid,
  add column service_id text collate "C",
  add column order_id text collate "C";

grant select, insert, update on reservations, recognitions to saldo_service;
grant select, insert on revenue to saldo_service;

-- migrate:down
