import { Client } from "pg";
import { stack } from "../api/client.ts";
import type { SaldoEvent } from "../kafka/events.ts";
import { scanTopic } from "../kafka/topic.ts";
import { findBrokenPromises } from "./promises.ts";

/**
 * Audits the whole ledger as its owner, and the whole topic against it. @returns one line for each violation
 *
 * Events follow their entries by a moment, so wait until the outbox is empty first.
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

/** Connects as the ledger's owner, with rights that the service lacks, while `use` runs. */
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

/** Counts the carriers whose events are not published yet. */
export async function countOutboxRows(): Promise<number> {
  return await readLedger(async (client) => {
    const { rows } = await client.query("select count(*)::int as waiting from outbox");
    return rows[0].waiting;
  });
}

/** Checks that each entry has one event with the same content. No other event may exist. */
async function auditEvents(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ id: string; facts: string }>(`
    select operation_id || ':' || user_id as id,
      concat_ws(' ', user_id, version, kind, amount_minor, available_delta_minor, reserved_delta_minor,
        available_after_minor, reserved_after_minor, operation_id) as facts
    from entries`);
  const users = await client.query<{ user_id: string }>("select user_id from accounts");
  const ours = new Set(users.rows.map((row) => row.user_id));
  const factsById = new Map(rows.map(({ id, facts }) => [id, facts]));
  const missing = new Set(factsById.keys());
  const wrong: string[] = [];
  await scanTopic(({ key, value }) => {
    // Tests of the event stream share the topic. Their messages have other users, and some are not events.
    if (!ours.has(key)) return;
    const event = JSON.parse(value) as SaldoEvent;
    missing.delete(event.id);
    const facts = factsById.get(event.id);
    if (facts === undefined) wrong.push(`the event ${event.id} has no entry`);
    else if (facts !== factsOf(event))
      wrong.push(`the event ${event.id} contains ${factsOf(event)}, its entry ${facts}`);
  });
  return [...[...missing].map((id) => `the entry ${id} has no event`), ...wrong];
}

function factsOf({ data }: SaldoEvent): string {
  const minor = (amount: string) => BigInt(amount.replace(".", ""));
  return [
    data.userId,
    data.version,
    data.kind,
    ...[data.amount, data.availableDelta, data.reservedDelta, data.availableAfter, data.reservedAfter].map(minor),
    data.operationId,
  ].join(" ");
}
