import { connectOwner } from "../stack/owner.ts";
import { eventually } from "../waiting.ts";

export type SlowCommits = AsyncDisposable & {
  /** Resolves as soon as a commit waits. */
  awaitWaiting(): Promise<void>;
};

export type HeldCommits = SlowCommits & {
  /** Lets the commits that wait take effect. */
  release(): Promise<void>;
};

/** Of the advisory lock that commits wait for. */
const LOCK = 1_207;

/**
 * Makes the commits of operations for which `condition` is true take longer than a pulled batch is waited for, and less than the database
 * gives a statement. It ends with the block.
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
 * Holds the commits of operations for which `condition` is true, an expression on `new`: everything is written, nothing takes effect. The
 * service's own limits go on, so a commit waits for 2 s at most. It ends with the block, or by `release`.
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
