-- Services: what users and accounting call what they pay for. A service needs no row to be reserved for: one without a name shows its
-- id. So nothing refers to this table, a rename touches one row, and reservations, revenue and closed reports are not bound to it.
--
-- Whoever posts a reservation with a name may add a row here; the rows are added in the order of ids, in the last statement of that
-- transaction, so that none who add the same ones wait for each other in a circle.

-- migrate:up
create table services (
  service_id text collate "C" primary key check (service_id ~ '^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$'),
  name text not null check (char_length(name) between 1 and 200)
);

grant select, insert, update on services to saldo_service;

-- migrate:down
