-- The database after all migrations, for readers and reviews. Written by ./dev contracts.
--
-- Migrations in db/migrations make the database; this file is never executed.

create sequence operations_ordinal as bigint increment 1 minvalue 1 maxvalue 9223372036854775807 start 1 cache 1 owned by operations.ordinal;
grant usage on sequence operations_ordinal to saldo_service;

create table accounts (
  user_id text collate "C" not null,
  available_minor bigint default 0 not null,
  reserved_minor bigint default 0 not null,
  version bigint default 0 not null,
  last_entry_at timestamp with time zone,
  constraint accounts_pkey PRIMARY KEY (user_id),
  constraint accounts_available_minor_check CHECK ((available_minor >= 0)),
  constraint accounts_check CHECK (((available_minor + reserved_minor) <= '9000000000000000000'::bigint)),
  constraint accounts_check1 CHECK (((version = 0) = (last_entry_at IS NULL))),
  constraint accounts_reserved_minor_check CHECK ((reserved_minor >= 0)),
  constraint accounts_user_id_check CHECK ((user_id ~ '^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$'::text)),
  constraint accounts_version_check CHECK ((version >= 0))
) with (fillfactor=80);
grant insert, select, update on accounts to saldo_service;

create table audits (
  id uuid not null,
  workflow_id text collate "C" not null,
  started_at timestamp with time zone not null,
  finished_at timestamp with time zone default clock_timestamp() not null,
  verdict text collate "C" not null,
  checked jsonb not null,
  not_checked text[] not null,
  findings jsonb not null,
  findings_total bigint not null,
  watermark jsonb,
  walks jsonb,
  constraint audits_pkey PRIMARY KEY (id),
  constraint audits_check CHECK (((verdict = 'broken'::text) = (findings_total > 0))),
  constraint audits_verdict_check CHECK ((verdict = ANY (ARRAY['clean'::text, 'broken'::text, 'incomplete'::text])))
);
CREATE INDEX audits_by_end ON public.audits USING btree (finished_at);
grant insert, select on audits to saldo_service;

create table balances_reports (
  month date not null,
  opening_available_minor numeric not null,
  opening_reserved_minor numeric not null,
  deposits_minor numeric not null,
  withdrawals_minor numeric not null,
  revenue_minor numeric not null,
  refunds_minor numeric not null,
  closing_available_minor numeric not null,
  closing_reserved_minor numeric not null,
  csv bytea not null,
  sha256 text collate "C" not null,
  generated_at timestamp with time zone not null,
  constraint balances_reports_pkey PRIMARY KEY (month),
  constraint balances_reports_check CHECK ((sha256 = encode(sha256(csv), 'hex'::text))),
  constraint balances_reports_check1 CHECK (((((((opening_available_minor + opening_reserved_minor) + deposits_minor) - withdrawals_minor) - revenue_minor) + refunds_minor) = (closing_available_minor + closing_reserved_minor))),
  constraint balances_reports_month_fkey FOREIGN KEY (month) REFERENCES closed_months(month)
);
grant insert, select on balances_reports to saldo_service;

create table closed_months (
  month date not null,
  closed_at timestamp with time zone not null,
  constraint closed_months_pkey PRIMARY KEY (month),
  constraint closed_months_month_check CHECK ((EXTRACT(day FROM month) = (1)::numeric))
);
grant insert, select on closed_months to saldo_service;

create table entries (
  user_id text collate "C" not null,
  version bigint not null,
  operation_id uuid not null,
  kind text collate "C" not null,
  amount_minor bigint not null,
  available_delta_minor bigint not null,
  reserved_delta_minor bigint not null,
  available_after_minor bigint not null,
  reserved_after_minor bigint not null,
  counterparty_user_id text collate "C",
  created_at timestamp with time zone not null,
  reservation_id uuid,
  service_id text collate "C",
  order_id text collate "C",
  month date not null,
  constraint entries_pkey PRIMARY KEY (user_id, version),
  constraint entries_amount_minor_check CHECK ((amount_minor > 0)),
  constraint entries_available_after_minor_check CHECK ((available_after_minor >= 0)),
  constraint entries_month_check CHECK ((EXTRACT(day FROM month) = (1)::numeric)),
  constraint entries_reserved_after_minor_check CHECK ((reserved_after_minor >= 0)),
  constraint entries_version_check CHECK ((version >= 1)),
  constraint entries_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES operations(id),
  constraint entries_user_id_fkey FOREIGN KEY (user_id) REFERENCES accounts(user_id)
);
CREATE INDEX entries_by_amount ON public.entries USING btree (user_id, kind, amount_minor, version);
CREATE INDEX entries_by_kind ON public.entries USING btree (user_id, kind, version);
CREATE INDEX entries_by_month ON public.entries USING brin (month);
CREATE INDEX entries_by_order ON public.entries USING btree (user_id, order_id, version) WHERE (order_id IS NOT NULL);
CREATE INDEX entries_by_service ON public.entries USING btree (user_id, service_id, version) WHERE (service_id IS NOT NULL);
CREATE INDEX entries_by_service_amount ON public.entries USING btree (user_id, service_id, amount_minor, version) WHERE (service_id IS NOT NULL);
CREATE INDEX entries_of_revenue ON public.entries USING btree (month, service_id, created_at, operation_id) WHERE (kind = ANY (ARRAY['recognition'::text, 'refund'::text]));
grant insert, select on entries to saldo_service;

