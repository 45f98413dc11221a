/** Contradictions between responses and the ledger: each finding with the query that counts it. */
export const ANSWERS = {
  "operations with a response of 200 are not completed in the ledger": `
    select count(*)::int as count from bench.answered
    left join operations using (caller, idempotency_key)
    where operations.status is distinct from 'completed'`,
  "operations have two responses of 200": `
    select count(*)::int as count from (
      select from bench.answered group by caller, idempotency_key having count(*) > 1
    ) as twice`,
};

/** Contradictions between the topic and the ledger. */
export const EVENTS = {
  "entries have no event": `
    select count(*)::int as count from bench.entries
    where not exists (
      select from bench.events where events.operation_id = entries.operation_id and events.user_id = entries.user_id
    )`,
  "events have no entry": `
    select count(*)::int as count from bench.events
    where not exists (
      select from entries where entries.operation_id = events.operation_id and entries.user_id = events.user_id
    )`,
};

/** Counts of entries, operations, responses and events. */
export const TOTALS = `
  select
    (select count(*)::int from entries) as entries,
    (select count(*)::int from operations) as operations,
    (select count(*)::int from bench.answered) as answered,
    (select count(*)::int from bench.events) as events,
    (select (count(*) - count(distinct (operation_id, user_id)))::int from bench.events) as "eventsTwice"`;

/** Delays by slot in milliseconds, of operations accepted in its measured seconds. */
export const DELAYS = `
  with measured as (
    select caller, completed_at - created_at as decided,
      (select max(published_at) from bench.events where operation_id = operations.id) - created_at as published
    from operations
    join bench.slots using (caller)
    where created_at >= began_at and created_at < ended_at
  )
  select caller,
    percentile_cont(array[0.5, 0.95, 0.99, 1]) within group (order by extract(epoch from decided) * 1000) as decided,
    percentile_cont(array[0.5, 0.95, 0.99, 1]) within group (order by extract(epoch from published) * 1000) as published
  from measured
  group by caller`;

/** Entries and their events by slot. An entry has one event, unless it was published again. */
export const COUNTS = `
  with entries_by_slot as (
    select caller, count(*)::int as entries
    from bench.entries join operations on operations.id = operation_id group by caller
  ),
  events_by_slot as (
    select caller, count(*)::int as events
    from bench.events join operations on operations.id = operation_id group by caller
  )
  select caller, entries, coalesce(events, 0) as events
  from entries_by_slot left join events_by_slot using (caller)
  where caller in (select caller from bench.slots)`;
