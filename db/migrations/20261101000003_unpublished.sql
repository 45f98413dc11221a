-- Unpublished: one row for each carrier whose events are not known to be in Kafka, written in the transaction that made the entries and
-- deleted once they are published. Whatever dies in between, the sweep finds the row: no committed operation lacks its event for long.

-- migrate:up
create table unpublished (
  workflow_id text collate "C" primary key,
  operation_ids uuid[] not null,
  created_at timestamptz not null default clock_timestamp()
);
create index unpublished_created_at on unpublished (created_at);

grant select, insert, update, delete on unpublished to saldo_service;

-- migrate:down
