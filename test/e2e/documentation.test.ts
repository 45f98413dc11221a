import { expect, test } from "bun:test";
import { mintToken } from "../../scripts/keys.ts";
import { stack } from "../support/api/client.ts";
import { documentedRoutes } from "../support/api/document.ts";
import {
  freshIds,
  maskVariableParts,
  operationsIn,
  pages,
  readExamples,
  readPage,
  withFreshNames,
} from "../support/api/pages.ts";

/** The default caller of `./dev token`. */
const CALLER = "demo";

const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** How many examples each page has. They are counted here, so that none drops out. */
const EXAMPLES = new Map([
  ["README.md", 5],
  ["docs/reference/api.md", 33],
  ["docs/start/first-requests.md", 4],
]);

test("every page has as many examples as are counted here", () => {
  const counts = [...pages]
    .map(([path, page]) => [path, readExamples(page).length] as const)
    .filter(([, count]) => count > 0);
  expect(counts).toEqual([...EXAMPLES]);
});

test("every route of the API document has an example under its heading", () => {
  const routes = documentedRoutes
    .filter(({ template }) => template.startsWith("/v1/"))
    .map(({ name }) => `### ${name}`);
  const shown = new Set(readExamples(readPage("docs/reference/api.md")).map(({ heading }) => heading));
  expect(routes.length).toBeGreaterThan(0);
  expect(routes.filter((heading) => !shown.has(heading))).toEqual([]);
});

for (const [path, count] of EXAMPLES) {
  test(`the examples of ${path}, run in order by a shell, are answered as the page shows`, async () => {
    const suffix = crypto.randomUUID().slice(0, 8);
    const examples = readExamples(readPage(path));
    const token = await mintToken({ sub: CALLER });
    const ids = freshIds(examples, CALLER, suffix);
    const fresh = (text: string) => withFreshNames(text, suffix).replace(UUID, (id) => ids.get(id) ?? id);
    let answered = 0;
    for (const example of examples) {
      const command = fresh(example.command).replaceAll(":3000/", `:${stack.ports.api}/`);
      const expected = JSON.parse(fresh(JSON.stringify(example.answer)));
      const answer = await run(command, token);
      expect({ command, answer: maskVariableParts(answer) }).toEqual({ command, answer: maskVariableParts(expected) });
      answered += 1;
    }
    expect(answered).toBe(count);
  }, 60_000);
}

test("an entry of a shown statement has the time at which its operation completed", () => {
  const operations = [...EXAMPLES.keys()].flatMap((path) => operationsIn(readExamples(readPage(path))));
  const entries = operations.filter((one) => "availableDelta" in one);
  expect(entries.length).toBeGreaterThan(0);
  for (const { operationId, createdAt } of entries) {
    expect(operations.find((one) => one.operationId === operationId && "completedAt" in one)?.completedAt).toBe(
      createdAt,
    );
  }
});

async function run(command: string, token: string): Promise<unknown> {
  const shell = Bun.spawn(["bash", "-euo", "pipefail", "-c", command], {
    env: { PATH: process.env.PATH, TOKEN: token },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [output, code] = await Promise.all([shell.stdout.text(), shell.exited]);
  expect([command, code]).toEqual([command, 0]);
  return output.startsWith("{") ? JSON.parse(output) : output;
}
