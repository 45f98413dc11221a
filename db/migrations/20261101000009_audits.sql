-- Audits: what each reconciliation of the ledger, the cache and the events found. Written once, at its end, and never changed.
--
-- What is checked, and how it is told, may grow with every release, so it is kept as it is shown. The watermark is where the comparison with
-- Kafka has come to; the next audit begins at that of the last clean one.
--
-- events_seen holds what audits have seen in Kafka, as ranges of an account's gapless versions: one row an account, mostly one range a row.
-- So an event that is late, doubled or read again changes nothing, and what is missing is a difference of ranges, whenever it happened.
-- Nothing in it is a promise: without it, the next audit reads the topic from its beginning. It is indexed like accounts, and walked with them.

-- migrate:up
create table audits (
  id uuid primary key,
  workflow_id text collate "C" not null,
  started_at timestamptz not null,
  finished_at timestamptz not null default clock_timestamp(),
  verdict text collate "C" not null check (verdict in ('clean', 'broken', 'incomplete')),
  checked jsonb not null,
  not_checked text[] not null,
  findings jsonb not null,
  findings_total bigint not null,
  watermark jsonb,
  check ((verdict = 'broken') = (findings_total > 0))
);
create index audits_by_end on audits (finished_at);

create table events_seen (
  user_id text collate "C" primary key,
  versions int8multirange not null
) with (fillfactor = 80);

-- What an account has reserved is what remains of its open reservations, few among all that it ever had.
create index reservations_open_by_user on reservations (user_id) include (remaining_minor) where remaining_minor > 0;

grant select, insert on audits to saldo_service;
grant select, insert, update, delete on events_seen to saldo_service;

-- migrate:down
