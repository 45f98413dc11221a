import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { EVENTS_DIRECTORY, makeContracts } from "../../scripts/commands/contracts/contracts.ts";
import { rootDirectory } from "../../scripts/stack/site.ts";
import { assertCommitted } from "../support/api/contracts.ts";

const contracts = await makeContracts();

test.each([...contracts])("%s is the contract of the code", async (path, text) => {
  await assertCommitted(path, text);
});

test("no schema of an event is left over", () => {
  const committed = readdirSync(join(rootDirectory, EVENTS_DIRECTORY)).map((name) => `${EVENTS_DIRECTORY}/${name}`);
  expect(committed.filter((path) => !contracts.has(path))).toEqual([]);
});

test("a contract that differs is reported with the command that updates it", async () => {
  const [path, text] = [...contracts][0]!;
  await expect(assertCommitted(path, text.replace('"Saldo"', '"Soldo"'))).rejects.toThrow("./dev contracts");
  await expect(assertCommitted(path, `${text}\n`)).rejects.toThrow("./dev contracts");
  await expect(assertCommitted("docs/reference/missing.json", text)).rejects.toThrow("./dev contracts");
});
