import type { BalanceAsOf } from "../ledger/records.ts";
import { CircuitOpenError, createCircuitBreaker } from "../lib/circuitBreaker.ts";
import { withTimeout } from "../lib/timeout.ts";
import { CACHE_TIMEOUT_MS, type CacheWritesOptions, createCacheWrites } from "./cacheWrites.ts";
import { createLatestVersions } from "./latestVersions.ts";

/** Redis blocks other clients while it reads a group: a fraction of a millisecond. */
const READS_MAX = 100;

export type CachingOptions = CacheWritesOptions & {
  ledger: {
    readBalance(userId: string): Promise<BalanceAsOf | undefined>;
    readBalancesTouched(operationIds: string[]): Promise<BalanceAsOf[]>;
  };
  cache: { read(userIds: readonly string[]): Promise<(BalanceAsOf | undefined)[]> };
  /** The TTL of cached balances. */
  ttlSeconds: number;
  onRead(result: "hit" | "miss" | "error", count: number): void;
};

export type Caching = ReturnType<typeof createCaching>;

/**
 * The balances that this process caches and returns. Monotonic: it never returns an older version than it has returned
 * or committed. Each version is remembered before its response is sent, and an older cached one is a miss. No function
 * rejects.
 */
export function createCaching({ ledger, cache, ttlSeconds, onRead, ...writing }: CachingOptions) {
  const versions = createLatestVersions(ttlSeconds);
  const writes = createCacheWrites({ cache, ...writing });
  // Only for reads: a cache that rejects writes may still serve reads.
  const readBreaker = createCircuitBreaker("Redis", CACHE_TIMEOUT_MS);

  /** Caches committed balances, within 100 ms or later in the background. */
  async function refreshBalances(balances: readonly BalanceAsOf[]): Promise<void> {
    if (balances.length === 0) return;
    // Before the first await, so no response can precede it.
    for (const balance of balances) versions.remember(balance);
    await writes.write(balances);
  }

  /** Caches the current balances of accounts that another process has changed. Takes at most 100 ms. */
  async function refreshTouched(operationIds: string[]): Promise<void> {
    if (operationIds.length === 0) return;
    const refreshed = ledger.readBalancesTouched(operationIds).then(refreshBalances);
    await withTimeout("Refreshing the cache", CACHE_TIMEOUT_MS, refreshed).catch((error: unknown) =>
      writing.log.warn({ err: error }, "The cached balances could not be refreshed"),
    );
  }

  let group: { userIds: string[]; shown: Promise<(BalanceAsOf | undefined)[]> } | undefined;

  /**
   * Reads a cached balance. Undefined where there is no current one, or Redis is down. Reads of one turn of the event
   * loop share one call, one timeout and one count.
   */
  async function readCached(userId: string): Promise<BalanceAsOf | undefined> {
    group ??= startGroup();
    const { userIds, shown } = group;
    const index = userIds.push(userId) - 1;
    if (userIds.length === READS_MAX) group = undefined;
    return (await shown)[index];
  }

  function startGroup() {
    const userIds: string[] = [];
    const shown = new Promise((resolve) => setImmediate(resolve)).then(() => {
      if (group?.userIds === userIds) group = undefined;
      return readGroup(userIds);
    });
    return { userIds, shown };
  }

  async function readGroup(userIds: string[]): Promise<(BalanceAsOf | undefined)[]> {
    try {
      const found = await readBreaker(() => cache.read(userIds));
      const shown = found.map((cached) => (cached && versions.isCurrent(cached) ? cached : undefined));
      const hits = shown.filter((cached) => cached !== undefined);
      for (const cached of hits) versions.remember(cached);
      if (hits.length > 0) onRead("hit", hits.length);
      if (hits.length < userIds.length) onRead("miss", userIds.length - hits.length);
      return shown;
    } catch (error) {
      if (!(error instanceof CircuitOpenError)) onRead("error", userIds.length);
      return [];
    }
  }

  /** Writes a balance that was read from the ledger to the cache, in the background. */
  function writeBack(balance: BalanceAsOf): void {
    versions.remember(balance);
    void correct(balance).catch(() => {
      // The next strong read tries again.
    });
  }

  /**
   * Checks a newer cached version against the ledger. It was committed meanwhile, or never. The ledger is read after
   * the cached version was seen. If the ledger's is still older, the cached one is invalid, and replaced unless it
   * changes meanwhile.
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
    /** Remembers a version from another source, such as an operation. Call it before the response is sent. */
    rememberShown: versions.remember,
  };
}
