-- Outbox: one row for each carrier and posting whose events are not known to be in Kafka. It replaces `unpublished`.
--
-- A carrier posts many batches. With one row a batch, a batch only inserts its row and deletes it by its key: no array is appended to,
-- and the deletions of several batches are one statement. A row is written in the transaction that makes the entries, and deleted once
-- Kafka has acknowledged their events. Rows are short-lived, so the table is vacuumed after a few thousand of them.
--
-- A saga asks for its open reservations by its own workflow id, and keeps no list of them: `reservations_open_by_saga` answers that.

-- migrate:up
create table outbox (
  id bigint primary key generated always as identity,
  workflow_id text collate "C" not null,
  operation_ids uuid[] not null,
  created_at timestamptz not null default clock_timestamp()
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
create index outbox_by_workflow on outbox (workflow_id);
create index outbox_by_age on outbox (created_at);

insert into outbox (workflow_id, operation_ids, created_at)
select workflow_id, operation_ids, created_at from unpublished order by created_at;
drop table unpublished;

create index reservations_open_by_saga on reservations (saga_workflow_id, expires_at) where remaining_minor > 0;

-- The update right is what `for update skip locked` needs; no column is ever updated.
grant select, insert, update, delete on outbox to saldo_service;

-- migrate:down
