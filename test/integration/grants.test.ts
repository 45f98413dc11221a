import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Pool } from "pg";
import { createDatabase } from "../../src/postgres/database.ts";
import { createPool } from "../../src/postgres/pool.ts";
import { deposit, uniqueUserId } from "../support/ledger/operations.ts";
import { createTestLedger, type TestLedger } from "../support/ledger/testLedger.ts";
import { at } from "../support/stack/settings.ts";

let ledger: TestLedger;
let service: Pool;
let userId: string;
let operationId: string;

const INSUFFICIENT_PRIVILEGE = "42501";
const CHECK_VIOLATION = "23514";
const UNIQUE_VIOLATION = "23505";
const FOREIGN_KEY_VIOLATION = "23503";

beforeAll(async () => {
  ledger = await createTestLedger("grants");
  service = createPool(createDatabase(at(ledger.databaseUrl)), "service", 2);
  userId = uniqueUserId();
  const first = deposit(userId, "5.00");
  ({ operationId } = first);
  await ledger.post("carrier", [first]);
});

afterAll(async () => {
  await service.end();
  await ledger.close();
});

/** The SQLSTATE of a failed statement, or an empty string if it succeeds. */
async function refusal(pool: Pool, text: string, values: unknown[] = []): Promise<string> {
  return await pool.query(text, values).then(
    () => "",
    (error: { code: string }) => error.code,
  );
}

describe("the service's role", () => {
  const forbidden = ["operations", "entries"].flatMap((table) => [
    `update ${table} set kind = kind`,
    `update ${table} set created_at = created_at where false`,
    `delete from ${table}`,
    `delete from ${table} where false`,
    `truncate ${table} cascade`,
    `alter table ${table} add column more text`,
    `drop table ${table}`,
    `create trigger t before insert on ${table} for each row execute function suppress_redundant_updates_trigger()`,
  ]);

  test.each([
    ...forbidden,
    ...["revenue", "closed_months", "revenue_reports", "report_services", "order_reports", "balances_reports"].flatMap(
      (table) => [`update ${table} set month = month`, `delete from ${table}`, `truncate ${table} cascade`],
    ),
    "update audits set verdict = verdict",
    "delete from audits",
    "truncate audits, events_seen",
    "delete from accounts",
    "truncate accounts cascade",
    "alter table accounts disable trigger all",
    "drop table accounts",
    "truncate outbox",
    "delete from services",
    "create table anything (at_all text)",
  ])("may not: %s", async (statement) => {
    expect(await refusal(service, statement)).toBe(INSUFFICIENT_PRIVILEGE);
  });

  test("may read the record and add to it", async () => {
    expect(await refusal(service, "select from operations, entries, accounts, outbox")).toBe("");
    expect((await ledger.post("carrier", [deposit(userId, "1.00")])).outcomes).toMatchObject([{ status: "completed" }]);
  });

  test("is no superuser, owns nothing, and belongs to no other role", async () => {
    const [role] = await ledger.rows(
      `select rolsuper, rolcreatedb, rolcreaterole, rolbypassrls,
              exists (select from pg_class where relowner = pg_roles.oid) as owns,
              exists (select from pg_auth_members where member = pg_roles.oid) as belongs
       from pg_roles where rolname = 'saldo_service'`,
    );
    expect(Object.values(role!)).toEqual(Array(6).fill(false));
  });
});

