import { expect, test } from "bun:test";
import { makeSchema, SCHEMA_PATH } from "../../scripts/commands/contracts/contracts.ts";
import { dumpSchema } from "../../scripts/commands/contracts/databaseSchema.ts";
import { withOwner } from "../../scripts/stack/databases.ts";
import { stack } from "../support/api/client.ts";
import { assertCommitted } from "../support/api/contracts.ts";

test("db/schema.sql is the schema that the migrations make", async () => {
  await assertCommitted(SCHEMA_PATH, await makeSchema(stack.site, "schema_committed"));
});

test.each([
  ["a column", "alter table accounts add column more text"],
  ["a default", "alter table accounts alter available_minor set default 7"],
  ["a missing not null", "alter table audits alter verdict drop not null"],
  ["a collation", 'alter table accounts add column more text collate "POSIX"'],
  ["a check", "alter table accounts add constraint more check (version < 5)"],
  ["a foreign key", "alter table audits add column more text references accounts"],
  ["an index", "create index more on accounts (last_entry_at)"],
  ["a storage option", "alter table accounts set (fillfactor = 50)"],
  ["a grant", "grant delete on accounts to saldo_service"],
  ["a grant on a column", "grant select (version) on accounts to public"],
  ["a comment", "comment on column accounts.version is 'more'"],
  ["a sequence", "create sequence more"],
  ["a function", "create function more() returns trigger language plpgsql as 'begin return new; end'"],
  ["a trigger", "create trigger more before insert on accounts execute function suppress_redundant_updates_trigger()"],
])("the dump shows %s", async (_, statement) => {
  const before = await makeSchema(stack.site, "schema_changed");
  await withOwner(stack.site, "schema_changed", async (client) => {
    await client.query(statement);
    expect(await dumpSchema(client)).not.toBe(before);
  });
});
