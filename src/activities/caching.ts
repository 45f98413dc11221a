import type { BalanceAsOf } from "../ledger/records.ts";
import { withTimeLimit } from "../timeLimit.ts";
import { CACHE_TIMEOUT_MS, type CacheWritesOptions, createCacheWrites } from "./cacheWrites.ts";
import { CircuitOpenError, createCircuitBreaker } from "./circuitBreaker.ts";
import { createKnownVersions } from "./knownVersions.ts";

export type CachingOptions = CacheWritesOptions & {
  ledger: {
    readBalance(userId: string): Promise<BalanceAsOf | undefined>;
    readBalancesTouched(operationIds: string[]): Promise<BalanceAsOf[]>;
  };
  cache: { read(userId: string): Promise<BalanceAsOf | undefined> };
  /** The TTL of cached balances. */
  ttlSeconds: number;
  onRead(result: "hit" | "miss" | "error"): void;
};

export type Caching = ReturnType<typeof createCaching>;

/**
 * The balances that this process caches and shows. It never shows less than it has shown or answered: each version is
 * remembered before the answer, and an older cached one is a miss. None of the functions fails.
 */
export function createCaching({ ledger, cache, ttlSeconds, onRead, ...writing }: CachingOptions) {
  const versions = createKnownVersions(ttlSeconds);
  const writes = createCacheWrites({ cache, ...writing });
  // Of reads only: a cache that refuses writes still answers.
  const readBreaker = createCircuitBreaker("Redis", CACHE_TIMEOUT_MS);

  /** Caches committed balances: within 100 ms, or later in the background. */
  async function refreshBalances(balances: readonly BalanceAsOf[]): Promise<void> {
    if (balances.length === 0) return;
    // Before the first await: no answer can precede it.
    for (const balance of balances) versions.remember(balance);
    await writes.write(balances);
  }

  /** Caches the present balances of accounts that another process has changed. Takes 100 ms at most. */
  async function refreshTouched(operationIds: string[]): Promise<void> {
    if (operationIds.length === 0) return;
    const refreshed = ledger.readBalancesTouched(operationIds).then(refreshBalances);
    await withTimeLimit("Refreshing the cache", CACHE_TIMEOUT_MS, refreshed).catch((error: unknown) =>
      writing.log.warn({ err: error }, "The cached balances could not be refreshed"),
    );
  }

  /** A cached balance that may be shown; undefined where there is none, or Redis is away. */
  async function readCached(userId: string): Promise<BalanceAsOf | undefined> {
    try {
      const cached = await readBreaker(() => cache.read(userId));
      const isHit = cached !== undefined && versions.isCurrent(cached);
      onRead(isHit ? "hit" : "miss");
      if (!isHit) return undefined;
      versions.remember(cached);
      return cached;
    } catch (error) {
      if (!(error instanceof CircuitOpenError)) onRead("error");
      return undefined;
    }
  }

  /** Writes what the ledger answered a reader to the cache, in the background. */
  function writeBack(balance: BalanceAsOf): void {
    versions.remember(balance);
    void correct(balance).catch(() => {
      // The next strong read tries again.
    });
  }

  /**
   * A newer cached version was committed since, or was never committed. The ledger decides, read after the version was
   * seen: less than that was never cached rightly, and is replaced unless something newer was cached meanwhile.
   */
  async function correct(balance: BalanceAsOf): Promise<void> {
    const cachedVersion = await writes.writeBack(balance);
    if (cachedVersion === undefined) return;
    const present = await ledger.readBalance(balance.userId);
    if (present && present.version < cachedVersion) await writes.replace(present, cachedVersion);
  }

  return {
    refreshBalances,
    refreshTouched,
    readCached,
    writeBack,
    /** For a version that is shown by other means than a balance, such as an operation: before it is. */
    rememberShown: versions.remember,
  };
}
