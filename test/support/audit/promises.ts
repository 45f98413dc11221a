import type { Client, Pool, PoolClient } from "pg";

/** A row of the ledger that breaks one of its promises. */
export type BrokenPromise = { promise: string; row: Record<string, unknown> };

/**
 * Promises 1 to 6 and 10, and the order of times, as queries.
 *
 * They are those of docs/reference/promises.md. Each query returns the rows that break its promise: none in a
 * consistent ledger, at any moment, because all are read in one snapshot. They are derived from that page, scan the
 * whole database and favour plainness over speed: for tests and audits only.
 */
export const PROMISES: Readonly<Record<string, string>> = {
  "1: no balance is ever negative": `
    select user_id, version, available_minor, reserved_minor from accounts
    where available_minor < 0 or reserved_minor < 0
    union all
    select user_id, version, available_after_minor, reserved_after_minor from entries
    where available_after_minor < 0 or reserved_after_minor < 0`,

  "2: the entries of an account are gapless, each balance follows from the one before, times never step back": `
    select * from (
      select user_id, version, created_at, available_after_minor, reserved_after_minor,
        row_number() over account as expected_version,
        lag(available_after_minor, 1, 0::bigint) over account + available_delta_minor as expected_available_minor,
        lag(reserved_after_minor, 1, 0::bigint) over account + reserved_delta_minor as expected_reserved_minor,
        lag(created_at, 1, created_at) over account as created_at_before
      from entries
      window account as (partition by user_id order by version)
    ) as chained
    where version <> expected_version
      or available_after_minor <> expected_available_minor
      or reserved_after_minor <> expected_reserved_minor
      or created_at < created_at_before`,

  "2: an account equals its last entry": `
    select accounts.user_id, accounts.version, accounts.available_minor, accounts.reserved_minor,
      last.version as last_version, last.available_after_minor, last.reserved_after_minor
    from accounts
    left join (select distinct on (user_id) * from entries order by user_id, version desc) as last using (user_id)
    where accounts.version <> coalesce(last.version, 0)
      or accounts.available_minor <> coalesce(last.available_after_minor, 0)
      or accounts.reserved_minor <> coalesce(last.reserved_after_minor, 0)`,

  "3: the parts of a reservation and its remainder add up to the reserved amount": `
    select id, amount_minor, recognized_minor, released_minor, expired_minor, remaining_minor from reservations
    where recognized_minor + released_minor + expired_minor + remaining_minor <> amount_minor
      or least(recognized_minor, released_minor, expired_minor, remaining_minor) < 0`,

  "3: the refunded part of a reservation is that of its recognitions": `
    select reservations.id, reservations.refunded_minor, coalesce(given.refunded_minor, 0) as given_minor
    from reservations
    left join (
      select reservation_id, sum(refunded_minor) as refunded_minor from recognitions group by reservation_id
    ) as given on given.reservation_id = reservations.id
    where reservations.refunded_minor <> coalesce(given.refunded_minor, 0)`,

  "3: the reserve of an account is the remainder of its open reservations": `
    select accounts.user_id, accounts.reserved_minor, coalesce(held.remaining_minor, 0) as remaining_minor
    from accounts
    left join (select user_id, sum(remaining_minor) as remaining_minor from reservations group by user_id) as held
      using (user_id)
    where accounts.reserved_minor <> coalesce(held.remaining_minor, 0)`,

  "3: no more is refunded than was recognized, and refunds equal the entries of refunds": `
    select recognitions.id, recognitions.amount_minor, recognitions.refunded_minor, coalesce(given.amount_minor, 0) as entries_minor
    from recognitions
    left join (
      select recognition_id, sum(amount_minor) as amount_minor
      from (
        select case when operations.kind = 'refund' then operations.request ->> 'recognitionId' end as recognition_id,
          entries.amount_minor
        from entries
        join operations on operations.id = entries.operation_id and operations.kind = 'refund'
      ) as refunds
      group by recognition_id
    ) as given on given.recognition_id = recognitions.id::text
    where recognitions.refunded_minor > recognitions.amount_minor
      or recognitions.refunded_minor <> coalesce(given.amount_minor, 0)`,

  "4: inflow less outflow equals the balances of accounts and the revenue of services": `
    select * from (
      select
        (select coalesce(sum(case kind when 'deposit' then amount_minor when 'withdrawal' then -amount_minor end), 0)
         from entries) as came_in_minor,
        (select coalesce(sum(available_minor + reserved_minor), 0) from accounts) as held_minor,
        (select coalesce(sum(amount_minor), 0) from revenue) as earned_minor
    ) as sums
    where came_in_minor <> held_minor + earned_minor`,

  "4: revenue is the sum of recognitions less refunds": `
    select coalesce(revenue.operation_id, moved.operation_id) as operation_id, moved.kind, moved.amount_minor,
      revenue.amount_minor as revenue_minor, moved.service_id, revenue.service_id as revenue_service_id
    from revenue
    full join (select * from entries where kind in ('recognition', 'refund')) as moved using (operation_id)
    where revenue.amount_minor is distinct from case moved.kind when 'refund' then -moved.amount_minor else moved.amount_minor end
      or revenue.service_id is distinct from moved.service_id`,

  "4: a deposit, withdrawal or transfer moves the requested amount between the named users": `
    select operations.id, operations.kind, operations.request, done.*
    from operations
    left join (
      select operation_id, array_agg(user_id order by available_delta_minor) as users,
        sum(available_delta_minor + reserved_delta_minor) as delta_minor, min(amount_minor) as smallest_minor, max(amount_minor) as largest_minor
      from entries
      group by operation_id
    ) as done on done.operation_id = operations.id
    -- Declined requests are not parsed: they may hold values that SQL cannot cast.
    where case
      when status = 'declined' or kind not in ('deposit', 'withdrawal', 'transfer') then false
      else (done.users, done.delta_minor, done.smallest_minor, done.largest_minor) is distinct from (
        case kind when 'transfer' then array[request ->> 'fromUserId', request ->> 'toUserId'] else array[request ->> 'userId'] end,
        case kind when 'transfer' then 0 when 'deposit' then 1 else -1 end * (request ->> 'amount')::numeric * 100,
        ((request ->> 'amount')::numeric * 100)::bigint,
        ((request ->> 'amount')::numeric * 100)::bigint)
    end`,

  "5: a caller's key stands for one operation": `
    select caller, idempotency_key, count(*) from operations
    where caller is not null
    group by caller, idempotency_key
    having count(*) > 1`,

  "5: completed operations have their entries, declined ones have none": `
    select operations.id, operations.kind, operations.status, count(entries.operation_id) as entries
    from operations
    left join entries on entries.operation_id = operations.id
    group by operations.id
    having count(entries.operation_id) <> case
      when operations.status = 'declined' or operations.kind = 'extension' then 0
      when operations.kind = 'transfer' then 2
      else 1
    end`,

  "5: an operation names its entries, and no others": `
    select coalesce(named.operation_id, entries.operation_id) as operation_id, named.user_id as named_user_id, named.version as named_version,
      entries.user_id, entries.version
    from (
      select id as operation_id, user_id, version from operations where version is not null
      union all
      select id, counterparty_user_id, counterparty_version from operations where counterparty_version is not null
    ) as named
    full join entries using (operation_id, user_id, version)
    where named.operation_id is null or entries.operation_id is null`,

  "6: exactly the reserved amount is settled, once, by its entries": `
    select reservations.id, reservations.amount_minor, reservations.recognized_minor, reservations.released_minor,
      reservations.expired_minor, reservations.remaining_minor, moved.*
    from reservations
    left join lateral (
      select
        coalesce(sum(reserved_delta_minor) filter (where kind = 'reservation'), 0) as moved_in_minor,
        coalesce(-sum(available_delta_minor + reserved_delta_minor) filter (where kind = 'recognition'), 0) as moved_to_revenue_minor,
        coalesce(sum(available_delta_minor) filter (where kind in ('recognition', 'release')), 0) as moved_back_minor,
        coalesce(sum(available_delta_minor) filter (where kind = 'expiry'), 0) as moved_back_by_time_minor,
        coalesce(sum(reserved_delta_minor), 0) as left_minor
      from entries
      where entries.reservation_id = reservations.id
    ) as moved on true
    where (reservations.amount_minor, reservations.recognized_minor, reservations.released_minor, reservations.expired_minor,
           reservations.remaining_minor)
      <> (moved.moved_in_minor, moved.moved_to_revenue_minor, moved.moved_back_minor, moved.moved_back_by_time_minor,
          moved.left_minor)`,

  "6: nothing expires before its deadline": `
    select entries.operation_id, entries.reservation_id, entries.created_at, reservations.expires_at
    from entries
    join reservations on reservations.id = entries.reservation_id
    where entries.kind = 'expiry' and entries.created_at < reservations.expires_at`,

  "10: the total of a closed month is the sum of its revenue rows": `
    select revenue_reports.month, revenue_reports.total_minor, coalesce(booked.amount_minor, 0) as rows_minor
    from revenue_reports
    left join (select month, sum(amount_minor) as amount_minor from revenue group by month) as booked using (month)
    where revenue_reports.total_minor <> coalesce(booked.amount_minor, 0)`,

  "10: nothing is booked into a month once it is closed": `
    select booked.*, closed_months.closed_at
    from (
      select operation_id, month, created_at from revenue
      union all
      select operation_id, month, created_at from entries
    ) as booked
    join closed_months on closed_months.month >= booked.month
    where booked.created_at > closed_months.closed_at`,

  "10: an operation is booked into one month": `
    select entries.operation_id, array_agg(distinct entries.month) as months, revenue.month
    from entries
    left join revenue using (operation_id)
    group by entries.operation_id, revenue.month
    having count(distinct entries.month) > 1 or min(entries.month) <> coalesce(revenue.month, min(entries.month))`,

  "10: the balances of a month are those of its entries, and of all before": `
    select * from (
      select reports.month,
        (opening_available_minor, opening_reserved_minor, deposits_minor, withdrawals_minor, revenue_minor, refunds_minor,
         closing_available_minor, closing_reserved_minor)::text as reported,
        (coalesce(sum(available_delta_minor) filter (where entries.month < reports.month), 0),
         coalesce(sum(reserved_delta_minor) filter (where entries.month < reports.month), 0),
         coalesce(sum(amount_minor) filter (where entries.month = reports.month and kind = 'deposit'), 0),
         coalesce(sum(amount_minor) filter (where entries.month = reports.month and kind = 'withdrawal'), 0),
         coalesce(sum(amount_minor) filter (where entries.month = reports.month and kind = 'recognition'), 0),
         coalesce(sum(amount_minor) filter (where entries.month = reports.month and kind = 'refund'), 0),
         coalesce(sum(available_delta_minor), 0),
         coalesce(sum(reserved_delta_minor), 0))::text as summed
      from balances_reports as reports
      left join entries on entries.month <= reports.month
      group by reports.month
    ) as sums
    where reported <> summed`,

  "10: revenue, orders and balances of a month are equal": `
    select month, revenue_reports.total_minor, order_reports.total_minor as orders_minor, revenue_minor - refunds_minor as balances_minor
    from revenue_reports
    left join order_reports using (month)
    left join balances_reports using (month)
    where revenue_reports.total_minor <> coalesce(order_reports.total_minor, revenue_reports.total_minor)
      or revenue_reports.total_minor <> coalesce(revenue_minor - refunds_minor, revenue_reports.total_minor)`,

  "10: the file of a report has its hash, and the sum of its lines is its total": `
    select month, revenue_reports.total_minor, lines.total_minor as lines_minor
    from revenue_reports
    left join lateral (
      select coalesce(sum((regexp_match(line, ';(-?[0-9]+[.][0-9]{2})$'))[1]::numeric * 100), 0) as total_minor
      from regexp_split_to_table(convert_from(csv, 'UTF8'), E'\\n') as line
    ) as lines on true
    where sha256 <> encode(sha256(csv), 'hex') or revenue_reports.total_minor <> lines.total_minor`,
};

const AUDIT = Object.entries(PROMISES)
  .map(
    ([promise, query]) =>
      `select $promise$${promise}$promise$ as promise, to_jsonb(broken) as row from (${query}) as broken`,
  )
  .join("\nunion all\n");

/** Every row that breaks a promise, read in one snapshot. Empty where the ledger is consistent. */
export async function findBrokenPromises(database: Pool | PoolClient | Client): Promise<BrokenPromise[]> {
  const { rows } = await database.query<BrokenPromise>(AUDIT);
  return rows;
}
