import type { Logger } from "pino";
import { type Auditing, createAuditing } from "../activities/audit/auditing.ts";
import { temporalProgress } from "../activities/audit/progress.ts";
import type { Config } from "../config.ts";
import { findDifferences, readClaim } from "../kafka/comparison.ts";
import { createEventReader } from "../kafka/reader.ts";
import type { StoredEntry } from "../ledger/records.ts";
import { createAuditLedger } from "../postgres/audit/auditLedger.ts";
import { readCachedBalances } from "../redis/cachedBalances.ts";
import { createRedis } from "../redis/client.ts";

/** An audit reads many at once, and has time. */
const CACHE_PATIENCE_MS = 5_000;

/** What audits do, over connections of their own, so that one that reads for long holds up nothing else. `publish` sends what was missing. */
export function composeAuditing(
  config: Config,
  publish: (entries: StoredEntry[]) => Promise<void>,
  log: Logger,
): { activities: Auditing; close(): Promise<void> } {
  const ledger = createAuditLedger(config.databaseUrl, config.balanceCacheTtlSeconds);
  const redis = createRedis(config.redisUrl, CACHE_PATIENCE_MS);
  return {
    activities: createAuditing(
      ledger,
      { readPage: (from) => readCachedBalances(redis, from) },
      { ...createEventReader(config.kafkaBrokers), publish, readClaim, findDifferences },
      temporalProgress,
      log,
    ),
    async close() {
      redis.disconnect();
      await ledger.close();
    },
  };
}
