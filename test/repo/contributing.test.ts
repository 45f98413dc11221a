import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import client from "../../client/package.json" with { type: "json" };
import manifest from "../../package.json" with { type: "json" };
import { rootDirectory } from "../../scripts/stack/site.ts";

const read = (path: string) => Bun.file(join(rootDirectory, path)).text();
const guides = ["CONTRIBUTING.md", "SECURITY.md", ".github/pull_request_template.md"];

test.each(guides)("every path that %s names exists", async (guide) => {
  const text = await read(guide);
  const named = [...text.matchAll(/(?<=[` ])([a-z][\w.]*\/[\w./-]+|[\w.]+\.(md|json|lock))(?=[`\s,])/g)].map(
    ([path]) => path,
  );
  // Placeholders in capitals, and patterns of `./dev test`.
  const paths = named.filter((path) => !path.includes("YYYY") && !/^(unit|integration)\//.test(path));
  expect(paths.length).toBeGreaterThan(0);
  expect(paths.filter((path) => !existsSync(join(rootDirectory, path)))).toEqual([]);
});

test.each(guides)("every command that %s names exists", async (guide) => {
  const [text, usage] = [await read(guide), await read("scripts/dev.ts")];
  const commands = [...text.matchAll(/\.\/dev ([a-z]+)/g)].map(([, name]) => name!);
  expect(commands.filter((name) => !new RegExp(`^  ${name}\\b`, "m").test(usage))).toEqual([]);
  const scripts = [...text.matchAll(/bun run ([a-z]+)/g)].map(([, name]) => name!);
  expect(scripts.filter((name) => !(name in manifest.scripts))).toEqual([]);
});

test("the changelog has a section for the version in package.json", async () => {
  expect(await read("CHANGELOG.md")).toMatch(new RegExp(`^## \\[${manifest.version}\\] - \\d{4}-\\d\\d-\\d\\d$`, "m"));
});

test("the client has the version of Saldo, and depends on the openapi-fetch that the console has alone", () => {
  const { "openapi-fetch": version } = manifest.dependencies;
  expect([client.version, client.dependencies]).toEqual([manifest.version, { "openapi-fetch": version }]);
});

test("the CI workflow runs every test on Linux, with actions that are pinned by commit", async () => {
  const { jobs } = Bun.YAML.parse(await read(".github/workflows/ci.yml")) as {
    jobs: { test: { "runs-on": string; steps: { uses?: string; run?: string }[] } };
  };
  expect(jobs.test["runs-on"]).toStartWith("ubuntu-");
  expect(jobs.test.steps.at(-1)?.run).toBe("./dev test");
  for (const { uses } of jobs.test.steps) if (uses) expect(uses).toMatch(/^actions\/[a-z-]+@[0-9a-f]{40}$/);
});

test("every path of the repository that the CI workflow hashes exists", async () => {
  const text = await read(".github/workflows/ci.yml");
  const hashed = [...text.matchAll(/hashFiles\(([^)]+)\)/g)].flatMap(([, list]) =>
    [...list!.matchAll(/'([^']+)'/g)].map(([, path]) => path!),
  );
  expect(hashed.length).toBeGreaterThan(0);
  expect(hashed.filter((path) => !existsSync(join(rootDirectory, path)))).toEqual([]);
});
