import { createAuditing } from "../../../src/activities/audit/auditing.ts";
import type { Progress } from "../../../src/activities/audit/progress.ts";
import { findDifferences, readClaim } from "../../../src/kafka/comparison.ts";
import type { EventMessage } from "../../../src/kafka/events.ts";
import { createPublisher } from "../../../src/kafka/publisher.ts";
import { createEventReader } from "../../../src/kafka/reader.ts";
import { type AuditPart, type Finding, joinParts, LEDGER_CHECKS, NOTHING_CHECKED } from "../../../src/ledger/audits.ts";
import type { OutboxRow, StoredEntry } from "../../../src/ledger/records.ts";
import { createAuditStore } from "../../../src/postgres/audit/auditStore.ts";
import { createDatabase } from "../../../src/postgres/database.ts";
import { createAuditPool } from "../../../src/postgres/pools.ts";
import { readCachedBalances } from "../../../src/redis/cachedBalances.ts";
import { createRedis } from "../../../src/redis/client.ts";
import { stack } from "../api/client.ts";
import { toMessage } from "../kafka/message.ts";
import { createReservationLedger } from "../ledger/reservationLedger.ts";
import { at } from "../stack/settings.ts";
import { eventually } from "../waiting.ts";

/** TTL of a balance in the cache that is audited. */
export const CACHE_TTL_SECONDS = 60;

export type AuditedLedger = Awaited<ReturnType<typeof createAuditedLedger>>;

/**
 * A ledger on a new database with the audit's activities.
 *
 * They run on this ledger, Redis and Kafka, but without Temporal.
 */
export async function createAuditedLedger(...database: Parameters<typeof createReservationLedger>) {
  const ledger = await createReservationLedger(...database);
  const auditPool = createAuditPool(createDatabase(at(ledger.databaseUrl)));
  const auditLedger = createAuditStore(auditPool, CACHE_TTL_SECONDS);
  const redis = createRedis(at(stack.environment.REDIS_URL!), 5_000);
  await eventually(() => redis.ping());
  const brokers = [`127.0.0.1:${stack.ports.kafka}`];
  const publisher = createPublisher({ brokers });
  const publish = (entries: StoredEntry[]) => publisher.publish(entries.map(toMessage));
  const lines: { level: string; fields: object; message: string }[] = [];
  const write = (level: string) => (fields: object, message: string) => void lines.push({ level, fields, message });
  const cache = { readPage: (from: string) => readCachedBalances(redis, from) };
  const stream = {
    ...{ ...createEventReader({ brokers }), publish, readClaim },
    findDifferences: (message: EventMessage, entry: StoredEntry) => findDifferences(message, entry, "RUB"),
  };

  function auditing(progress: Progress) {
    const log = { error: write("error"), warn: write("warn"), info: write("info") };
    return createAuditing(auditLedger, cache, stream, progress, log);
  }
  const activities = auditing({ read: () => undefined, save: () => {} });

  return {
    ...ledger,
    auditLedger,
    redis,
    publisher,
    publish,
    stream,
    /** Log lines. */
    lines,
    activities,
    /** The activities with this progress: `save` receives it, `read` returns where to resume. */
    auditing,

    /** Runs the ledger's own checks. */
    async auditBooks(): Promise<AuditPart> {
      let found = NOTHING_CHECKED;
      for (const check of LEDGER_CHECKS) found = joinParts(found, await activities.auditLedger(check));
      return found;
    },

    /** Publishes the whole outbox, as a sweep does. */
    async publishAll(): Promise<void> {
      const all = { ageSeconds: 0, operationsMax: 1_000, exceptIds: [] };
      const publishRows = async (rows: OutboxRow[]) =>
        publish(await ledger.readEntries(rows.flatMap(({ operationIds }) => operationIds)));
      while ((await ledger.drainOutbox(all, publishRows)) > 0);
    },

    async close(): Promise<void> {
      redis.disconnect();
      await publisher.close();
      await auditPool.end();
      await ledger.close();
    },
  };
}

/** Findings without their sentences. */
export function withoutSentences({ findings }: { findings: Finding[] }): Omit<Finding, "sentence">[] {
  return findings.map(({ sentence: _, ...rest }) => rest);
}
