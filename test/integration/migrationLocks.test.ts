import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrateDatabase, migrationDirectory } from "../../scripts/stack/databases.ts";
import { rootDirectory } from "../../scripts/stack/site.ts";
import { stack } from "../support/api/client.ts";
import { readFences } from "../support/api/pages.ts";
import { deposit } from "../support/ledger/operations.ts";
import { createTestLedger, type TestLedger } from "../support/ledger/testLedger.ts";
import { eventually } from "../support/waiting.ts";

const DATABASE = "migration_locks";

let ledger: TestLedger;
let directory: string;

beforeAll(async () => {
  ledger = await createTestLedger(DATABASE);
  await ledger.fund(["ann"], "1.00");
  directory = await mkdtemp(join(tmpdir(), "migrations-"));
  for await (const name of new Bun.Glob("*.sql").scan(migrationDirectory)) {
    await Bun.write(join(directory, name), Bun.file(join(migrationDirectory, name)));
  }
  // The example of the guide, on the table that every posting locks.
  const guide = await Bun.file(join(rootDirectory, "CONTRIBUTING.md")).text();
  const { text } = readFences(guide).find((fence) => fence.text.includes("migrate:up"))!;
  await Bun.write(
    join(directory, "20991231000001_note.sql"),
    text.replace("alter table services", "alter table accounts"),
  );
});

afterAll(async () => {
  await ledger.close();
  await rm(directory, { recursive: true });
});

/** The page's query that finds the transactions in the way. */
async function findLongTransactions(): Promise<{ application_name: string }[]> {
  const page = await Bun.file(join(rootDirectory, "docs/operating/upgrade.md")).text();
  return await ledger.rows(readFences(page).find(({ language }) => language === "sql")!.text);
}

const hasNote = async () =>
  (await ledger.rows("select from information_schema.columns where table_name = 'accounts' and column_name = 'note'"))
    .length === 1;

test("a migration behind a long reader fails clearly, postings go on, and its repetition succeeds", async () => {
  const reader = await ledger.owner.connect();
  await reader.query("begin");
  await reader.query("set local application_name = 'long-reader'");
  await reader.query("select count(*) from accounts");
  try {
    let hasEnded = false;
    const migration = migrateDatabase(stack.site, DATABASE, directory)
      .then(() => "applied", String)
      .finally(() => {
        hasEnded = true;
      });
    // Posted as soon as the migration waits, so the posting waits behind it.
    await eventually(async () => {
      const waiting = await ledger.rows("select from pg_locks where not granted and relation = 'accounts'::regclass");
      return waiting.length > 0;
    }, 30_000);
    const posted = await ledger.post("carrier", [deposit("ann", "1.00")]);
    expect(posted.outcomes.map(({ status }) => status)).toEqual(["completed"]);
    expect(await migration).toContain("canceling statement due to lock timeout");
    expect(hasEnded).toBe(true);
    expect(await hasNote()).toBe(false);
    const names = await eventually(async () => {
      const found = (await findLongTransactions()).map(({ application_name }) => application_name);
      return found.length > 0 && found;
    });
    expect(names).toContain("long-reader");
  } finally {
    await reader.query("rollback");
    reader.release();
  }
  await migrateDatabase(stack.site, DATABASE, directory);
  expect(await hasNote()).toBe(true);
});
