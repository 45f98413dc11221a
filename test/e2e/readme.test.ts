import { expect, test } from "bun:test";
import { join } from "node:path";
import { mintToken } from "../../scripts/keys.ts";
import { rootDirectory } from "../../scripts/stack/site.ts";
import { stack } from "../support/api.ts";
import { readExamples, withFreshNames, withoutChance } from "../support/readmeExamples.ts";

const readme = await Bun.file(join(rootDirectory, "README.md")).text();

test("every route of the README is shown by an example", () => {
  const routes = [...readme.matchAll(/^### (?:GET|POST) \/v1\/.*$/gm)].map(([heading]) => heading);
  const shown = new Set(readExamples(readme).map(({ heading }) => heading));
  expect(routes.length).toBeGreaterThan(0);
  expect(routes.filter((heading) => !shown.has(heading))).toEqual([]);
});

test("the README's examples, run in order by a shell, are answered as the README says", async () => {
  const suffix = crypto.randomUUID().slice(0, 8);
  const examples = readExamples(readme);
  expect(examples.length).toBeGreaterThan(0);
  const token = await mintToken();
  for (const example of examples) {
    const command = withFreshNames(example.command, suffix).replaceAll(":3000/", `:${stack.ports.api}/`);
    const expected = JSON.parse(withFreshNames(JSON.stringify(example.answer), suffix));
    const answer = await run(command, token);
    expect({ command, answer: withoutChance(answer) }).toEqual({ command, answer: withoutChance(expected) });
  }
}, 60_000);

async function run(command: string, token: string): Promise<unknown> {
  const shell = Bun.spawn(["bash", "-euo", "pipefail", "-c", command], {
    env: { PATH: process.env.PATH, TOKEN: token },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [output, code] = await Promise.all([shell.stdout.text(), shell.exited]);
  expect([command, code]).toEqual([command, 0]);
  return JSON.parse(output);
}
