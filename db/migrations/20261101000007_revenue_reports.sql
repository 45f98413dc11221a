-- Revenue reports: which month each revenue row belongs to, which months are closed, and what a closed month's report is, to the byte.
--
-- The month is stored with the row when it is posted, as the first day of it, so that each row is in exactly one month whatever the time
-- zone of reports is later. Rows from before this migration belong to the months of the default zone.
--
-- Closing and booking exclude each other by an advisory lock: what is booked after the row in closed_months goes into the next open month.
-- A report is written once and never changed, like the record it is drawn from: the service's role may insert and read.

-- migrate:up
alter table revenue add column month date check (extract(day from month) = 1);
update revenue set month = date_trunc('month', created_at at time zone 'Europe/Moscow')::date;
alter table revenue alter month set not null;
create index revenue_by_month on revenue (month, service_id) include (amount_minor);

create table closed_months (
  month date primary key check (extract(day from month) = 1),
  closed_at timestamptz not null
);

create table revenue_reports (
  month date primary key references closed_months,
  csv bytea not null,
  sha256 text collate "C" not null check (sha256 = encode(sha256(csv), 'hex')),
  total_minor bigint not null,
  generated_at timestamptz not null
);

-- For the check of a month's revenue against the entries that made it.
create index entries_of_revenue on entries (created_at) where kind in ('recognition', 'refund');

grant select, insert on closed_months, revenue_reports to saldo_service;

-- migrate:down
