-- Accounting reports: the months of entries, and the frozen reports of balances and orders.
--
-- A month's balances must follow from its entries exactly, and stay so. So an entry stores its month, as its row of
-- revenue does, and both get it by one rule. A boundary in time could not do that: clocks step back, and another time
-- zone moves the boundary.
--
-- The table is rewritten once. `alter … type … using` keeps the order of the rows and builds each index by one sort.
-- An `update` would leave twice the space.
--
-- Entries from before this migration belong to the months of their revenue. Others belong to those of the default zone,
-- or to the first month that was open: another zone may have closed the month earlier.
--
-- entries_by_month finds the blocks of a month. Entries are appended, so a BRIN index is enough, and an insert rarely
-- touches it.
--
-- entries_of_revenue has the order of the lines of a month's orders, so that a piece of them is one range.

-- migrate:up
drop index entries_of_revenue;
alter table entries add column month date;
alter table entries alter column month type date
  using (date_trunc('month', created_at at time zone 'Europe/Moscow')::date);
update entries
set month = (select max(month) + interval '1 month' from closed_months where closed_at < entries.created_at)
from closed_months
where closed_months.month = entries.month and closed_months.closed_at < entries.created_at;
update entries set month = revenue.month
from revenue join operations on operations.id = revenue.operation_id
where entries.user_id = operations.user_id and entries.version = operations.version
  and entries.operation_id = revenue.operation_id and entries.month <> revenue.month;
alter table entries
  alter column month set not null,
  add check (extract(day from month) = 1);
create index entries_by_month on entries using brin (month);
create index entries_of_revenue on entries (month, service_id, created_at, operation_id)
  where kind in ('recognition', 'refund');

-- The names of services in a month's reports. A service without a name has its id.
create table report_services (
  month date references closed_months,
  service_id text collate "C",
  name text not null,
  primary key (month, service_id)
);

-- The hash of a month's orders. Their lines are not stored again: they follow from entries and report_services.
create table order_reports (
  month date primary key references closed_months,
  sha256 text collate "C" not null check (sha256 ~ '^[0-9a-f]{64}$'),
  total_minor bigint not null,
  generated_at timestamptz not null
);

-- Sums over all accounts, which may exceed a bigint.
create table balances_reports (
  month date primary key references closed_months,
  opening_available_minor numeric not null,
  opening_reserved_minor numeric not null,
  deposits_minor numeric not null,
  withdrawals_minor numeric not null,
  revenue_minor numeric not null,
  refunds_minor numeric not null,
  closing_available_minor numeric not null,
  closing_reserved_minor numeric not null,
  csv bytea not null,
  sha256 text collate "C" not null check (sha256 = encode(sha256(csv), 'hex')),
  generated_at timestamptz not null,
  check (
    opening_available_minor + opening_reserved_minor + deposits_minor - withdrawals_minor - revenue_minor + refunds_minor
    = closing_available_minor + closing_reserved_minor
  )
);

grant select, insert on report_services, order_reports, balances_reports to saldo_service;

-- migrate:down
