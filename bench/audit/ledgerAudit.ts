import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { findBrokenPromises } from "../../test/support/audit/promises.ts";
import type { AnsweredKeys, Measurement } from "../measure/slot.ts";
import { SEED_CALLER } from "../variants/seed.ts";
import { ANSWERS, COUNTS, DELAYS, EVENTS, TOTALS } from "./queries.ts";

/** The audit of a ledger and its topic after a run. `findings` is empty if all checks passed. */
export type Audit = {
  entries: number;
  operations: number;
  /** Operations whose response was 200: the audit checks each of them. */
  answered: number;
  events: number;
  /** Duplicate events. They are allowed, since delivery is at least once. */
  eventsTwice: number;
  findings: string[];
};

/** Percentiles over one measured slot, in milliseconds. */
export type Delay = { p50: number; p95: number; p99: number; max: number };
/**
 * The audited figures of one slot.
 * Entries and events include those of its warm-up, and are absent where the ledger has no events.
 */
export type SlotAudit = { toDecision?: Delay; toEvent?: Delay; entries?: number; events?: number };

const ROWS_A_STATEMENT = 10_000;
const OUTBOX_WAIT_MS = 120_000;

export type LedgerAudit = Awaited<ReturnType<typeof openAudit>>;

/** Opens a ledger as its owner, with the load generator's data in the schema `bench`. */
export async function openAudit(ownerUrl: string) {
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  await client.query(`
    drop schema if exists bench cascade;
    create schema bench;
    create unlogged table bench.slots (caller text collate "C", began_at timestamptz, ended_at timestamptz);
    create unlogged table bench.answered (caller text collate "C", idempotency_key text collate "C");
    create unlogged table bench.entries (operation_id uuid, user_id text collate "C");
    create unlogged table bench.events (operation_id uuid, user_id text collate "C", published_at timestamptz);`);

  return {
    /** Stores the measured slots and the keys of operations whose response was 200. */
    async noteSlots(measurements: Measurement[], answered: AnsweredKeys): Promise<void> {
      await client.query(
        "insert into bench.slots select * from unnest($1::text[], $2::timestamptz[], $3::timestamptz[])",
        [
          measurements.map(({ caller }) => caller),
          measurements.map(({ beganAt }) => beganAt),
          measurements.map(({ endedAt }) => endedAt),
        ],
      );
      for (const { caller } of measurements) {
        const keys = answered.get(caller) ?? [];
        for (let start = 0; start < keys.length; start += ROWS_A_STATEMENT) {
          const piece = keys.slice(start, start + ROWS_A_STATEMENT);
          await client.query("insert into bench.answered select $1, unnest($2::text[])", [caller, piece]);
        }
      }
    },

    /** Stores events of the topic. */
    async noteEvents(events: { operationId: string; userId: string; publishedAt: Date }[]): Promise<void> {
      await client.query("insert into bench.events select * from unnest($1::uuid[], $2::text[], $3::timestamptz[])", [
        events.map(({ operationId }) => operationId),
        events.map(({ userId }) => userId),
        events.map(({ publishedAt }) => publishedAt),
      ]);
    },

    /**
     * Stores the entries at a moment when the outbox is empty.
     * From then on the topic must contain their events. The sweep needs up to a minute for events that carriers left to
     * it. Later entries are not checked.
     */
    async noteEntries(): Promise<void> {
      const deadline = Date.now() + OUTBOX_WAIT_MS;
      for (;;) {
        await client.query("begin isolation level repeatable read");
        const { rows } = await client.query("select from outbox limit 1");
        if (rows.length === 0 || Date.now() > deadline) break;
        await client.query("rollback");
        await sleep(500);
      }
      await client.query(
        `insert into bench.entries
         select operation_id, entries.user_id from entries
         join operations on operations.id = operation_id and caller is distinct from $1`,
        [SEED_CALLER],
      );
      await client.query("commit");
    },

    /** Runs all checks. With `hasEvents`, each entry must have an event. */
    async check(hasEvents: boolean): Promise<Audit> {
      // Indexes for the checks, which read millions of rows. The measurements are over, so they slow nothing down.
      await client.query("create index on entries (reservation_id) where reservation_id is not null");
      await client.query("create index on bench.events (operation_id, user_id)");
      await client.query("analyze");
      const findings = (await findBrokenPromises(client)).map(
        ({ promise, row }) => `promise ${promise}: ${JSON.stringify(row)}`,
      );
      for (const [finding, query] of Object.entries(hasEvents ? { ...ANSWERS, ...EVENTS } : ANSWERS)) {
        const { rows } = await client.query<{ count: number }>(query);
        if (rows[0]!.count > 0) findings.push(`${rows[0]!.count} ${finding}`);
      }
      const { rows } = await client.query<Omit<Audit, "findings">>(TOTALS);
      return { ...rows[0]!, findings };
    },

    /**
     * The audited figures by caller, so by slot.
     * Delays run from the request's acceptance to the ledger's decision, and to the last event.
     */
    async readSlots(): Promise<Map<string, SlotAudit>> {
      type Times = { caller: string; decided: number[] | null; published: number[] | null };
      const times = await client.query<Times>(DELAYS);
      const counts = await client.query<{ caller: string; entries: number; events: number }>(COUNTS);
      const slots = new Map<string, SlotAudit>();
      for (const { caller, decided, published } of times.rows) {
        const toDecision = decided && { toDecision: toDelay(decided) };
        slots.set(caller, { ...toDecision, ...(published && { toEvent: toDelay(published) }) });
      }
      for (const { caller, ...count } of counts.rows) slots.set(caller, { ...slots.get(caller), ...count });
      return slots;
    },

    close: () => client.end(),
  };
}

function toDelay([p50 = 0, p95 = 0, p99 = 0, max = 0]: number[]): Delay {
  return { p50, p95, p99, max };
}
