import type { BalanceAsOf } from "../ledger/records.ts";
import { withTimeout } from "../lib/timeout.ts";

/** The longest that an answer waits for the cache. */
export const CACHE_TIMEOUT_MS = 100;

/** The pause before postponed balances are tried: doubled after each failure, so that a frozen Redis receives little. */
const RETRY_MS = 250;
const RETRY_MAX_MS = 2_000;

/** As many as one script takes. */
const PIECE_MAX = 100;

/** Balances that wait to be written: some 15 MB. Beyond, it is cheaper to delete all that is cached. */
const POSTPONED_MAX = 50_000;

export type CacheWriteResult = "ok" | "error" | "skipped";

export type CacheWritesOptions = {
  cache: {
    /** Keeps newer balances, and returns their versions by user. */
    write(balances: readonly BalanceAsOf[]): Promise<Map<string, number>>;
    /** Writes the balance if the cached version is still the expected one. */
    replace(balance: BalanceAsOf, expectedVersion: number): Promise<void>;
    clear(): Promise<void>;
  };
  /** The result of each write: that of one or many balances. */
  onWrite(result: CacheWriteResult): void;
  log: { warn(fields: object, message: string): void };
};

/**
 * Writes balances to the cache, with a circuit breaker that repairs. After a failure or a timeout nothing is written
 * directly: balances are postponed, the newest of each user, until a retry in the background has written them all. So
 * callers wait for a cache that is away once, and other processes lag by seconds once it is back. A write that has timed
 * out may still take place at any time: the cache never replaces a newer version.
 */
export function createCacheWrites({ cache, onWrite, log }: CacheWritesOptions) {
  const postponed = new Map<string, BalanceAsOf>();
  /** Too many were postponed: what they were is forgotten, and nothing cached before may stay. */
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

  /** Logs once for each time that the circuit opens, and once when it closes: eight lines a second at most. */
  function openCircuit(error: unknown): void {
    if (open) return;
    open = { failed: 1, skipped: 0 };
    log.warn({ err: error }, "A write to the cache failed: what changes is postponed, and read from the ledger");
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
    // With no await in between, or what is postponed meanwhile would never be written.
    log.warn({ ...open }, "The cache is up to date again: all postponed writes are made up for");
    open = undefined;
  }

  async function clear(): Promise<void> {
    // Reset first: more may be forgotten while the keys are deleted.
    isClearDue = false;
    try {
      await cache.clear();
    } catch (error) {
      isClearDue = true;
      throw error;
    }
  }

  /** Writes balances within 100 ms, or postpones them. Returns the versions by user that are newer in the cache. Never fails. */
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
     * Writes back what a reader got from the ledger, unless the circuit is open: then the next reader gets it from the
     * ledger as well. Returns the version in the cache where that is newer. Never fails.
     */
    async writeBack(balance: BalanceAsOf): Promise<number | undefined> {
      if (!open) return (await write([balance])).get(balance.userId);
      skip();
      return undefined;
    },

    /** Replaces a cached balance if its version is the expected one. @throws where Redis is away */
    replace: (balance: BalanceAsOf, expectedVersion: number) => attempt(() => cache.replace(balance, expectedVersion)),
  };
}

const NONE: ReadonlyMap<string, number> = new Map();
