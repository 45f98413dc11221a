import type { TestLedger } from "./testLedger.ts";

export type DatabaseClock = {
  /** Sets the clock to this time and stops it. */
  stop(at: string): Promise<void>;
  /** Sets the clock to this time and lets it run. */
  run(at: string): Promise<void>;
};

/**
 * Replaces the database's clock by one that a test controls.
 *
 * The code then calls a clock_timestamp() in a schema that is searched before the catalogue. Only connections that are
 * opened afterwards use it, so install it first.
 */
export async function installClock({ owner }: TestLedger): Promise<DatabaseClock> {
  await owner.query(`
    create schema clock;
    create table clock.hands (at timestamptz, since timestamptz);
    insert into clock.hands values (pg_catalog.clock_timestamp(), pg_catalog.clock_timestamp());
    create function clock.clock_timestamp() returns timestamptz language sql as
      'select at + coalesce(pg_catalog.clock_timestamp() - since, interval ''0'') from clock.hands';
    grant usage on schema clock to saldo_service;
    grant select on clock.hands to saldo_service;
    do $$
    begin
      execute format('alter database %I set search_path = clock, pg_catalog, public', current_database());
    end
    $$`);
  return {
    async stop(at) {
      await owner.query("update clock.hands set at = $1, since = null", [at]);
    },
    async run(at) {
      await owner.query("update clock.hands set at = $1, since = pg_catalog.clock_timestamp()", [at]);
    },
  };
}
