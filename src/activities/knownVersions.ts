import type { BalanceAsOf } from "../ledger/records.ts";

/** A generation of versions ends when it has this many users: up to 30 MB. Two are kept. */
const USERS_MAX = 100_000;

/**
 * How far the `asOf` of an older balance may lie after that of a newer one. A posting takes its time before it commits,
 * and until then the balance before it may be read: as long as statements with a timeout of 3 s take.
 */
const AS_OF_SLACK_MS = 15_000;

/** A version that this process committed, or showed to a reader. `asOf` is a time of the ledger at which it had it. */
export type KnownVersion = Pick<BalanceAsOf, "userId" | "version" | "asOf">;

type Generation = { versions: Map<string, number>; latestAsOfMs: number };

export type KnownVersions = ReturnType<typeof createKnownVersions>;

/**
 * Tells whether a cached balance may be shown: whether this process knows a newer version. Versions are remembered for at
 * least the TTL of cached balances, unless there are too many. A balance may reach the cache late, from a frozen process
 * or a full socket, so no TTL bounds its age. Hence whatever is forgotten leaves a bound behind: no balance from before
 * it is trusted. The bound is a time of the ledger's clock; no two clocks are compared.
 */
export function createKnownVersions(ttlSeconds: number, nowMs: () => number = () => performance.now()) {
  /** So long that what the cache holds in time lies after the bound. */
  const generationMs = ttlSeconds * 1_000 + AS_OF_SLACK_MS;
  let recent = startGeneration();
  let older = startGeneration();
  let startedAtMs = nowMs();
  let trustedAfterMs = Number.NEGATIVE_INFINITY;

  function nextGeneration(): void {
    trustedAfterMs = Math.max(trustedAfterMs, older.latestAsOfMs + AS_OF_SLACK_MS);
    older = recent;
    recent = startGeneration();
    startedAtMs = nowMs();
  }

  return {
    remember({ userId, version, asOf }: KnownVersion): void {
      if (recent.versions.size >= USERS_MAX || nowMs() - startedAtMs >= generationMs) nextGeneration();
      if (version > (recent.versions.get(userId) ?? 0)) recent.versions.set(userId, version);
      recent.latestAsOfMs = Math.max(recent.latestAsOfMs, asOf.getTime());
    },

    /** Whether no newer version than that of the cached balance is known, or may have been forgotten. */
    isCurrent({ userId, version, asOf }: KnownVersion): boolean {
      const known = Math.max(recent.versions.get(userId) ?? 0, older.versions.get(userId) ?? 0);
      return version >= known && asOf.getTime() > trustedAfterMs;
    },
  };
}

function startGeneration(): Generation {
  return { versions: new Map(), latestAsOfMs: Number.NEGATIVE_INFINITY };
}
