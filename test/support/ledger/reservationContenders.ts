import type { Operation, Outcome } from "../../../src/ledger/operations.ts";
import { type Expired, expire } from "../../../src/postgres/posting/expire.ts";
import { hold, lockAccounts, openContenders as openConnections } from "./barrier.ts";
import { type PostedOutcome, type ReservationLedger, withRows } from "./reservationLedger.ts";
import { tally as tallyWords, wordOf } from "./testLedger.ts";

export type Contenders = Awaited<ReturnType<typeof openContenders>>;

/** Opens connections with the service's role that will contend for locks. */
export async function openContenders(ledger: ReservationLedger, count: number) {
  const { pool, post, awaitWaiting, close } = await openConnections(ledger, count);
  const holdAccounts = (userIds: string[]) => hold(ledger, lockAccounts(userIds));

  return {
    /** Posts each list as its own carrier. */
    post: async (...operations: Operation[]): Promise<PostedOutcome[]> =>
      withRows(operations, await post(`carrier-${crypto.randomUUID()}`, operations)),
    expire: (userId: string, reservationIds: string[]): Promise<Expired> =>
      expire(
        pool,
        `saga-${crypto.randomUUID()}`,
        reservationIds.map((reservationId) => ({ reservationId, userId, overdueMs: 0 })),
        { by: "sweep" },
        ledger.options,
      ),

    /** Runs the contenders while a transaction holds these accounts. It releases them once all contenders wait. */
    async holdBack<Result>(userIds: string[], contend: () => Promise<Result>[]): Promise<Result[]> {
      await using holder = await holdAccounts(userIds);
      const contending = contend();
      const running = Promise.all(contending);
      await Promise.race([awaitWaiting(contending.length), running]);
      await holder.rollback();
      return await running;
    },

    /**
     * As `holdBack`, but the lock is granted in the order of the list.
     *
     * Each contender starts only when the one before it waits.
     */
    async lineUp<Result>(userIds: string[], contend: (() => Promise<Result>)[]): Promise<Result[]> {
      await using holder = await holdAccounts(userIds);
      const contending: Promise<Result>[] = [];
      for (const start of contend) {
        contending.push(start());
        await awaitWaiting(contending.length);
      }
      await holder.rollback();
      return await Promise.all(contending);
    },

    /** Holds the locks on these accounts until its `rollback`. */
    hold: holdAccounts,
    /** Resolves as soon as this many connections wait for a lock. */
    awaitWaiting,

    /** Closes all connections. @returns the number of deadlocks that the server broke */
    close: async (): Promise<number> => (await close()).deadlocks,
  };
}

/** Counts outcomes by "completed", "mismatched" or decline code. */
export function tally(outcomes: Outcome[]): Record<string, number> {
  return tallyWords(outcomes.map(wordOf));
}
