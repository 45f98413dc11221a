import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { findBrokenPromises } from "../test/support/audit/promises.ts";
import { ANSWERS, COUNTS, DELAYS, EVENTS, TOTALS } from "./auditQueries.ts";
import { SEED_CALLER } from "./seed.ts";
import type { Answered, Measurement } from "./slot.ts";

/** What a ledger, and the topic, say of a run. `findings` is empty where all is well. */
export type Audit = {
  entries: number;
  operations: number;
  /** Of answers of 200, each looked for. */
  answered: number;
  events: number;
  /** Allowed, since delivery is at least once; of no interest but for their number. */
  eventsTwice: number;
  findings: string[];
};

/** Milliseconds, as percentiles over one measured slot. */
export type Delay = { p50: number; p95: number; p99: number; max: number };
/** The traces of one slot. Entries and events are those of its warm-up too, and absent where the ledger has no events. */
export type Audited = { toDecision?: Delay; toEvent?: Delay; entries?: number; events?: number };

const ROWS_A_STATEMENT = 10_000;
const UNPUBLISHED_WAIT_MS = 120_000;

export type LedgerAudit = Awaited<ReturnType<typeof openAudit>>;

/** Opens a ledger as its owner, and puts beside it, in a schema of its own, what was seen from outside. */
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
    async noteSlots(measurements: Measurement[], answered: Answered): Promise<void> {
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

    async noteEvents(events: { operationId: string; userId: string; publishedAt: Date }[]): Promise<void> {
      await client.query("insert into bench.events select * from unnest($1::uuid[], $2::text[], $3::timestamptz[])", [
        events.map(({ operationId }) => operationId),
        events.map(({ userId }) => userId),
        events.map(({ publishedAt }) => publishedAt),
      ]);
    },

    /**
     * Notes the entries of a moment at which no event was known to be missing, so that the topic must hold them all from then on. What
     * carriers left to the sweep takes it a minute; entries that come later are no matter.
     */
    async noteEntries(): Promise<void> {
      const deadline = Date.now() + UNPUBLISHED_WAIT_MS;
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

    /** `hasEvents` where an event has to be there for each entry. */
    async check(hasEvents: boolean): Promise<Audit> {
      // What is no index of the service's is made now that nothing is measured any more: the promises are read over millions of rows.
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

    /** By caller, so by slot: the time from the request to the ledger's decision and to its last event, and the entries and events. */
    async readSlots(): Promise<Map<string, Audited>> {
      type Times = { caller: string; decided: number[] | null; published: number[] | null };
      const times = await client.query<Times>(DELAYS);
      const counts = await client.query<{ caller: string; entries: number; events: number }>(COUNTS);
      const slots = new Map<string, Audited>();
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
