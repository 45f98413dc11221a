import type { Outbox } from "../../../src/activities/draining.ts";
import { createPublishing } from "../../../src/activities/publishing.ts";
import type { OutboxRow, StoredEntry } from "../../../src/ledger/records.ts";
import { createCircuitBreaker } from "../../../src/lib/circuitBreaker.ts";

export const entryOf = (operationId: string) => ({ operationId }) as StoredEntry;
export const unavailable = (store: string) => () => Promise.reject(new Error(`${store} is away`));

export type Row = OutboxRow & { ageSeconds: number };

/**
 * An outbox in memory and a fake Kafka.
 *
 * `publications` holds the lists of operations that Kafka acknowledged, `drains` the arguments of each outbox drain.
 * The id of a row is also the id of its only operation.
 */
export function setUpPublishing(rows: Row[] = [], overrides: Partial<Outbox> = {}, lingerMs = 0) {
  const publications: string[][] = [];
  const drains: Parameters<Outbox["drainOutbox"]>[0][] = [];
  const deleted: string[] = [];
  const kafka: { publish(operationIds: string[]): Promise<void> } = { publish: async () => {} };
  const remove = (ids: readonly string[]) => {
    deleted.push(...ids);
    rows.splice(0, rows.length, ...rows.filter(({ id }) => !ids.includes(id)));
  };
  const outbox: Outbox = {
    async deleteOutbox(ids) {
      remove(ids);
    },
    async drainOutbox(piece, publish) {
      drains.push(piece);
      const { ageSeconds, workflowId, operationsMax, exceptIds } = piece;
      const taken = rows
        .filter((row) => row.ageSeconds >= ageSeconds && !exceptIds.includes(row.id))
        .filter((row) => workflowId === undefined || row.workflowId === workflowId)
        .slice(0, operationsMax);
      if (taken.length === 0) return 0;
      await publish(taken);
      remove(taken.map(({ id }) => id));
      return taken.length;
    },
    countOutbox: async (workflowId, limit) => ({
      isWaiting: rows.some((row) => row.workflowId === workflowId),
      events: rows.filter((row) => row.workflowId === workflowId).length,
      carriers: Math.min(limit, new Set(rows.map((row) => row.workflowId)).size),
    }),
    readEntries: async (operationIds) => operationIds.map(entryOf),
    ...overrides,
  };
  const refreshed: string[][] = [];
  const publishing = createPublishing({
    outbox,
    async publish(entries) {
      const operationIds = entries.map(({ operationId }) => operationId);
      await kafka.publish(operationIds);
      publications.push(operationIds);
    },
    kafkaName: "Kafka",
    breaker: createCircuitBreaker("Kafka", 500),
    lingerMs,
    async refreshTouched(operationIds) {
      refreshed.push(operationIds);
    },
  });
  return { ...publishing, publications, drains, deleted, refreshed, kafka, rows };
}

export const row = (id: string, ageSeconds = 60, workflowId = `carrier-of-${id}`): Row => ({
  id,
  workflowId,
  operationIds: [id],
  ageSeconds,
});
/** The rows of a posting of one operation. */
export const postingOf = (id: string, entries = 1) => ({
  entries: Array.from({ length: entries }, () => entryOf(id)),
  outboxIds: [id],
});
