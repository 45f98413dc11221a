import { afterAll, beforeAll, expect, test } from "bun:test";
import type { PoolClient } from "pg";
import type { CheckPosition } from "../../src/ledger/walks.ts";
import { beginCheck, CHECKS } from "../../src/postgres/audit/audits.ts";
import { findMissing } from "../../src/postgres/audit/external.ts";
import { checkPiece } from "../../src/postgres/audit/pieces.ts";
import { overdue } from "../../src/postgres/audit/reservations.ts";
import { explaining, type Plan } from "../support/ledger/queryPlans.ts";
import { createTestLedger, type TestLedger } from "../support/ledger/testLedger.ts";

/** Users with five recognized reservations each. One more account has many deposits. */
const USERS = Number(process.env.AUDIT_USERS ?? 4_000);
/** Rows of a piece. It is small, so that a plan that reads more stands out. */
const PIECE = 200;
/** Blocks of a piece, which hold about as many rows. */
const PIECE_BLOCKS = 4;
/**
 * Upper bound of rows read. Each row is compared with entries, operations, revenue and reservations, each passed on a
 * few times.
 */
const ROWS_MAX = 40 * PIECE;
/** Upper bound of buffers. Five index lookups for each row, four blocks each, and the ends of ranges. */
const BUFFERS_MAX = 40 * PIECE;

let ledger: TestLedger;
let client: PoolClient;

beforeAll(async () => {
  ledger = await createTestLedger("audit_plans");
  await fill();
  client = await ledger.owner.connect();
}, 120_000);

afterAll(async () => {
  client.release();
  await ledger.close();
});

/** Inserts sound books directly, which is faster than posting them. */
async function fill(): Promise<void> {
  const owner = await ledger.owner.connect();
  try {
    await owner.query("set session_replication_role = replica");
    const users =
      "generate_series(1, $1::int) as number cross join lateral (select 'user-' || number as user_id) as named";
    const each = `${users} cross join generate_series(0, 4) as place
      cross join lateral (select md5('r' || number || ':' || place)::uuid as r, md5('c' || number || ':' || place)::uuid as c) as ids`;
    await owner.query(
      `insert into accounts (user_id, version, last_entry_at, available_minor) select user_id, 11, timestamptz '2026-01-01', 0 from ${users}
       union all select 'hot', 10 * $1::int, timestamptz '2026-01-01', 10 * $1::int`,
      [USERS],
    );
    await owner.query(
      `insert into operations (id, caller, idempotency_key, workflow_id, kind, request, status, reservation_id, user_id, version,
         created_at, completed_at)
       select id, 'filled', id::text, 'filled', kind, json_build_object('userId', user_id, 'amount', '0.01'), 'completed', about, user_id, version,
         timestamptz '2026-01-01', timestamptz '2026-01-01'
       from (select r as id, 'reservation' as kind, r as about, user_id, 2 + 2 * place as version from ${each}
             union all select c, 'recognition', r, user_id, 3 + 2 * place from ${each}
             union all select md5('d' || number)::uuid, 'deposit', null, user_id, 1 from ${users}
             union all select md5('h' || number)::uuid, 'deposit', null, 'hot', number from generate_series(1, 10 * $1::int) as number) as made`,
      [USERS],
    );
    await owner.query(
      `insert into entries (user_id, version, operation_id, kind, reservation_id, service_id, amount_minor, available_delta_minor,
         reserved_delta_minor, available_after_minor, reserved_after_minor, created_at, month)
       select user_id, version, id, kind, about, case when about is not null then 'service' end, 1, available, reserved, left_over, left_reserved,
         timestamptz '2026-01-01', date '2026-01-01'
       from (select user_id, 2 + 2 * place as version, r as id, 'reservation' as kind, r as about, -1 as available, 1 as reserved,
               4 - place as left_over, 1 as left_reserved from ${each}
             union all select user_id, 3 + 2 * place, c, 'recognition', r, 0, -1, 4 - place, 0 from ${each}
             union all select user_id, 1, md5('d' || number)::uuid, 'deposit', null, 5, 0, 5, 0 from ${users}
             union all select 'hot', number, md5('h' || number)::uuid, 'deposit', null, 1, 0, number, 0
             from generate_series(1, 10 * $1::int) as number) as made`,
      [USERS],
    );
    await owner.query(
      `insert into reservations (id, user_id, service_id, order_id, saga_workflow_id, amount_minor, recognized_minor, released_minor,
         expired_minor, expires_at, created_at)
       select r, user_id, 'service', 'order', 'filled', 1, 1, 0, 0, timestamptz '2027-01-01', date '2026-01-01' from ${each}`,
      [USERS],
    );
    await owner.query(
      `insert into recognitions (id, reservation_id, user_id, service_id, order_id, amount_minor, refunded_minor)
       select c, r, user_id, 'service', 'order', 1, 0 from ${each}`,
      [USERS],
    );
    await owner.query(
      `insert into revenue (operation_id, service_id, amount_minor, created_at, month)
       select c, 'service', 1, timestamptz '2026-01-01', date '2026-01-01' from ${each}`,
      [USERS],
    );
  } finally {
    owner.release(true);
  }
  await ledger.rows("vacuum analyze");
}

