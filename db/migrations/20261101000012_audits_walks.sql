-- How far an audit has walked: by check, the blocks of the table that it walks over (src/ledger/walks.ts).
--
-- The next audit goes on from the last clean one. Null for audits from before this migration: then the next one walks over everything.

-- migrate:up
alter table audits add column walks jsonb;

-- migrate:down