create table events_seen (
  user_id text collate "C" not null,
  versions int8multirange not null,
  constraint events_seen_pkey PRIMARY KEY (user_id)
) with (fillfactor=80);
grant delete, insert, select, update on events_seen to saldo_service;

create table operations (
  id uuid not null,
  caller text collate "C",
  idempotency_key text collate "C",
  workflow_id text collate "C" not null,
  kind text collate "C" not null,
  request json not null,
  status text collate "C" not null,
  decline_code text collate "C",
  created_at timestamp with time zone not null,
  completed_at timestamp with time zone not null,
  reservation_id uuid,
  expires_at timestamp with time zone,
  decline_reservation_ids uuid[],
  ordinal bigint default 0 not null,
  user_id text collate "C",
  version bigint,
  counterparty_user_id text collate "C",
  counterparty_version bigint,
  service_id text collate "C",
  order_id text collate "C",
  service_name text,
  reference text collate "C",
  by text collate "C",
  reason text,
  constraint operations_pkey PRIMARY KEY (id),
  constraint operations_check CHECK (((status = 'declined'::text) = (decline_code IS NOT NULL))),
  constraint operations_check1 CHECK ((created_at <= completed_at)),
  constraint operations_check2 CHECK (((caller IS NULL) = (idempotency_key IS NULL))),
  constraint operations_check3 CHECK (((version IS NULL) OR (user_id IS NOT NULL))),
  constraint operations_check4 CHECK (((counterparty_version IS NULL) OR (counterparty_user_id IS NOT NULL))),
  constraint operations_check5 CHECK (((version IS NOT NULL) = ((status = 'completed'::text) AND (kind <> 'extension'::text)))),
  constraint operations_check6 CHECK (((counterparty_version IS NOT NULL) = ((status = 'completed'::text) AND (kind = 'transfer'::text)))),
  constraint operations_check7 CHECK (((caller IS NULL) = (by IS NOT NULL))),
  constraint operations_check8 CHECK (((reason IS NULL) OR (by IS NOT NULL))),
  constraint operations_kind_check CHECK ((kind = ANY (ARRAY['deposit'::text, 'withdrawal'::text, 'transfer'::text, 'reservation'::text, 'recognition'::text, 'release'::text, 'extension'::text, 'refund'::text, 'expiry'::text]))),
  constraint operations_status_check CHECK ((status = ANY (ARRAY['completed'::text, 'declined'::text])))
);
CREATE INDEX operations_by_order ON public.operations USING btree (order_id, completed_at, ordinal) WHERE (order_id IS NOT NULL);
CREATE INDEX operations_by_reference ON public.operations USING btree (reference, completed_at, ordinal) WHERE (reference IS NOT NULL);
CREATE INDEX operations_by_reservation ON public.operations USING btree (reservation_id, completed_at, ordinal) WHERE (reservation_id IS NOT NULL);
CREATE INDEX operations_by_service ON public.operations USING btree (service_id, completed_at, ordinal) WHERE (service_id IS NOT NULL);
CREATE INDEX operations_by_workflow ON public.operations USING btree (workflow_id, completed_at, ordinal);
CREATE INDEX operations_without_entry ON public.operations USING btree (user_id, completed_at, ordinal) WHERE ((version IS NULL) AND (user_id IS NOT NULL));
CREATE INDEX operations_without_entry_by_counterparty ON public.operations USING btree (counterparty_user_id, completed_at, ordinal) WHERE ((version IS NULL) AND (counterparty_user_id IS NOT NULL));
grant insert, select on operations to saldo_service;

create table order_reports (
  month date not null,
  sha256 text collate "C" not null,
  total_minor bigint not null,
  generated_at timestamp with time zone not null,
  constraint order_reports_pkey PRIMARY KEY (month),
  constraint order_reports_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint order_reports_month_fkey FOREIGN KEY (month) REFERENCES closed_months(month)
);
grant insert, select on order_reports to saldo_service;

create table outbox (
  id bigint generated always as identity not null,
  workflow_id text collate "C" not null,
  operation_ids uuid[] not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  constraint outbox_pkey PRIMARY KEY (id)
) with (autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=5000);
CREATE INDEX outbox_by_age ON public.outbox USING btree (created_at);
CREATE INDEX outbox_by_workflow ON public.outbox USING btree (workflow_id);
grant delete, insert, select, update on outbox to saldo_service;

