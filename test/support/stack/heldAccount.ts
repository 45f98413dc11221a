import { eventually } from "../waiting.ts";
import { connectOwner } from "./owner.ts";

export type HeldAccount = AsyncDisposable & {
  /** Resolves as soon as a transaction waits for the lock. */
  awaitWaiting(): Promise<void>;
  release(): Promise<void>;
};

/** Holds the lock on a user's account, so that postings to it wait. The lock ends with the block or by `release`. */
export async function holdAccount(userId: string): Promise<HeldAccount> {
  const owner = await connectOwner();
  await owner.query("begin");
  const { rowCount } = await owner.query("select from accounts where user_id = $1 for update", [userId]);
  if (rowCount !== 1) throw new Error(`There is no account of ${userId} to hold`);
  let held = true;
  const release = async () => {
    if (!held) return;
    held = false;
    await owner.query("rollback");
    await owner.end();
  };
  const awaitWaiting = async () => {
    await eventually(async () => {
      const waiting = await owner.query("select from pg_locks where pg_backend_pid() = any (pg_blocking_pids(pid))");
      return (waiting.rowCount ?? 0) > 0;
    });
  };
  return { awaitWaiting, release, [Symbol.asyncDispose]: release };
}
