-- Lists of reservations across users: of an order, open or overdue by deadline, and expired.
--
-- Two indexes replace the ones that they resemble, so that writes maintain as many as before. The order comes first in
-- `reservations_by_order`, which still finds the reservations of a user, service and order. The id makes the order by
-- deadline total, as pages need it. The new index holds expired reservations only: an expiry writes to it, and no other
-- operation does.

-- migrate:up
create index reservations_by_order on reservations (order_id, user_id, service_id, ordinal);
drop index reservations_by_fields;

drop index reservations_open_by_deadline;
create index reservations_open_by_deadline on reservations (expires_at, id) where remaining_minor > 0;

create index reservations_expired_by_deadline on reservations (expires_at, id) where expired_minor > 0;

-- migrate:down