create table recognitions (
  id uuid not null,
  reservation_id uuid not null,
  user_id text collate "C" not null,
  service_id text collate "C" not null,
  order_id text collate "C" not null,
  amount_minor bigint not null,
  refunded_minor bigint not null,
  constraint recognitions_pkey PRIMARY KEY (id),
  constraint recognitions_amount_minor_check CHECK ((amount_minor > 0)),
  constraint recognitions_check CHECK ((refunded_minor <= amount_minor)),
  constraint recognitions_refunded_minor_check CHECK ((refunded_minor >= 0)),
  constraint recognitions_id_fkey FOREIGN KEY (id) REFERENCES operations(id),
  constraint recognitions_reservation_id_fkey FOREIGN KEY (reservation_id) REFERENCES reservations(id)
) with (fillfactor=80);
grant insert, select, update on recognitions to saldo_service;

create table report_services (
  month date not null,
  service_id text collate "C" not null,
  name text not null,
  constraint report_services_pkey PRIMARY KEY (month, service_id),
  constraint report_services_month_fkey FOREIGN KEY (month) REFERENCES closed_months(month)
);
grant insert, select on report_services to saldo_service;

create table reservations (
  id uuid not null,
  ordinal bigint generated always as identity not null,
  user_id text collate "C" not null,
  service_id text collate "C" not null,
  order_id text collate "C" not null,
  saga_workflow_id text collate "C" not null,
  amount_minor bigint not null,
  recognized_minor bigint not null,
  released_minor bigint not null,
  expired_minor bigint not null,
  remaining_minor bigint generated always as ((((amount_minor - recognized_minor) - released_minor) - expired_minor)) stored not null,
  expires_at timestamp with time zone not null,
  created_at timestamp with time zone not null,
  refunded_minor bigint default 0 not null,
  constraint reservations_pkey PRIMARY KEY (id),
  constraint reservations_amount_minor_check CHECK ((amount_minor > 0)),
  constraint reservations_check CHECK (((refunded_minor >= 0) AND (refunded_minor <= recognized_minor))),
  constraint reservations_expired_minor_check CHECK ((expired_minor >= 0)),
  constraint reservations_recognized_minor_check CHECK ((recognized_minor >= 0)),
  constraint reservations_released_minor_check CHECK ((released_minor >= 0)),
  constraint reservations_remaining_minor_check CHECK ((remaining_minor >= 0)),
  constraint reservations_id_fkey FOREIGN KEY (id) REFERENCES operations(id),
  constraint reservations_user_id_fkey FOREIGN KEY (user_id) REFERENCES accounts(user_id)
) with (fillfactor=80);
CREATE INDEX reservations_by_order ON public.reservations USING btree (order_id, user_id, service_id, ordinal);
CREATE INDEX reservations_by_saga ON public.reservations USING btree (saga_workflow_id);
CREATE INDEX reservations_by_user ON public.reservations USING btree (user_id, created_at, id);
CREATE INDEX reservations_expired_by_deadline ON public.reservations USING btree (expires_at, id) WHERE (expired_minor > 0);
CREATE INDEX reservations_open_by_deadline ON public.reservations USING btree (expires_at, id) WHERE (remaining_minor > 0);
CREATE INDEX reservations_open_by_saga ON public.reservations USING btree (saga_workflow_id, expires_at) WHERE (remaining_minor > 0);
CREATE INDEX reservations_open_by_user ON public.reservations USING btree (user_id) INCLUDE (remaining_minor) WHERE (remaining_minor > 0);
grant insert, select, update on reservations to saldo_service;

create table revenue (
  operation_id uuid not null,
  service_id text collate "C" not null,
  amount_minor bigint not null,
  created_at timestamp with time zone not null,
  month date not null,
  constraint revenue_pkey PRIMARY KEY (operation_id),
  constraint revenue_amount_minor_check CHECK ((amount_minor <> 0)),
  constraint revenue_month_check CHECK ((EXTRACT(day FROM month) = (1)::numeric)),
  constraint revenue_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES operations(id)
);
CREATE INDEX revenue_by_month ON public.revenue USING btree (month, service_id) INCLUDE (amount_minor);
grant insert, select on revenue to saldo_service;

create table revenue_reports (
  month date not null,
  csv bytea not null,
  sha256 text collate "C" not null,
  total_minor bigint not null,
  generated_at timestamp with time zone not null,
  constraint revenue_reports_pkey PRIMARY KEY (month),
  constraint revenue_reports_check CHECK ((sha256 = encode(sha256(csv), 'hex'::text))),
  constraint revenue_reports_month_fkey FOREIGN KEY (month) REFERENCES closed_months(month)
);
grant insert, select on revenue_reports to saldo_service;

create table services (
  service_id text collate "C" not null,
  name text not null,
  constraint services_pkey PRIMARY KEY (service_id),
  constraint services_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 200))),
  constraint services_service_id_check CHECK ((service_id ~ '^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$'::text))
);
grant insert, select, update on services to saldo_service;
