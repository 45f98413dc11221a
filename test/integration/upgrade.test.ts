import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrateDatabase, migrationDirectory, serviceUrl, withOwner } from "../../scripts/stack/databases.ts";
import { stack } from "../support/api/client.ts";
import { type AuditedLedger, createAuditedLedger } from "../support/audit/auditedLedger.ts";
import { findBrokenPromises } from "../support/audit/promises.ts";

// A ledger that release 0.2.0 wrote, upgraded by the migrations since.

/** The last migration of release 0.2.0. */
const LAST_OF_RELEASE = "20261101000012";

let ledger: AuditedLedger;

beforeAll(async () => {
  ledger = await createAuditedLedger("upgrade", createUpgraded);
});

afterAll(() => ledger.close());

async function createUpgraded(database: string): Promise<string> {
  await withOwner(stack.site, "postgres", async (client) => {
    await client.query(`drop database if exists ${database} with (force)`);
    await client.query(`create database ${database}`);
  });
  const ofRelease = await mkdtemp(join(tmpdir(), "migrations-"));
  try {
    for await (const file of new Bun.Glob("*.sql").scan(migrationDirectory)) {
      if (file.slice(0, LAST_OF_RELEASE.length) > LAST_OF_RELEASE) continue;
      await copyFile(join(migrationDirectory, file), join(ofRelease, file));
    }
    await migrateDatabase(stack.site, database, ofRelease);
  } finally {
    await rm(ofRelease, { recursive: true });
  }
  const rows = await Bun.file(join(import.meta.dir, "../support/ledger/release020.sql")).text();
  await withOwner(stack.site, database, (client) => client.query(rows));
  await migrateDatabase(stack.site, database);
  return serviceUrl(stack.site, database);
}

test("earlier operations get the columns that they are found by", async () => {
  const found = await ledger.rows<Record<string, string | null>>(`
    select coalesce(named.idempotency_key, named.kind) as key, named.user_id, named.counterparty_user_id,
      coalesce(reserved.idempotency_key, named.reservation_id::text) as reservation, named.service_id, named.order_id,
      named.service_name, named.by, named.reference, named.reason
    from operations as named left join operations as reserved on reserved.id = named.reservation_id
    order by named.ordinal`);
  const columns = found.map(({ reference, reason, ...columns }) => {
    expect({ reference, reason }).toEqual({ reference: null, reason: null });
    return Object.values(columns)
      .map((value) => value ?? "-")
      .join(" ");
  });
  expect(columns).toEqual([
    // Key, user, counterparty, reservation, service, order, service name, by.
    "deposit ann - - - - - -",
    "transfer ann bob - - - - -",
    "withdrawal ann - - - - - -",
    "declined-transfer bob cy - - - - -",
    "declined-withdrawal ann - - - - - -",
    "wash ann - wash wash order-1 Washing -",
    "dry ann - dry dry order-1 - -",
    "expiring ann - expiring wash order-2 Washing -",
    "stuck ann - stuck wash order-3 Washing -",
    "declined-reservation ann - - wash order-4 Washing -",
    "extension ann - wash wash order-1 Washing -",
    "expiry ann - expiring wash order-2 Washing expiry",
    "release ann - stuck wash order-3 Washing operator",
    "recognition ann - wash wash order-1 Washing -",
    "late-deposit bob - - - - - -",
    "late-recognition ann - dry dry order-1 - -",
    "late-transfer ann bob - - - - -",
    "late-refund ann - wash wash order-1 Washing -",
    "late-release ann - wash wash order-1 Washing -",
    "declined-refund ann - wash wash order-1 Washing -",
    "declined-unknown-refund - - - - - - -",
    "declined-release ann - wash wash order-1 Washing -",
    "declined-by-fields ann - - dry order-9 - -",
    "declined-recognition - - declined-reservation - - - -",
    "refused - - - - - - -",
    "back-deposit eve - - - - - -",
    "back eve - back dry order-5 - -",
    "back-recognition eve - back dry order-5 - -",
    "november ann - - - - - -",
  ]);
});

test("earlier entries get the month of their revenue, or the first that was open in the default zone", async () => {
  const months = await ledger.rows(`
    select to_char(entries.month, 'YYYY-MM') as month, entries.user_id,
      string_agg(coalesce(idempotency_key, operations.kind), ' ' order by entries.version) as keys
    from entries join operations on operations.id = operation_id
    group by entries.month, entries.user_id order by entries.month, entries.user_id`);
  expect(months).toEqual([
    {
      month: "2026-10",
      user_id: "ann",
      keys: "deposit transfer withdrawal wash dry expiring stuck expiry release recognition",
    },
    { month: "2026-10", user_id: "bob", keys: "transfer" },
    { month: "2026-10", user_id: "eve", keys: "back-deposit back" },
    {
      month: "2026-11",
      user_id: "ann",
      keys: "late-recognition late-transfer late-refund late-release november",
    },
    { month: "2026-11", user_id: "bob", keys: "late-deposit late-transfer" },
    { month: "2026-11", user_id: "eve", keys: "back-recognition" },
  ]);
});

describe("after the upgrade a CHECK refuses", () => {
  test.each([
    ["an entry of an operation without a user", "update operations set user_id = null where version = 1"],
    [
      "a transfer's entry without its receiver",
      "update operations set counterparty_user_id = null where counterparty_version = 1",
    ],
    ["a caller's operation by an operator", "update operations set by = 'operator' where caller is not null"],
    ["an expiry without its origin", "update operations set by = null where kind = 'expiry'"],
    ["a reason without an origin", "update operations set reason = 'why' where caller is not null"],
    ["a month that begins late", "update entries set month = month + 1"],
  ])("%s", async (_, statement) => {
    await expect(ledger.rows(statement)).rejects.toMatchObject({ code: "23514" });
  });
});

test("the audit finds nothing, before and after the closed month gets its other reports", async () => {
  expect(await ledger.auditBooks()).toMatchObject({
    findings: [],
    checked: { operations: 29, entries: 21, revenue: 4, months: 1 },
  });
  await ledger.freezeReport("2026-10");
  expect(await ledger.readBalancesReport("2026-10")).toMatchObject({
    status: "final",
    depositsMinor: 100_500n,
    withdrawalsMinor: 200n,
    revenueMinor: 6_000n,
    refundsMinor: 0n,
    closing: { availableMinor: 84_800n, reservedMinor: 9_500n },
  });
  expect((await ledger.auditBooks()).findings).toEqual([]);
  expect(await findBrokenPromises(ledger.owner)).toEqual([]);
});
