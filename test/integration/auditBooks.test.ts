import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Finding } from "../../src/ledger/audits.ts";
import { planWalk } from "../../src/ledger/walks.ts";
import { type AuditedLedger, createAuditedLedger, withoutSentences } from "../support/audit/auditedLedger.ts";
import { createBooks } from "../support/audit/books.ts";
import { ANY, BREAKINGS } from "../support/audit/brokenPromises.ts";
import { findBrokenPromises } from "../support/audit/promises.ts";

// Breaks each promise of the books once, by hand, as Saldo itself cannot. The audit must name each.

let ledger: AuditedLedger;

beforeAll(async () => {
  ledger = await createAuditedLedger("audit_books");
  await createBooks(ledger);
});

afterAll(() => ledger.close());

/** Runs the statement as the owner, with foreign keys and triggers disabled. */
async function breakBy(sql: string, value?: string): Promise<void> {
  const client = await ledger.owner.connect();
  try {
    await client.query("set session_replication_role = replica");
    const { rowCount } = await client.query(sql, value === undefined ? [] : [value]);
    expect(rowCount).not.toBe(0);
  } finally {
    client.release(true);
  }
}

/** The findings of a new audit that were not among the earlier ones. */
async function findNew(before: Finding[]): Promise<Finding[]> {
  const known = new Set(before.map((finding) => JSON.stringify(finding)));
  const { findings, findingsTotal } = await ledger.auditBooks();
  expect(findingsTotal).toBe(findings.length);
  return findings.filter((finding) => !known.has(JSON.stringify(finding)));
}

test("sound books have no findings, and all of them are checked", async () => {
  const { checked, findings, findingsTotal } = await ledger.auditBooks();
  expect({ findings, findingsTotal }).toEqual({ findings: [], findingsTotal: 0 });
  expect(checked).toEqual({
    accounts: 2,
    entries: 10,
    operations: 9,
    reservations: 3,
    recognitions: 1,
    revenue: 2,
    months: 0,
  });
  expect(await findBrokenPromises(ledger.owner)).toEqual([]);
});

test("a check continues from the last clean audit, never from one with findings", async () => {
  const keep = async (findings: Finding[], end: number) =>
    await ledger.activities.recordAudit({
      ...{ auditId: crypto.randomUUID(), workflowId: "audit", startedAt: new Date().toISOString(), checked: {} },
      ...{
        findings,
        findingsTotal: findings.length,
        notChecked: [],
        watermark: null,
        walks: { entries: { end, next: 0 } },
      },
    });
  const begin = async () => (await ledger.auditLedger.beginCheck("entries")).position;
  const whole = await begin();
  await keep([], 1);
  const next = await begin();
  // A watermark beyond the last block would restart the walk over all rows.
  await keep([{ promise: 2, sentence: "Broken." }], 2);
  expect(whole).toEqual(planWalk(1, undefined).ranges);
  expect(next).toEqual(planWalk(1, { end: 1, next: 0 }).ranges);
  expect(await begin()).toEqual(next);
  await ledger.rows("delete from audits");
});

test("a role that may change the record is a finding", async () => {
  await ledger.rows("grant update (kind) on operations to saldo_service");
  expect((await ledger.auditBooks()).findingsTotal).toBe(0);
  await ledger.rows("grant delete on operations to saldo_service");
  const { findings } = await ledger.auditBooks();
  expect(withoutSentences({ findings })).toEqual([{ promise: 5 }]);
  expect(findings[0]!.sentence).toBe("The role saldo_service may change or delete rows of operations.");
  await ledger.rows("revoke update (kind), delete on operations from saldo_service");
});

test("a closed month with changed rows, total or file is a finding", async () => {
  const { recognitionId, refundId } = await createBooks(ledger);
  await ledger.rows("update revenue set month = '2020-01-01' where operation_id = any ($1)", [
    [recognitionId, refundId],
  ]);
  await ledger.rows("update entries set month = '2020-01-01' where operation_id = any ($1)", [
    [recognitionId, refundId],
  ]);
  await ledger.rows("insert into closed_months values ('2020-01-01', clock_timestamp() + interval '1 hour')");
  await ledger.freezeReport("2020-01");
  expect((await ledger.auditBooks()).findings).toEqual([]);

  await breakBy("update closed_months set closed_at = closed_at - interval '2 hours'");
  expect(withoutSentences({ findings: await findNew([]) })).toEqual(
    expect.arrayContaining([{ promise: 10, operationId: recognitionId, month: "2020-01" }]),
  );
  await breakBy("update closed_months set closed_at = closed_at + interval '2 hours'");

  await breakBy("update revenue_reports set total_minor = total_minor + 1");
  const found = await findNew([]);
  expect(found.map(({ sentence }) => sentence)).toEqual([
    "The report of 2020-01 totals 2.01, its revenue rows 2.00.",
    "The file of 2020-01 does not match its hash, or its lines total 2.00 instead of 2.01.",
    "The report of 2020-01 totals 2.01, its orders 2.00, and revenue less refunds of its balances 2.00.",
  ]);
  expect(withoutSentences({ findings: found })[0]).toEqual({ promise: 10, month: "2020-01" });
  await breakBy("update revenue_reports set total_minor = total_minor - 1");

  await ledger.rows("alter table revenue_reports drop constraint revenue_reports_check");
  await breakBy("update revenue_reports set csv = csv || E'\\n'");
  expect(withoutSentences({ findings: await findNew([]) })).toEqual([{ promise: 10, month: "2020-01" }]);
  await breakBy("update revenue_reports set csv = substr(csv, 1, length(csv) - 1)");
  expect((await ledger.auditBooks()).findings).toEqual([]);
});

