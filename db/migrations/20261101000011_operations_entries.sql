-- Operations name their entries, so that these are found by their primary key, (user_id, version).
--
-- A unique index on entries (operation_id, user_id) did that before. Its keys are random, so in a ledger of ten million entries each write
-- changed a page of it that was in no cache, and wrote that page to the WAL whole once a checkpoint.
--
-- `user_id` and `version` name the entry of the user who asked, a transfer's sender; `counterparty_*` name a transfer's receiver. They are
-- null where no entry was made. The CHECKs fix how many entries an operation names. That each entry is named by its own operation, and only
-- once, is checked by every audit from both sides (src/postgres/auditMoney.ts).
--
-- The backfill rewrites the table `operations`, for which it must have room. Ten million operations took 14 minutes on two busy cores, and
-- `vacuum full operations` gives the space back. The role of the service may not update the table, before or after.

-- migrate:up
alter table operations
  add column user_id text collate "C",
  add column version bigint,
  add column counterparty_user_id text collate "C",
  add column counterparty_version bigint;

update operations
set user_id = own.user_id, version = own.version,
  counterparty_user_id = receiver.user_id, counterparty_version = receiver.version
from entries as own
left join entries as receiver
  on receiver.operation_id = own.operation_id and own.kind = 'transfer' and receiver.user_id <> own.user_id
where own.operation_id = operations.id and (own.kind <> 'transfer' or own.available_delta_minor < 0);

alter table operations
  add check ((user_id is null) = (version is null)),
  add check ((counterparty_user_id is null) = (counterparty_version is null)),
  add check ((version is not null) = (status = 'completed' and kind <> 'extension')),
  add check ((counterparty_version is not null) = (status = 'completed' and kind = 'transfer'));

alter table entries drop constraint entries_operation_id_user_id_key;

-- migrate:down
