import type { BalanceAsOf } from "../ledger/records.ts";
import { withTimeout } from "../lib/timeout.ts";

/** The longest time that a response waits for the cache. */
export const CACHE_TIMEOUT_MS = 100;

/** Backoff of postponed writes, doubled after each failure: a frozen Redis receives few commands. */
const RETRY_MS = 250;
const RETRY_MAX_MS = 2_000;

/** Balances in one call of the script. */
const PIECE_MAX = 100;

/** The most postponed balances: some 15 MB. With more, deleting the whole cache is cheaper. */
const POSTPONED_MAX = 50_000;

export type CacheWriteResult = "ok" | "error" | "skipped";

export type CacheWritesOptions = {
  cache: {
    /** Keeps newer cached balances and returns their versions by user. */
    write(balances: readonly BalanceAsOf[]): Promise<Map<string, number>>;
    /** Writes the balance if the cached version is still the expected one. */
    replace(balance: BalanceAsOf, expectedVersion: number): Promise<void>;
    clear(): Promise<void>;
  };
  /** Called with the result of each write, of one or many balances. */
  onWrite(result: CacheWriteResult): void;
  log: { warn(fields: object, message: string): void };
};

/**
 * Writes balances to the cache, with a circuit breaker. After a failure or a timeout the circuit is open: the newest
 * balance of each user is postponed. It closes once a retry in the background has written them all. So only one write
 * waits for a cache that is down, and other processes lag by seconds after its return. A timed-out write may still take
 * place at any time: the cache never replaces a newer version.
 */
export function createCacheWrites({ cache, onWrite, log }: CacheWritesOptions) {
  const postponed = new Map<string, BalanceAsOf>();
  /** Too many were postponed: the list is dropped, so the whole cache must be cleared. */
  let isClearDue = false;
  /** Counts of the writes since the circuit opened; undefined while it is closed. */
  let open: { failed: number; skipped: number } | undefined;

  async function attempt<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      const result = await withTimeout("Redis", CACHE_TIMEOUT_MS, work());
      onWrite("ok");
      return result;
    } catch (error) {
      if (open) open.failed += 1;
      onWrite("error");
      throw error;
    }
  }

  function postpone(balances: readonly BalanceAsOf[]): void {
    for (const balance of balances) {
      const earlier = postponed.get(balance.userId);
      if (!earlier || earlier.version <= balance.version) postponed.set(balance.userId, balance);
    }
    if (postponed.size > POSTPONED_MAX) {
      postponed.clear();
      isClearDue = true;
    }
  }

  /** Logs when the circuit opens and when it closes: eight lines a second at most. */
  function openCircuit(error: unknown): void {
    if (open) return;
    open = { failed: 1, skipped: 0 };
    log.warn(
      { err: error },
      "A write to the cache failed: writes are postponed, and changed balances are read from the ledger",
    );
    retryAfter(RETRY_MS);
  }

  function retryAfter(pauseMs: number): void {
    const retry = () => writePostponed().catch(() => retryAfter(Math.min(pauseMs * 2, RETRY_MAX_MS)));
    setTimeout(() => void retry(), pauseMs).unref();
  }

  async function writePostponed(): Promise<void> {
    while (isClearDue || postponed.size > 0) {
      if (isClearDue) await clear();
      const piece = [...postponed.values().take(PIECE_MAX)];
      if (piece.length > 0) await attempt(() => cache.write(piece));
      for (const balance of piece) if (postponed.get(balance.userId) === balance) postponed.delete(balance.userId);
    }
    // No await before this, or a balance postponed meanwhile would never be written.
    log.warn({ ...open }, "The cache is up to date again: all postponed balances are written");
    open = undefined;
  }

  async function clear(): Promise<void> {
    // Reset first: the list may be dropped again while the keys are deleted.
    isClearDue = false;
    try {
      await cache.clear();
    } catch (error) {
      isClearDue = true;
      throw error;
    }
  }

  /** Writes balances within 100 ms, or postpones them. Returns newer cached versions by user. Never rejects. */
  async function write(balances: readonly BalanceAsOf[]): Promise<ReadonlyMap<string, number>> {
    if (open) {
      skip();
      postpone(balances);
      return NONE;
    }
    try {
      return await attempt(() => cache.write(balances));
    } catch (error) {
      postpone(balances);
      openCircuit(error);
      return NONE;
    }
  }

  function skip(): void {
    if (open) open.skipped += 1;
    onWrite("skipped");
  }

  return {
    write,

    /**
     * Writes back a balance that was read from the ledger. Skipped while the circuit is open: the next read then uses
     * the ledger as well. Returns the cached version where that is newer. Never rejects.
     */
    async writeBack(balance: BalanceAsOf): Promise<number | undefined> {
      if (!open) return (await write([balance])).get(balance.userId);
      skip();
      return undefined;
    },

    /** Replaces a cached balance if its version is the expected one. @throws where Redis is down */
    replace: (balance: BalanceAsOf, expectedVersion: number) => attempt(() => cache.replace(balance, expectedVersion)),
  };
}

const NONE: ReadonlyMap<string, number> = new Map();