/** Accounts in one search for missing events. */
const ACCOUNTS = 2_000;

test.each([
  ["seen", 0],
  ["missing", 1_000],
])("a search for missing events reads only its piece of accounts, with all of their events %s", async (_, missing) => {
  await ledger.rows("truncate events_seen");
  if (missing === 0)
    await ledger.rows(
      "insert into events_seen select user_id, int8multirange(int8range(1, version + 1)) from accounts",
    );
  await ledger.rows("analyze events_seen");
  const plans: Plan[] = [];
  const found = await findMissing(explaining(client, "custom", plans), "user-2");
  expect(found.missing).toHaveLength(missing);
  for (const { rowsRead } of plans) expect(rowsRead).toBeLessThan(4 * ACCOUNTS);
});

/** Block ranges amid many. In operations these blocks hold recognitions. */
const BLOCKS = [700, 800];

test.each<[keyof typeof CHECKS, CheckPosition]>([
  ["accounts", ["user-2"]],
  ["entries", BLOCKS],
  ["operations", BLOCKS],
  ["reservations", BLOCKS],
  ["recognitions", BLOCKS],
  ["revenue", [100, 200]],
  ["overdue", overdue.start],
])("a piece of %s after %j reads only its own rows, however large the ledger is", async (name, after) => {
  for (const mode of ["custom", "generic"] as const) {
    const plans: Plan[] = [];
    const check = { ...CHECKS[name], rowsMax: PIECE, blocksMax: PIECE_BLOCKS };
    const { part } = await checkPiece(explaining(client, mode, plans), check, after);
    expect(part.findings.filter(({ promise }) => promise !== 5 && promise !== 4)).toEqual([]);
    if (name !== "overdue") expect(part.checked[name]).toBeGreaterThan(0);
    const [{ rowsRead, buffers }] = plans as [Plan];
    expect([name, mode, rowsRead]).toEqual([name, mode, Math.min(rowsRead, ROWS_MAX)]);
    expect([name, mode, buffers]).toEqual([name, mode, Math.min(buffers, BUFFERS_MAX)]);
  }
});

test.each(["accounts", "entries", "operations"] as const)(
  "a walk over %s in pieces visits every row once",
  async (name) => {
    let last: CheckPosition | undefined = (await beginCheck(ledger.owner, name)).position;
    let checked = 0;
    let pieces = 0;
    do {
      const piece: Awaited<ReturnType<typeof checkPiece>> = await checkPiece(ledger.owner, CHECKS[name], last);
      checked += piece.part.checked[name]!;
      pieces += 1;
      last = piece.last;
    } while (last);
    expect(pieces).toBeGreaterThan(1);
    expect([{ count: BigInt(checked) }]).toEqual(await ledger.rows(`select count(*) from ${name}`));
  },
);
