import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { createDatabase, withOwner } from "../../stack/databases.ts";
import { rootDirectory, type Site } from "../../stack/site.ts";
import { createStack } from "../../stack/stack.ts";
import { print } from "../../terminal.ts";
import { dumpSchema } from "./databaseSchema.ts";
import { makeEventSchemas } from "./events.ts";
import { makeApiDocument } from "./openapi.ts";

export const SCHEMA_PATH = "db/schema.sql";
export const EVENTS_DIRECTORY = "docs/reference/events";

/** The committed contracts that the code alone makes: path, text. */
export async function makeContracts(): Promise<Map<string, string>> {
  const events = [...makeEventSchemas()].map(([name, text]) => [`${EVENTS_DIRECTORY}/${name}`, text] as const);
  const document = await makeApiDocument();
  // Imported here, since the compiler in it would slow every other command down.
  const { makeClientTypes } = await import("./clientTypes.ts");
  return new Map([
    ["docs/reference/openapi.json", document],
    ["client/src/schema.ts", await makeClientTypes(JSON.parse(document))],
    ...events,
  ]);
}

/** The schema of a new database with all migrations applied. PostgreSQL must be up. */
export async function makeSchema(site: Site, database = "contracts"): Promise<string> {
  await createDatabase(site, database);
  return await withOwner(site, database, dumpSchema);
}

/** Writes every committed contract. PostgreSQL of the test stack is started for it where it is not up. */
export async function updateContracts(): Promise<number> {
  const stack = createStack("test");
  await stack.withPart("postgres", async () => {
    const contracts = (await makeContracts()).set(SCHEMA_PATH, await makeSchema(stack.site));
    for (const name of readdirSync(join(rootDirectory, EVENTS_DIRECTORY))) {
      const path = `${EVENTS_DIRECTORY}/${name}`;
      if (!contracts.has(path)) rmSync(join(rootDirectory, path));
    }
    for (const [path, text] of contracts) {
      mkdirSync(dirname(join(rootDirectory, path)), { recursive: true });
      await Bun.write(join(rootDirectory, path), text);
      print(path);
    }
  });
  return 0;
}
