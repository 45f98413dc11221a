import type { BalanceAsOf } from "../ledger/records.ts";

/** The most users in a generation of versions: up to 30 MB. Two generations are kept. */
const USERS_MAX = 100_000;

/**
 * How far an older balance's `asOf` may lie after that of a newer one. Until a posting commits, reads return the
 * balance before it, with a later `asOf`. 15 s cover several statements with a timeout of 3 s.
 */
const AS_OF_SLACK_MS = 15_000;

/** A version that this process committed or returned. `asOf` is a time of the ledger at which it was current. */
export type VersionAsOf = Pick<BalanceAsOf, "userId" | "version" | "asOf">;

type Generation = { versions: Map<string, number>; latestAsOfMs: number };

export type LatestVersions = ReturnType<typeof createLatestVersions>;

/**
 * Decides whether a cached balance is current, by the versions that this process has seen. Versions are remembered for
 * at least the TTL of cached balances, unless there are too many. A balance may reach the cache late, from a frozen
 * process or a full socket, so the TTL does not bound its age. Therefore each dropped generation leaves a bound: no
 * balance with an earlier `asOf` is trusted. The bound is a time of the ledger's clock; no two clocks are compared.
 */
export function createLatestVersions(ttlSeconds: number, nowMs: () => number = () => performance.now()) {
  /** Long enough that balances cached in time lie after the bound. */
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
    remember({ userId, version, asOf }: VersionAsOf): void {
      if (recent.versions.size >= USERS_MAX || nowMs() - startedAtMs >= generationMs) nextGeneration();
      if (version > (recent.versions.get(userId) ?? 0)) recent.versions.set(userId, version);
      recent.latestAsOfMs = Math.max(recent.latestAsOfMs, asOf.getTime());
    },

    /** Whether no newer version was seen, nor dropped from memory. */
    isCurrent({ userId, version, asOf }: VersionAsOf): boolean {
      const latest = Math.max(recent.versions.get(userId) ?? 0, older.versions.get(userId) ?? 0);
      return version >= latest && asOf.getTime() > trustedAfterMs;
    },
  };
}

function startGeneration(): Generation {
  return { versions: new Map(), latestAsOfMs: Number.NEGATIVE_INFINITY };
}
