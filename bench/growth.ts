import type { Client } from "pg";
import { type Figure, median } from "./figures.ts";
import { MERCHANT, USERS } from "./scenarios.ts";
import { SEED_CALLER } from "./seed.ts";
import type { Measurement, Slot } from "./slot.ts";

/** How fast Saldo writes with so many entries in the ledger. */
export type Growth = { entries: number; perSecond: number }[];

const SLOT: Slot = { variant: "saldo", scenario: "transfers", connections: 512 };
const ENTRIES_A_STATEMENT = 1_000_000;
const GROWTH_FACTOR = 10;

/** The sizes at which it is measured: from ten thousand, ten times as many each time, to `entriesMax`. */
export function growthSizes(entriesMax: number): number[] {
  const sizes = [USERS];
  while (sizes.at(-1)! * GROWTH_FACTOR < entriesMax) sizes.push(sizes.at(-1)! * GROWTH_FACTOR);
  return entriesMax > USERS ? [...sizes, entriesMax] : sizes;
}

export type GrowthOptions = {
  entriesMax: number;
  rounds: number;
  measure(slot: Slot): Promise<Measurement>;
  /** Of the ledger's owner. */
  client: Client;
  say(text: string): void;
};

/** Fills the ledger of a fresh stack step by step, and measures at each. */
export async function measureGrowth({ entriesMax, rounds, measure, client, say }: GrowthOptions) {
  const growth: Growth = [];
  const measurements: Measurement[] = [];
  for (const entries of growthSizes(entriesMax)) {
    await grow(client, entries);
    const ofThisSize: Measurement[] = [];
    for (let round = 0; round < rounds; round += 1) ofThisSize.push(await measure(SLOT));
    measurements.push(...ofThisSize);
    const perSecond = median(ofThisSize.map((one) => one.perSecond)) ?? 0;
    growth.push({ entries, perSecond });
    say(`${count(entries)} entries: ${perSecond.toFixed(0)} transfers a second`);
  }
  return { growth, measurements };
}

export function growthFigure(growth: Growth | undefined): Figure {
  const [first, last] = [growth?.[0], growth?.at(-1)];
  const value = first && last && growth!.length > 1 ? last.perSecond / Math.max(first.perSecond, 1) : undefined;
  return {
    what: last
      ? `transfers, from ${count(first!.entries)} to ${count(last.entries)} entries`
      : "transfers as the ledger grows",
    ratio: "operations a second, at the end ÷ at the beginning",
    goal: 0.9,
    atMost: false,
    value,
    values: value === undefined ? [] : [value],
  };
}

/**
 * Adds deposits of a hundredth to every user until there are so many entries. Foreign keys are not looked at again for rows that are
 * made from each other.
 */
async function grow(client: Client, entries: number): Promise<void> {
  await client.query("set session_replication_role = replica");
  const { rows } = await client.query<{ count: number }>("select count(*)::int as count from entries");
  for (let missing = entries - rows[0]!.count; missing >= USERS; ) {
    const entriesEach = Math.floor(Math.min(missing, ENTRIES_A_STATEMENT) / USERS);
    await client.query("begin");
    // Transfers that were under way when the load ended may still be committing: theirs are versions that are to follow here.
    await client.query("lock table accounts in exclusive mode");
    await client.query(GROW, [entriesEach, MERCHANT]);
    await client.query(STORE, [SEED_CALLER]);
    await client.query(CREDIT, [entriesEach, MERCHANT]);
    await client.query("commit");
    missing -= entriesEach * USERS;
  }
  await client.query("vacuum analyze");
}

const GROW = `
  create temporary table grown on commit drop as
  select gen_random_uuid() as id, user_id, version + step as version, available_minor + step as available_minor, reserved_minor,
    date_trunc('milliseconds', clock_timestamp()) as at
  from accounts cross join generate_series(1, $1::int) as step
  where version > 0 and user_id <> $2`;

const STORE = `
  with stored as (
    insert into operations (id, caller, idempotency_key, workflow_id, kind, request, status, created_at, completed_at)
    select id, $1, user_id || ':' || version, $1, 'deposit', json_build_object('userId', user_id, 'amount', '0.01'), 'completed', at, at
    from grown
  )
  insert into entries
    (user_id, version, operation_id, kind, amount_minor, available_delta_minor, reserved_delta_minor,
     available_after_minor, reserved_after_minor, created_at)
  select user_id, version, id, 'deposit', 1, 1, 0, available_minor, reserved_minor, at from grown`;

const CREDIT = `
  update accounts
  set available_minor = available_minor + $1::int, version = version + $1::int,
    last_entry_at = date_trunc('milliseconds', clock_timestamp())
  where version > 0 and user_id <> $2`;

function count(number: number): string {
  return number.toLocaleString("en");
}
