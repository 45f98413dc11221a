import { Client } from "pg";
import { stack } from "./api.ts";
import { readEvents, type SaldoEvent } from "./events.ts";

/** What must find nothing, each with the promise of spec.md §4 that a row of it breaks. Every row is one text: what is wrong with what. */
const LEDGER_CHECKS: Record<string, string> = {
  "1, a balance is never negative": `
    select user_id from accounts where available_minor < 0 or reserved_minor < 0
    union all
    select user_id from entries where available_after_minor < 0 or reserved_after_minor < 0`,

  "2, entries are gapless and each follows from the one before": `
    select user_id || ' at version ' || version
    from (
      select *,
        row_number() over account as expected_version,
        coalesce(lag(available_after_minor) over account, 0) + available_delta_minor as expected_available_minor,
        coalesce(lag(reserved_after_minor) over account, 0) + reserved_delta_minor as expected_reserved_minor
      from entries
      window account as (partition by user_id order by version)
    ) as followed
    where version <> expected_version
      or available_after_minor <> expected_available_minor
      or reserved_after_minor <> expected_reserved_minor`,

  "2, the account is what its last entry says": `
    select accounts.user_id
    from accounts
    left join lateral (
      select * from entries where entries.user_id = accounts.user_id order by version desc limit 1
    ) as last on true
    where accounts.version <> coalesce(last.version, 0)
      or accounts.available_minor <> coalesce(last.available_after_minor, 0)
      or accounts.reserved_minor <> coalesce(last.reserved_after_minor, 0)`,

  "4, deposits less withdrawals are all the money there is, and all the revenue": `
    select came_in || ' came in, ' || is_there || ' is there'
    from
      (select coalesce(sum(case kind when 'deposit' then amount_minor when 'withdrawal' then -amount_minor end), 0) as came_in
       from entries) as flow,
      (select (select coalesce(sum(available_minor + reserved_minor), 0) from accounts)
        + (select coalesce(sum(amount_minor), 0) from revenue) as is_there) as stock
    where came_in <> is_there`,

  "4, an operation moves what was asked, between those who were named": `
    select operations.id::text
    from operations
    left join lateral (
      select count(*) as entries, sum(available_delta_minor) as delta_minor, array_agg(user_id order by available_delta_minor) as users,
        min(amount_minor) as smallest_minor, max(amount_minor) as largest_minor
      from entries where operation_id = operations.id
    ) as done on true
    where case
      when status = 'declined' then done.entries <> 0
      -- Reservations and what settles them have promises of their own, in promises.ts.
      when kind not in ('deposit', 'withdrawal', 'transfer') then false
      else (done.users, done.delta_minor, done.smallest_minor, done.largest_minor) is distinct from (
        case kind when 'transfer' then array[request ->> 'fromUserId', request ->> 'toUserId'] else array[request ->> 'userId'] end,
        case kind when 'transfer' then 0 when 'deposit' then 1 else -1 end * (request ->> 'amount')::numeric * 100,
        ((request ->> 'amount')::numeric * 100)::bigint,
        ((request ->> 'amount')::numeric * 100)::bigint)
    end`,

  "5, a caller's key stands for one operation": `
    select caller || ' ' || idempotency_key from operations where caller is not null group by caller, idempotency_key having count(*) > 1`,
};

/**
 * Audits the whole ledger, read as its owner, and the whole topic against it: whatever contradicts a promise is one line of the answer.
 * Events are those of a moment after the entries, so it holds for what is at rest: wait until nothing is unpublished.
 */
export async function audit(): Promise<string[]> {
  return await readLedger(async (client) => {
    const findings: string[] = [];
    for (const [promise, check] of Object.entries(LEDGER_CHECKS)) {
      const { rows } = await client.query<unknown[]>({ text: check, rowMode: "array" });
      findings.push(...rows.map(([what]) => `promise ${promise}: ${what}`));
    }
    return [...findings, ...(await auditEvents(client))];
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
    const { rows } = await client.query("select count(*)::int as unpublished from unpublished");
    return rows[0].unpublished;
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
  // Tests of the event stream publish to the same topic, from ledgers of their own with users of their own.
  const events = (await readEvents()).filter((event) => ours.has(event.data.userId));
  const told = new Map(rows.map(({ id, tells }) => [id, tells]));
  const published = new Set(events.map(({ id }) => id));
  return [
    ...rows.filter(({ id }) => !published.has(id)).map(({ id }) => `the entry ${id} has no event`),
    ...events.filter(({ id }) => !told.has(id)).map(({ id }) => `the event ${id} has no entry`),
    ...events
      .filter((event) => told.has(event.id) && told.get(event.id) !== tell(event))
      .map((event) => `the event ${event.id} says ${tell(event)}, its entry ${told.get(event.id)}`),
  ];
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