test("frozen balances or orders that differ from each other, the entries or their hash are findings", async () => {
  // An open month ago the accounts held nothing, so these balances begin at 0.00.
  await ledger.rows("insert into closed_months values ('2020-03-01', clock_timestamp() + interval '1 hour')");
  await ledger.freezeReport("2020-03");
  expect((await ledger.auditBooks()).findings).toEqual([]);
  const checks = await ledger.rows<{ drop: string }>(
    "select format('alter table balances_reports drop constraint %I', conname) as drop from pg_constraint where contype = 'c' and conrelid = 'balances_reports'::regclass",
  );
  for (const { drop } of checks) await ledger.rows(drop);

  const sentencesAfter = async (table: string, change: string, restore: string, month: string) => {
    await breakBy(`update ${table} set ${change} where month = '${month}-01'`);
    const found = await findNew([]);
    expect(new Set(withoutSentences({ findings: found }).map((finding) => JSON.stringify(finding)))).toEqual(
      new Set([JSON.stringify({ promise: 10, month })]),
    );
    await breakBy(`update ${table} set ${restore} where month = '${month}-01'`);
    return found.map(({ sentence }) => sentence);
  };
  const add = (column: string) => [`${column} = ${column} + 1`, `${column} = ${column} - 1`] as const;
  expect(await sentencesAfter("order_reports", ...add("total_minor"), "2020-01")).toEqual([
    "The report of 2020-01 totals 2.00, its orders 2.01, and revenue less refunds of its balances 2.00.",
  ]);
  expect(await sentencesAfter("balances_reports", ...add("refunds_minor"), "2020-01")).toEqual(
    expect.arrayContaining([
      "The report of 2020-01 totals 2.00, its orders 2.00, and revenue less refunds of its balances 1.99.",
      "The balances of 2020-01 were 0.00 and moved by -1.99, but ended at -2.00.",
    ]),
  );
  expect(await sentencesAfter("balances_reports", ...add("opening_reserved_minor"), "2020-03")).toContain(
    "The balances of 2020-03 were -1.99 and moved by 0.00, but ended at -2.00.",
  );
  expect(
    await sentencesAfter("balances_reports", "csv = csv || E'\\n'", "csv = substr(csv, 1, length(csv) - 1)", "2020-03"),
  ).toEqual(["The file of the balances of 2020-03 does not match its hash."]);

  // February is frozen late, and March no longer begins where it ended.
  await ledger.rows("insert into closed_months values ('2020-02-01', clock_timestamp() + interval '1 hour')");
  await ledger.freezeReport("2020-02");
  const moved = ["closing_available_minor", "deposits_minor"].map(add);
  const [change, restore] = [0, 1].map((at) => moved.map((both) => both[at as 0 | 1]).join(", ")) as [string, string];
  await breakBy(`update balances_reports set ${change} where month = '2020-02-01'`);
  expect((await findNew([])).map(({ sentence }) => sentence)).toContain(
    "The opening balances of 2020-03 are not the closing balances of 2020-02.",
  );
  await breakBy(`update balances_reports set ${restore} where month = '2020-02-01'`);
  expect((await ledger.auditBooks()).findings).toEqual([]);
  for (const table of ["balances_reports", "order_reports", "revenue_reports"]) {
    await ledger.rows(`delete from ${table} where month > '2020-01-01'`);
  }
});

test("frozen balances that add up but differ from the entries are a finding of one audit in turn", async () => {
  const both = (by: string) =>
    breakBy(
      `update balances_reports set deposits_minor = deposits_minor ${by}, closing_available_minor = closing_available_minor ${by}`,
    );
  await both("+ 5");
  const found = await findNew([]);
  expect(found).toEqual([
    { promise: 10, month: "2020-01", sentence: "The balances of 2020-01 differ from its entries." },
  ]);
  await both("- 5");
  expect((await ledger.auditBooks()).findings).toEqual([]);
});

test.each(BREAKINGS.map((breaking) => [breaking.name, breaking] as const))(
  "%s is a finding",
  async (_, { sql, of, expected }) => {
    const checks = await ledger.rows<{ drop: string }>(
      `select format('alter table %s drop constraint %I', conrelid::regclass, conname) as drop from pg_constraint
     where contype = 'c' and connamespace = 'public'::regnamespace and conrelid = any (array['accounts', 'entries', 'operations', 'reservations']::regclass[])`,
    );
    for (const { drop } of checks) await ledger.rows(drop);
    const books = await createBooks(ledger);
    const before = await ledger.auditBooks();
    await breakBy(sql, books[of]);
    const found = await findNew(before.findings);
    const mine = new Set(Object.values(books).filter((one) => typeof one === "string"));
    for (const one of expected(books)) {
      const exact = Object.fromEntries(
        Object.entries(one).map(([name, value]) => [name, value === ANY ? expect.any(String) : value]),
      );
      expect(withoutSentences({ findings: found })).toContainEqual(exact as never);
    }
    // Each sentence contains an id of its subject, since it may be read alone.
    for (const { sentence, accountId, operationId, reservationId } of found) {
      const ids = [accountId, operationId, reservationId].filter((id) => id && mine.has(id));
      if (ids.length > 0) expect(ids.some((id) => sentence.includes(id!)) || sentence.includes("stuck")).toBe(true);
    }
  },
);
