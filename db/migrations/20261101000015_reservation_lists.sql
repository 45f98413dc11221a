-- Lists of reservations across users: of an order, open or overdue by deadline, and expired.
--
-- Two indexes replace the ones that they resemble, so that writes maintain as many as before. The order comes first in
-- `reservations_by_order`, which still finds the reservations of a user, service and order. The id makes the order by
-- deadline total, as pages need it. The new index holds expired reservations only: an expiry writes to it, and no other
-- operation does.
--
-- `refunded_minor` is the sum of the refunds of all recognitions of a reservation. A list would otherwise read each of
-- these, and one reservation may have many thousands.

-- migrate:up
create index reservations_by_order on reservations (order_id, user_id, service_id, ordinal);
drop index reservations_by_fields;

drop index reservations_open_by_deadline;
create index reservations_open_by_deadline on reservations (expires_at, id) where remaining_minor > 0;

create index reservations_expired_by_deadline on reservations (expires_at, id) where expired_minor > 0;

alter table reservations add column refunded_minor bigint not null default 0;
update reservations
set refunded_minor = refunded.amount_minor
from (
  select reservation_id, sum(refunded_minor) as amount_minor
  from recognitions
  where refunded_minor > 0
  group by reservation_id
) as refunded
where reservations.id = refunded.reservation_id;
alter table reservations add check (refunded_minor >= 0 and refunded_minor <= recognized_minor);

-- migrate:down
