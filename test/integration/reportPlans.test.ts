import { afterAll, beforeAll, expect, test } from "bun:test";
import type { PoolClient } from "pg";
import { CHECKS } from "../../src/postgres/audit/audits.ts";
import { checkPiece } from "../../src/postgres/audit/pieces.ts";
import { balancesBetween } from "../../src/postgres/reading/balancesReports.ts";
import { readOrders } from "../../src/postgres/reading/orderReports.ts";
import { explaining, type Plan } from "../support/ledger/queryPlans.ts";
import { createReportLedger, type ReportLedger } from "../support/ledger/reportLedger.ts";

/** Months from January on. Each user of a month has a deposit, a reservation and a recognition. */
const MONTHS = 6;
const USERS = 12_000;
const SERVICES = 7;
/** Lines of a piece of the orders. */
const PIECE = 5_000;

const MONTH = "2026-03";

let ledger: ReportLedger;
let client: PoolClient;

beforeAll(async () => {
  ledger = await createReportLedger("report_plans");
  await ledger.clock.stop("2026-07-10T12:00:00Z");
  await fill();
  client = await ledger.owner.connect();
}, 120_000);

afterAll(async () => {
  client.release();
  await ledger.close();
});

/** Inserts entries and revenue directly, month by month, which is faster than posting them. */
async function fill(): Promise<void> {
  const owner = await ledger.owner.connect();
  try {
    await owner.query("set session_replication_role = replica");
    await owner.query(
      `insert into entries (user_id, version, operation_id, kind, service_id, order_id, amount_minor, available_delta_minor,
         reserved_delta_minor, available_after_minor, reserved_after_minor, created_at, month)
       select 'user-' || number, version, md5(number || ':' || version)::uuid,
         case version when 1 then 'deposit' when 2 then 'reservation' else 'recognition' end,
         case when version > 1 then 'service-' || number % $3 end, case when version > 1 then 'order-' || number end,
         1, case version when 1 then 1 when 2 then -1 else 0 end, case version when 1 then 0 when 2 then 1 else -1 end, 0, 0,
         -- Many share a time, and some differ by microseconds.
         month + interval '10 days' + number / 100 * interval '1 microsecond', month
       from generate_series(0, $1::int * $2::int - 1) as number
       cross join lateral (select (date '2026-01-01' + number / $2::int * interval '1 month')::date as month) as booked
       cross join generate_series(1, 3) as version
       order by number, version`,
      [MONTHS, USERS, SERVICES],
    );
    await owner.query(
      `insert into revenue (operation_id, service_id, amount_minor, created_at, month)
       select operation_id, service_id, amount_minor, created_at, month from entries where kind = 'recognition'`,
    );
  } finally {
    owner.release(true);
  }
  await ledger.rows("vacuum analyze");
}

/** Books one more recognition of June. */
async function book(serviceId: string): Promise<void> {
  const owner = await ledger.owner.connect();
  try {
    await owner.query("set session_replication_role = replica");
    await owner.query(
      `insert into entries (user_id, version, operation_id, kind, service_id, order_id, amount_minor, available_delta_minor,
         reserved_delta_minor, available_after_minor, reserved_after_minor, created_at, month)
       values ('user-' || gen_random_uuid(), 1, gen_random_uuid(), 'recognition', $1, 'order', 1, 0, 0, 0, 0, now(), '2026-06-01')`,
      [serviceId],
    );
  } finally {
    owner.release(true);
  }
}

async function blocksOf(table: string): Promise<number> {
  const [row] = await ledger.rows<{ blocks: number }>(
    "select (pg_relation_size($1::regclass) / current_setting('block_size')::int)::int as blocks",
    [table],
  );
  return row!.blocks;
}

test.each(["custom", "generic"] as const)("balances read the blocks of their month only (%s plan)", async (mode) => {
  const plans: Plan[] = [];
  const text = balancesBetween({
    after: "$1::date",
    month: "$2::date",
    available: "$3::numeric",
    reserved: "$4::numeric",
  });
  const { rows } = await explaining(client, mode, plans).query({
    text,
    values: ["2026-02-01", "2026-03-01", "7", "0"],
  });
  expect(rows).toMatchObject([{ deposits_minor: `${USERS}`, revenue_minor: `${USERS}`, closing_available_minor: "7" }]);
  const [{ indexes, buffers, nodes }] = plans as [Plan];
  expect([...indexes]).toEqual(["entries_by_month"]);
  expect([...nodes].join()).not.toContain("Seq Scan");
  // A range of the index has 128 blocks. Two ranges may belong to a neighbour, too.
  expect(buffers).toBeLessThan((await blocksOf("entries")) / MONTHS + 3 * 128);
});

test("a piece of orders is one range of an index, however many lines come before", async () => {
  for (const mode of ["custom", "generic"] as const) {
    const plans: Plan[] = [];
    let lines = 0;
    for await (const { totalMinor } of readOrders(explaining(client, mode, plans), MONTH, "present")) {
      lines += Number(totalMinor);
    }
    expect(lines).toBe(USERS);
    expect(plans).toHaveLength(Math.ceil(USERS / PIECE));
    for (const { indexes, rowsRead, buffers } of plans) {
      expect([...indexes]).toContain("entries_of_revenue");
      expect(rowsRead).toBeLessThanOrEqual(PIECE + SERVICES);
      expect(buffers).toBeLessThan(2 * PIECE);
    }
  }
});

test("the orders of a running month are read to their end, each once, while more are booked", async () => {
  const seen: string[] = [];
  for await (const { csv } of ledger.readOrders("2026-06", false)) {
    seen.push(...Buffer.from(csv).toString().split("\n").slice(0, -1));
    // One before the position, one after it.
    for (const serviceId of ["a-first", "z-last"]) await book(serviceId);
  }
  const [header, ...lines] = seen;
  expect(header).toStartWith("service id;");
  const operations = lines.map((line) => line.split(";")[4]);
  expect(new Set(operations).size).toBe(operations.length);
  expect(lines.filter((line) => line.startsWith("service-"))).toHaveLength(USERS);
  expect(lines.filter((line) => line.startsWith("z-last")).length).toBeGreaterThan(1);
});

test("a frozen file of many pieces has its hash and its total, and an audit reads one month of entries", async () => {
  await ledger.closeMonth(MONTH);
  let pieces = 0;
  await ledger.freezeReport(MONTH, () => {
    pieces += 1;
  });
  expect(pieces).toBe(1 + Math.ceil(USERS / PIECE));
  const report = await ledger.readOrdersReport(MONTH);
  const file = await ledger.readOrdersFile(MONTH, true);
  expect(report).toMatchObject({
    status: "final",
    totalMinor: BigInt(USERS),
    sha256: new Bun.CryptoHasher("sha256").update(file).digest("hex"),
  });
  const sorted = file.split("\n").slice(1, -1);
  expect(sorted).toHaveLength(USERS);
  const services = sorted.map((line) => line.split(";")[0]!);
  expect(services).toEqual(services.toSorted());

  await ledger.closeMonth("2026-02");
  await ledger.freezeReport("2026-02");
  await ledger.rows("delete from revenue_reports where month < '2026-03-01'");
  const plans: Plan[] = [];
  const { part } = await checkPiece(explaining(client, "custom", plans), CHECKS.months, ["2026-02-01"]);
  expect(part).toMatchObject({ checked: { months: 1 }, findings: [] });
  expect(plans[0]!.buffers).toBeLessThan((await blocksOf("entries")) / MONTHS + 3 * 128 + 500);
});
