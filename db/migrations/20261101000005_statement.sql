-- What a page of a statement is read from: for each order and each filter one range of one index, so that with a million entries the last
-- page costs what the first one does.
--
-- By date, which is the order of versions, the primary key serves. A period needs no index of its own: versions are gapless and times
-- never decrease along them, so its bounds are found by bisection. By amount, one index serves with and without a filter by kind: without
-- one, the kinds' ranges are merged. There is none for an order by amount: an order's entries are few, and sorted.
--
-- Each costs the insert of an entry, which takes some 19 us of CPU without them, 7 to 20 us more. So those of services and orders are partial:
-- an entry of a deposit, a withdrawal or a transfer pays for two, one of a reservation for five. Without the index by kind, the few of a
-- rare kind would be looked for among all entries of the account.

-- migrate:up
create index entries_by_amount on entries (user_id, kind, amount_minor, version);
create index entries_by_kind on entries (user_id, kind, version);
create index entries_by_service on entries (user_id, service_id, version) where service_id is not null;
create index entries_by_service_amount on entries (user_id, service_id, amount_minor, version) where service_id is not null;
create index entries_by_order on entries (user_id, order_id, version) where order_id is not null;

-- migrate:down
