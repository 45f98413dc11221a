/**
 * Compares the answers to clients with the ledger.
 *
 * Each finding has a query that returns the rows which show it. `$1` is the caller id of the clients.
 */
export const CONTRADICTIONS = {
  "was answered, and is not in the ledger with that outcome": `
    select answered.key, answered.outcome, ours.outcome as stored
    from chaos.answered
    left join chaos.ours using (key)
    where ours.outcome is distinct from answered.outcome`,

  "had an outcome, and another one when its request was repeated": `
    select unanswered.key, unanswered.outcome, ours.outcome as stored
    from chaos.unanswered
    join chaos.ours using (key)
    where unanswered.outcome <> ours.outcome`,

  "is in the ledger without a request": `
    select ours.key from chaos.ours
    where not exists (select from chaos.answered where answered.key = ours.key)
      and not exists (select from chaos.unanswered where unanswered.key = ours.key)`,

  "is an atomic batch that is half done": `
    select split_part(key, '/', 1) as batch, count(*) as stored, count(*) filter (where outcome = 'completed') as completed
    from chaos.ours
    where key like 'atomic:%'
    group by split_part(key, '/', 1)
    having count(*) <> split_part(min(key), ':', 2)::int
      or count(*) filter (where outcome = 'completed') not in (0, count(*))`,

  "is a balance that was read, and never was": `
    select reads.* from chaos.reads
    left join entries using (user_id, version)
    where reads.balance is distinct from
      round(available_after_minor / 100.0, 2) || ' ' || round(reserved_after_minor / 100.0, 2)`,
};

/** Creates a schema for the answers that clients received. The clients' operations are a view on the ledger. */
export const PREPARE = (caller: string) => `
  drop schema if exists chaos cascade;
  create schema chaos;
  create unlogged table chaos.answered (key text collate "C" primary key, outcome text);
  create unlogged table chaos.unanswered (key text collate "C" primary key, was_accepted boolean, outcome text);
  create unlogged table chaos.reads (user_id text collate "C", version bigint, balance text);
  create view chaos.ours as
    select id, idempotency_key as key, coalesce(decline_code, 'completed') as outcome from operations
    where caller = '${caller}';
  -- No index of the service's serves the audit; nothing is measured any more.
  create index if not exists entries_reservation_id_audit on entries (reservation_id) where reservation_id is not null;
  analyze;`;

/** Operations that were answered 202 and are not in the ledger. */
export const COUNT_BROKEN_PROMISES = `
  select count(*)::int as count from chaos.unanswered
  where was_accepted and not exists (select from chaos.ours where ours.key = unanswered.key)`;

/** Stores the outcomes of unanswered requests before these are repeated. */
export const NOTE_OUTCOMES = `
  update chaos.unanswered set outcome = ours.outcome from chaos.ours where ours.key = unanswered.key`;
