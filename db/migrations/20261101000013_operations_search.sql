-- Operations are found by order, service, reference, workflow, reservation and user.
--
-- An operation that names a reservation or a recognition only has its user, service and order, too. A declined one has
-- its `reservation_id`. The columns are null where the database refused the operation's data, which is in `request`.
-- `service_name` is the name at the posting, so that an event that is published again has the same bytes. `by` and
-- `reason` are of Saldo's own operations: an expiry, or an operator's release.
--
-- Each index serves one filter in the order (completed_at, ordinal). Completed operations of a user need none, since
-- their entries are found in the primary key (user_id, version). A write would maintain it at a random place. Declined
-- operations and extensions have no entry, and two small indexes.
--
-- The backfill changes each operation once. Earlier declined operations get the columns that their requests name.

-- migrate:up
alter table operations
  add column service_id text collate "C",
  add column order_id text collate "C",
  add column service_name text,
  add column reference text collate "C",
  add column by text collate "C",
  add column reason text,
  drop constraint operations_check3,
  drop constraint operations_check4;

update operations
set user_id = coalesce(found.user_id, named.request ->> 'userId', named.request ->> 'fromUserId'),
  counterparty_user_id = named.request ->> 'toUserId',
  reservation_id = coalesce(operations.reservation_id, (named.request ->> 'reservationId')::uuid, found.reservation_id),
  service_id = coalesce(found.service_id, named.request ->> 'serviceId'),
  order_id = coalesce(found.order_id, named.request ->> 'orderId'),
  service_name = (select name from services where services.service_id = coalesce(found.service_id, named.request ->> 'serviceId')),
  by = case when caller is null then case operations.kind when 'expiry' then 'expiry' else 'operator' end end
-- A refused request may contain values that SQL cannot parse. It is never read.
from (select id, case when decline_code is distinct from 'refused_by_ledger' then request else '{}' end as request, reservation_id from operations) as named
left join lateral (
  select id as reservation_id, user_id, service_id, order_id from reservations
  where id = coalesce(named.reservation_id, (named.request ->> 'reservationId')::uuid)
  union all
  select reservation_id, user_id, service_id, order_id from recognitions
  where named.reservation_id is null and id = (named.request ->> 'recognitionId')::uuid
) as found on true
where named.id = operations.id;

alter table operations
  add check (version is null or user_id is not null),
  add check (counterparty_version is null or counterparty_user_id is not null),
  add check ((caller is null) = (by is not null)),
  add check (reason is null or by is not null);

drop index operations_by_reservation;
create index operations_by_reservation on operations (reservation_id, completed_at, ordinal) where reservation_id is not null;
create index operations_by_order on operations (order_id, completed_at, ordinal) where order_id is not null;
create index operations_by_service on operations (service_id, completed_at, ordinal) where service_id is not null;
create index operations_by_reference on operations (reference, completed_at, ordinal) where reference is not null;
create index operations_by_workflow on operations (workflow_id, completed_at, ordinal);
create index operations_without_entry on operations (user_id, completed_at, ordinal) where version is null and user_id is not null;
create index operations_without_entry_by_counterparty on operations (counterparty_user_id, completed_at, ordinal)
  where version is null and counterparty_user_id is not null;

-- migrate:down
