import { expect, test } from "bun:test";
import { join } from "node:path";
import { mintToken } from "../../scripts/keys.ts";
import { rootDirectory } from "../../scripts/stack/site.ts";
import { stack } from "../support/api/client.ts";
import { documentedRoutes } from "../support/api/document.ts";
import {
  freshIds,
  maskVariableParts,
  operationsIn,
  readExamples,
  withFreshNames,
} from "../support/api/readmeExamples.ts";

/** For whom `./dev token` mints where it is not told. */
const CALLER = "demo";

const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

const readme = await Bun.file(join(rootDirectory, "README.md")).text();

test("every route of the API document is shown by an example of the README", () => {
  const routes = documentedRoutes
    .filter(({ template }) => template.startsWith("/v1/"))
    .map(({ name }) => `### ${name}`);
  const shown = new Set(readExamples(readme).map(({ heading }) => heading));
  expect(routes.length).toBeGreaterThan(0);
  expect(routes.filter((heading) => !shown.has(heading))).toEqual([]);
});

test("the README's examples, run in order by a shell, are answered as the README says", async () => {
  const suffix = crypto.randomUUID().slice(0, 8);
  const examples = readExamples(readme);
  expect(examples.length).toBeGreaterThan(0);
  const token = await mintToken({ sub: CALLER });
  const ids = freshIds(examples, CALLER, suffix);
  const fresh = (text: string) => withFreshNames(text, suffix).replace(UUID, (id) => ids.get(id) ?? id);
  for (const example of examples) {
    const command = fresh(example.command).replaceAll(":3000/", `:${stack.ports.api}/`);
    const expected = JSON.parse(fresh(JSON.stringify(example.answer)));
    const answer = await run(command, token);
    expect({ command, answer: maskVariableParts(answer) }).toEqual({ command, answer: maskVariableParts(expected) });
  }
}, 60_000);

test("an entry of the README's statement has the time at which the operation of that example completed", () => {
  const operations = operationsIn(readExamples(readme));
  const entries = operations.filter((one) => "availableDelta" in one);
  expect(entries.length).toBeGreaterThan(0);
  for (const { operationId, createdAt } of entries) {
    expect(operations.find((one) => one.operationId === operationId && "completedAt" in one)?.completedAt).toBe(
      createdAt,
    );
  }
});

async function run(command: string, token: string): Promise<Record<string, unknown>> {
  const shell = Bun.spawn(["bash", "-euo", "pipefail", "-c", command], {
    env: { PATH: process.env.PATH, TOKEN: token },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [output, code] = await Promise.all([shell.stdout.text(), shell.exited]);
  expect([command, code]).toEqual([command, 0]);
  return JSON.parse(output);
}
