import { connectOwner } from "./owner.ts";

/**
 * Holds the lock on a user's account, so that whoever posts to it waits, as for a slow neighbour. The lock ends with the block,
 * or by `release`.
 */
export async function holdAccount(userId: string): Promise<{ release(): Promise<void> } & AsyncDisposable> {
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
  return { release, [Symbol.asyncDispose]: release };
}
