import type { BalanceAsOf } from "../ledger/records.ts";
import { CircuitOpenError, createCircuitBreaker } from "../lib/circuitBreaker.ts";
import { withTimeout } from "../lib/timeout.ts";
import { CACHE_TIMEOUT_MS, type CacheWritesOptions, createCacheWrites } from "./cacheWrites.ts";
import { createKnownVersions } from "./knownVersions.ts";

/** Redis serves no other client while it reads a group: so many take a fraction of a millisecond. */
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
    await withTimeout("Refreshing the cache", CACHE_TIMEOUT_MS, refreshed).catch((error: unknown) =>
      writing.log.warn({ err: error }, "The cached balances could not be refreshed"),
    );
  }

  let group: { userIds: string[]; shown: Promise<(BalanceAsOf | undefined)[]> } | undefined;

  /**
   * A cached balance that may be shown; undefined where there is none, or Redis is away. Reads of one turn of the event loop share one call,
   * one timeout and one count.
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