describe("constraints, which bind even the owner,", () => {
  const account = (changes: string) => `update accounts set ${changes} where user_id = $1`;

  test.each([
    ["a negative available balance", account("available_minor = -1")],
    ["a negative reserve", account("reserved_minor = -1")],
    ["an account beyond the limit", account("available_minor = 9000000000000000001")],
    [
      "an account beyond the limit with its reserve",
      account("available_minor = 9000000000000000000, reserved_minor = 1"),
    ],
    ["a version below zero", account("version = -1")],
    ["an account with entries but without the time of the last one", account("last_entry_at = null")],
    ["an account without entries but with the time of a last one", account("version = 0")],
  ])("reject %s", async (_, statement) => {
    expect(await refusal(ledger.owner, statement, [userId])).toBe(CHECK_VIOLATION);
  });

  test("accept an account at exactly the limit", async () => {
    const other = uniqueUserId();
    await ledger.fund([other], "1.00");
    expect(
      await refusal(ledger.owner, account("available_minor = 8999999999999999999, reserved_minor = 1"), [other]),
    ).toBe("");
  });

  test.each(["", "-user", ".user", "us er", "us/er", "usér", "u".repeat(65), "user\n"])(
    "reject an account with the id %p",
    async (badId) => {
      expect(await refusal(ledger.owner, "insert into accounts (user_id) values ($1)", [badId])).toBe(CHECK_VIOLATION);
    },
  );

  const entry = {
    user_id: "$1",
    version: "99",
    operation_id: "$2",
    kind: "'deposit'",
    amount_minor: "1",
    available_delta_minor: "1",
    reserved_delta_minor: "0",
    available_after_minor: "1",
    reserved_after_minor: "0",
    created_at: "now()",
    month: "'2026-01-01'",
  };

  test.each([
    ["an entry that leaves a negative available balance", { available_after_minor: "-1" }, CHECK_VIOLATION],
    ["an entry that leaves a negative reserve", { reserved_after_minor: "-1" }, CHECK_VIOLATION],
    ["an entry with the amount 0", { amount_minor: "0" }, CHECK_VIOLATION],
    ["an entry with the version 0", { version: "0" }, CHECK_VIOLATION],
    ["two entries with the same version", { version: "1", operation_id: "$3" }, UNIQUE_VIOLATION],
    ["an entry without an operation", { operation_id: "gen_random_uuid()" }, FOREIGN_KEY_VIOLATION],
    ["an entry without an account", { user_id: "'unknown'", operation_id: "$3" }, FOREIGN_KEY_VIOLATION],
  ])("reject %s", async (_, changes, sqlState) => {
    const other = deposit(uniqueUserId(), "1.00");
    await ledger.post("carrier", [other]);
    const row = { ...entry, ...changes };
    const statement = `
      with parameters as (select $1::text, $2::uuid, $3::uuid)
      insert into entries (${Object.keys(row)}) values (${Object.values(row)})`;
    expect(await refusal(ledger.owner, statement, [userId, operationId, other.operationId])).toBe(sqlState);
  });

  const stored = {
    id: "gen_random_uuid()",
    caller: "'test'",
    idempotency_key: "'key'",
    workflow_id: "'carrier'",
    kind: "'deposit'",
    request: "'{}'",
    status: "'completed'",
    decline_code: "null",
    created_at: "now()",
    completed_at: "now()",
    user_id: "'user'",
    version: "1",
    counterparty_user_id: "null",
    counterparty_version: "null",
  };
  const nothing = { user_id: "null", version: "null" };
  const transfer = { kind: "'transfer'", counterparty_user_id: "'receiver'", counterparty_version: "1" };
  const decline = { ...nothing, status: "'declined'", decline_code: "'insufficient_funds'" };

  test.each([
    ["a deposit with its entry", {}],
    ["a transfer with its two entries", transfer],
    ["a decline without an entry", decline],
    [
      "a decline of a transfer without entries",
      { ...decline, kind: "'transfer'", user_id: "'user'", counterparty_user_id: "'receiver'" },
    ],
    ["an expiry without a caller", { kind: "'expiry'", caller: "null", idempotency_key: "null", by: "'expiry'" }],
    ["an extension without an entry", { ...nothing, kind: "'extension'" }],
  ])("accept %s", async (_, changes) => {
    const row = { ...stored, ...changes };
    expect(
      await refusal(ledger.owner, `insert into operations (${Object.keys(row)}) values (${Object.values(row)})`),
    ).toBe("");
  });

  test.each([
    ["a completed operation that names no entry", nothing, CHECK_VIOLATION],
    ["an entry's version without its user", { user_id: "null" }, CHECK_VIOLATION],
    ["an operation without a caller and an origin", { caller: "null", idempotency_key: "null" }, CHECK_VIOLATION],
    ["an operation with a caller and an origin", { by: "'expiry'" }, CHECK_VIOLATION],
    ["a reason without an origin", { reason: "'a reason'" }, CHECK_VIOLATION],
    ["a decline that names an entry", { ...decline, user_id: "'user'", version: "1" }, CHECK_VIOLATION],
    ["an extension that names an entry", { kind: "'extension'" }, CHECK_VIOLATION],
    ["a transfer that names no receiver's entry", { kind: "'transfer'" }, CHECK_VIOLATION],
    ["a receiver's version without the receiver", { ...transfer, counterparty_user_id: "null" }, CHECK_VIOLATION],
    ["a deposit that names a receiver's entry", { ...transfer, kind: "'deposit'" }, CHECK_VIOLATION],
    ["a decline without a code", { ...decline, decline_code: "null" }, CHECK_VIOLATION],
    ["a completed operation with a decline code", { decline_code: "'insufficient_funds'" }, CHECK_VIOLATION],
    ["an operation with an unknown status", { status: "'pending'" }, CHECK_VIOLATION],
    ["an operation of an unknown kind", { kind: "'gift'" }, CHECK_VIOLATION],
    ["an operation completed before it was created", { completed_at: "now() - interval '1 ms'" }, CHECK_VIOLATION],
    ["two operations with the same id", { id: "(select id from operations limit 1)" }, UNIQUE_VIOLATION],
  ])("reject %s", async (_, changes, sqlState) => {
    const row = { ...stored, ...changes };
    const statement = `insert into operations (${Object.keys(row)}) values (${Object.values(row)})`;
    expect(await refusal(ledger.owner, statement)).toBe(sqlState);
  });
});
