import { Client } from "pg";
import { stack } from "../api/client.ts";
import type { SaldoEvent } from "../kafka/events.ts";
import { scanTopic } from "../kafka/topic.ts";
import { findBrokenPromises } from "./promises.ts";

/**
 * Audits the whole ledger, read as its owner, and the whole topic against it: whatever contradicts a promise is one line of the answer.
 * Events are those of a moment after the entries, so it holds for what is at rest: wait until the outbox is empty.
 */
export async function audit(): Promise<string[]> {
  return await readLedger(async (client) => {
    const broken = await findBrokenPromises(client);
    return [
      ...broken.map(({ promise, row }) => `promise ${promise}: ${JSON.stringify(row)}`),
      ...(await auditEvents(client)),
    ];
  });
}

/** Opens the ledger as its owner, who may do what the service may not, for the time of `use`. */
export async function readLedger<Result>(use: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({ connectionString: stack.ownerUrl(), connectionTimeoutMillis: 2_000 });
  client.on("error", () => {});
  try {
    await client.connect();
    return await use(client);
  } finally {
    await client.end();
  }
}

/** For how many carriers events are still to be published. */
export async function countUnpublished(): Promise<number> {
  return await readLedger(async (client) => {
    const { rows } = await client.query("select count(*)::int as waiting from outbox");
    return rows[0].waiting;
  });
}

/** An event for each entry, telling what the entry says; none for anything else. */
async function auditEvents(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ id: string; tells: string }>(`
    select operation_id || ':' || user_id as id,
      concat_ws(' ', user_id, version, kind, amount_minor, available_delta_minor, reserved_delta_minor,
        available_after_minor, reserved_after_minor, operation_id) as tells
    from entries`);
  const users = await client.query<{ user_id: string }>("select user_id from accounts");
  const ours = new Set(users.rows.map((row) => row.user_id));
  const told = new Map(rows.map(({ id, tells }) => [id, tells]));
  const untold = new Set(told.keys());
  const wrong: string[] = [];
  await scanTopic(({ key, value }) => {
    // Tests of the event stream publish to the same topic, from ledgers of their own with users of their own, and what is no event at all.
    if (!ours.has(key)) return;
    const event = JSON.parse(value) as SaldoEvent;
    untold.delete(event.id);
    const tells = told.get(event.id);
    if (tells === undefined) wrong.push(`the event ${event.id} has no entry`);
    else if (tells !== tell(event)) wrong.push(`the event ${event.id} says ${tell(event)}, its entry ${tells}`);
  });
  return [...[...untold].map((id) => `the entry ${id} has no event`), ...wrong];
}

function tell({ data }: SaldoEvent): string {
  const minor = (amount: string) => BigInt(amount.replace(".", ""));
  return [
    data.userId,
    data.version,
    data.kind,
    ...[data.amount, data.availableDelta, data.reservedDelta, data.availableAfter, data.reservedAfter].map(minor),
    data.operationId,
  ].join(" ");
}
