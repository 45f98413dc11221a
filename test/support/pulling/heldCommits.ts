import { connectOwner } from "../stack/owner.ts";
import { eventually } from "../waiting.ts";

export type SlowCommits = AsyncDisposable & {
  /** Resolves as soon as a commit waits. */
  awaitWaiting(): Promise<void>;
};

export type HeldCommits = SlowCommits & {
  /** Lets the waiting commits take effect. */
  release(): Promise<void>;
};

/** Key of the advisory lock that commits wait for. */
const LOCK = 1_207;

/**
 * Delays commits of operations that match `condition`, until the block ends.
 *
 * The delay is longer than the wait for a pulled batch and shorter than the statement timeout.
 */
export async function slowCommits(condition: string): Promise<SlowCommits> {
  const owner = await connectOwner();
  await owner.query(triggerOf(condition, "pg_sleep(2.6)"));
  return {
    async awaitWaiting() {
      await eventually(async () => {
        const waiting = await owner.query("select from pg_stat_activity where wait_event = 'PgSleep'");
        return (waiting.rowCount ?? 0) > 0;
      });
    },
    async [Symbol.asyncDispose]() {
      await owner.query(DROP_TRIGGER);
      await owner.end();
    },
  };
}

/**
 * Holds commits of operations that match `condition`, an SQL expression on `new`.
 *
 * Everything is written, but nothing takes effect until `release` or the end of the block. The service's timeouts still
 * apply, so a commit waits for 2 s at most.
 */
export async function holdCommits(condition: string): Promise<HeldCommits> {
  const owner = await connectOwner();
  await owner.query("select pg_advisory_lock($1)", [LOCK]);
  await owner.query(triggerOf(condition, `pg_advisory_xact_lock(${LOCK})`));
  let held = true;
  const release = async () => {
    if (!held) return;
    held = false;
    await owner.query("select pg_advisory_unlock($1)", [LOCK]);
    await owner.query(DROP_TRIGGER);
    await owner.end();
  };
  const awaitWaiting = async () => {
    await eventually(async () => {
      const waiting = await owner.query(
        "select from pg_locks where locktype = 'advisory' and objid = $1 and not granted",
        [LOCK],
      );
      return (waiting.rowCount ?? 0) > 0;
    });
  };
  return { awaitWaiting, release, [Symbol.asyncDispose]: release };
}

/** Runs `wait` in the commit of each transaction that writes such an operation. */
function triggerOf(condition: string, wait: string): string {
  return `
    create or replace function hold_commit() returns trigger language plpgsql as
      'begin perform ${wait}; return null; end';
    create constraint trigger hold_commit after insert on operations deferrable initially deferred
      for each row when (${condition}) execute function hold_commit()`;
}

const DROP_TRIGGER = "drop trigger hold_commit on operations; drop function hold_commit";
