import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { migrationDirectory } from "../../scripts/stack/databases.ts";
import { rootDirectory } from "../../scripts/stack/site.ts";
import { readFences } from "../support/api/pages.ts";

/** The last migration of release 0.3.0, before the bound was required. Merged migrations are never edited. */
const LAST_UNBOUNDED = "20261101000015";

/** The bound on the wait for a lock, as the first statement of a migration. */
const SETS_LOCK_TIMEOUT = /^-- migrate:up\n(?:--.*\n)*set local lock_timeout = '1s';$/m;

/** A single statement that takes no lock for which postings wait. PostgreSQL allows no other with it. */
const IS_CONCURRENT =
  /^-- migrate:up transaction:false\n(?:--.*\n)*(?:create|drop)(?: unique)? index concurrently[^;]*;\s*-- migrate:down/m;

const isBounded = (text: string) => SETS_LOCK_TIMEOUT.test(text) || IS_CONCURRENT.test(text);

async function findUnbounded(names: string[]): Promise<string[]> {
  const texts = await Promise.all(names.map((name) => Bun.file(join(migrationDirectory, name)).text()));
  return names.filter((_, index) => !isBounded(texts[index]!));
}

test("each migration after 0.3.0 waits at most a second for a lock", async () => {
  const names = readdirSync(migrationDirectory).toSorted();
  const isLater = (name: string) => name.slice(0, LAST_UNBOUNDED.length) > LAST_UNBOUNDED;
  expect(await findUnbounded(names.filter(isLater))).toEqual([]);
  // The check finds those of the release, which have no bound.
  expect((await findUnbounded(names)).length).toBe(names.filter((name) => !isLater(name)).length);
});

test("the example of CONTRIBUTING.md sets the bound", async () => {
  const guide = await Bun.file(join(rootDirectory, "CONTRIBUTING.md")).text();
  const [example] = readFences(guide).filter(({ text }) => text.includes("migrate:up"));
  expect(example?.text).toMatch(SETS_LOCK_TIMEOUT);
});

test.each([
  ["-- migrate:up transaction:false\ncreate index concurrently i on entries (month);\n\n-- migrate:down\n", true],
  ["-- migrate:up transaction:false\ncreate index i on entries (month);\n\n-- migrate:down\n", false],
  ["-- migrate:up\nalter table services add note text;\nset local lock_timeout = '1s';\n", false],
  ["-- migrate:up\nset lock_timeout = '1h';\n", false],
])("whether the wait for locks is bounded is found in %j", (text, expected) => {
  expect(isBounded(text)).toBe(expected);
});
