import type { Client } from "pg";
import { closedLoop } from "../load/loads.ts";
import { MERCHANT, USERS } from "../load/scenarios.ts";
import { type Figure, median } from "../report/figures.ts";
import { SEED_CALLER } from "../variants/seed.ts";
import { GROWTH, throughput } from "./goals.ts";
import type { Measurement, Slot } from "./slot.ts";

/**
 * The write rate at one size of the ledger.
 * Each round also has the rate of the tuned service, whose ledger stays small.
 */
export type Size = {
  entries: number;
  /** The measured transfers add entries too. */
  entriesAfter: number;
  rounds: { saldo: number; tuned: number }[];
};
export type Growth = Size[];

const ENTRIES_A_STATEMENT = 1_000_000;

/** The sizes to measure: ten thousand entries, each size with a goal, and the largest. */
export function growthSizes(entriesMax: number): number[] {
  return [
    USERS,
    ...[...GROWTH.keys()].filter((size) => size < entriesMax),
    ...(entriesMax > USERS ? [entriesMax] : []),
  ];
}

export type GrowthOptions = {
  entriesMax: number;
  rounds: number;
  measure(slot: Slot): Promise<Measurement>;
  /** A connection of the ledger's owner. */
  client: Client;
  onProgress(text: string): void;
};

/** Fills the ledger of a new stack step by step, and measures at each size. */
export async function measureGrowth({ entriesMax, rounds, measure, client, onProgress }: GrowthOptions) {
  const growth: Growth = [];
  const measurements: Measurement[] = [];
  for (const entries of growthSizes(entriesMax)) {
    await grow(client, entries);
    const load = { ...closedLoop("transfers", 512), note: `${count(entries)} entries` };
    const size: Size = { entries, entriesAfter: 0, rounds: [] };
    for (let round = 0; round < rounds; round += 1) {
      const saldo = await measure({ variant: "saldo", ...load });
      const tuned = await measure({ variant: "tuned", ...load });
      measurements.push(saldo, tuned);
      size.rounds.push({ saldo: throughput.of(saldo), tuned: throughput.of(tuned) });
    }
    size.entriesAfter = await countEntries(client);
    growth.push(size);
    onProgress(
      `${count(entries)} entries: ${median(size.rounds.map(({ saldo }) => saldo))!.toFixed(0)} transfers a second`,
    );
  }
  return { growth, measurements };
}

/**
 * A figure for each size that was measured or has a goal.
 * Growing takes many minutes, in which the machine's speed drifts. So the rate is compared with that of the tuned
 * service in the same minute.
 */
export function growthFigures(growth: Growth | undefined): Figure[] {
  const [first, ...larger] = growth ?? [];
  const sizes = [...new Set([...larger.map(({ entries }) => entries), ...GROWTH.keys()])].toSorted((a, b) => a - b);
  return sizes.map((entries) => {
    const rounds = larger.find((size) => size.entries === entries)?.rounds ?? [];
    const values = rounds.map((round, index) => ratio(round) / ratio(first!.rounds[index]!));
    return {
      load: `transfers, 512, ${count(entries)} entries`,
      title: `share of the speed at ${count(USERS)} entries`,
      goal: GROWTH.get(entries),
      value: median(values),
      values,
    };
  });
}

function ratio({ saldo, tuned }: Size["rounds"][number]): number {
  return saldo / tuned;
}

/**
 * Adds deposits of 0.01 to every user until the ledger has `entries` entries.
 * Foreign keys are not checked: the rows are generated from each other.
 */
async function grow(client: Client, entries: number): Promise<void> {
  await client.query("set session_replication_role = replica");
  for (let missing = entries - (await countEntries(client)); missing >= USERS; ) {
    const entriesEach = Math.floor(Math.min(missing, ENTRIES_A_STATEMENT) / USERS);
    await client.query("begin");
    // Transfers of the last load may still be committing. The lock waits for them, so the new versions follow theirs.
    await client.query("lock table accounts in exclusive mode");
    await client.query(GROW, [entriesEach, MERCHANT]);
    await client.query(STORE, [SEED_CALLER]);
    await client.query(CREDIT, [entriesEach, MERCHANT]);
    await client.query("commit");
    missing -= entriesEach * USERS;
  }
  await client.query("vacuum analyze");
}

async function countEntries(client: Client): Promise<number> {
  const { rows } = await client.query<{ count: number }>("select count(*)::int as count from entries");
  return rows[0]!.count;
}

const GROW = `
  create temporary table grown on commit drop as
  select gen_random_uuid() as id, user_id, version + step as version, available_minor + step as available_minor, reserved_minor,
    date_trunc('milliseconds', clock_timestamp()) as at
  from accounts cross join generate_series(1, $1::int) as step
  where version > 0 and user_id <> $2`;

const STORE = `
  with stored as (
    insert into operations
      (id, caller, idempotency_key, workflow_id, kind, request, status, created_at, completed_at, user_id, version)
    select id, $1, user_id || ':' || version, $1, 'deposit', json_build_object('userId', user_id, 'amount', '0.01'), 'completed', at, at,
      user_id, version
    from grown
  )
  insert into entries
    (user_id, version, operation_id, kind, amount_minor, available_delta_minor, reserved_delta_minor,
     available_after_minor, reserved_after_minor, created_at, month)
  select user_id, version, id, 'deposit', 1, 1, 0, available_minor, reserved_minor, at, date_trunc('month', at) from grown`;

const CREDIT = `
  update accounts
  set available_minor = available_minor + $1::int, version = version + $1::int,
    last_entry_at = date_trunc('milliseconds', clock_timestamp())
  where version > 0 and user_id <> $2`;

function count(number: number): string {
  return number.toLocaleString("en");
}
