-- The order of operations. Those of one list share completed_at, and where a clock has stepped back so do those of several lists. An entry's
-- version would tell them apart, but an extension makes no entry. `ordinal` is drawn in the order of the list, under the lock of the
-- reservation's owner, so that it says which of the operations on a reservation came first.
--
-- It has no index of its own: a reservation has few operations, and they are found by operations_by_reservation. Operations from before this
-- migration have none, and share the 0.

-- migrate:up
alter table operations add column ordinal bigint not null default 0;
create sequence operations_ordinal owned by operations.ordinal;
grant usage on sequence operations_ordinal to saldo_service;

-- migrate:down
