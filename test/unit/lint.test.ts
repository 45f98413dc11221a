import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import biome from "../../biome.json";

const root = resolve(import.meta.dir, "../..");

/** A line of code that breaks a rule, or just does not; `rule` is undefined where nothing may be said about it. */
type Canary = { file: string; line: string; rule: string | undefined };

const says = (file: string, line: string, rule: string | undefined): Canary => ({ file, line, rule });
const imports = (file: string, ...specifiers: string[]): Canary[] =>
  specifiers.map((specifier) => says(file, `export * from "${specifier}";`, "noRestrictedImports"));
const mayImport = (file: string, ...specifiers: string[]): Canary[] =>
  specifiers.map((specifier) => says(file, `export * from "${specifier}";`, undefined));

const stores = ["pg", "ioredis", "kafkajs"];
const others = (store: string) => stores.filter((name) => name !== store);

/** For each override of biome.json, what it forbids and what it lets pass. */
const overrides: Record<string, Canary[]> = {
  "src/**": [
    says("src/ledger/canary.ts", 'console.log("money");', "noConsole"),
    says("src/main.ts", 'console.log("money");', "noConsole"),
  ],
  "src/** !src/main.ts": [
    says("src/config.ts", "export const port = process.env.PORT;", "noProcessEnv"),
    says("src/postgres/canary.ts", "export const port = process.env.PORT;", "noProcessEnv"),
    says("src/main.ts", "export const port = process.env.PORT;", undefined),
  ],
  "src/** !src/api/** !src/main.ts": [
    ...["ledger", "workflows", "activities", "postgres", "redis", "kafka", "dispatch", "metrics", "tracing"].map(
      (folder) => says(`src/${folder}/canary.ts`, "export const { version } = Bun;", "noRestrictedGlobals"),
    ),
    says("src/worker.ts", "export const { version } = Bun;", "noRestrictedGlobals"),
    says("src/api/deposits/canary.ts", "export const { version } = Bun;", undefined),
    says("src/main.ts", "export const { version } = Bun;", undefined),
  ],
  "src/*.ts": [
    ...imports("src/main.ts", ...stores),
    ...imports("src/worker.ts", ...stores),
    ...mayImport("src/main.ts", "./postgres/ledger.ts", "./redis/client.ts", "./kafka/publisher.ts", "./api/server.ts"),
  ],
  "src/ledger/**": [
    ...imports("src/ledger/canary.ts", ...stores, "../config.ts", "../timeLimit.ts", "../postgres/ledger.ts"),
    ...imports("src/ledger/canary.ts", "../workflows/contract.ts", "../api/problems.ts"),
    ...mayImport("src/ledger/canary.ts", "./money.ts", "node:crypto"),
  ],
  "src/workflows/**": [
    ...imports("src/workflows/canary.ts", ...stores, "../config.ts", "../timeLimit.ts", "../postgres/ledger.ts"),
    ...imports(
      "src/workflows/canary.ts",
      "../activities/posting.ts",
      "../dispatch/dispatcher.ts",
      "../redis/client.ts",
    ),
    ...mayImport("src/workflows/canary.ts", "../activities/index.ts", "../ledger/money.ts", "./contract.ts"),
  ],
  "src/activities/**": [
    ...imports(
      "src/activities/canary.ts",
      ...stores,
      "../config.ts",
      "../main.ts",
      "../worker.ts",
      "../postgres/ledger.ts",
    ),
    ...imports("src/activities/canary.ts", "../redis/balances.ts", "../kafka/publisher.ts", "../workflows/contract.ts"),
    ...imports("src/activities/canary.ts", "../dispatch/answers.ts", "../api/problems.ts"),
    ...mayImport("src/activities/canary.ts", "../ledger/records.ts", "../timeLimit.ts", "./circuitBreaker.ts"),
  ],
  "src/postgres/**": [
    ...imports("src/postgres/canary.ts", ...others("pg"), "../config.ts", "../redis/client.ts", "../kafka/events.ts"),
    ...imports("src/postgres/canary.ts", "../activities/posting.ts", "../dispatch/answers.ts", "../api/problems.ts"),
    ...mayImport("src/postgres/canary.ts", "pg", "../ledger/decide.ts", "./pool.ts"),
  ],
  "src/redis/**": [
    ...imports(
      "src/redis/canary.ts",
      ...others("ioredis"),
      "../config.ts",
      "../postgres/pool.ts",
      "../kafka/events.ts",
    ),
    ...imports("src/redis/canary.ts", "../activities/caching.ts", "../dispatch/answers.ts", "../api/problems.ts"),
    ...mayImport("src/redis/canary.ts", "ioredis", "../ledger/records.ts", "./client.ts"),
  ],
  "src/kafka/**": [
    ...imports(
      "src/kafka/canary.ts",
      ...others("kafkajs"),
      "../config.ts",
      "../postgres/pool.ts",
      "../redis/client.ts",
    ),
    ...imports("src/kafka/canary.ts", "../activities/publishing.ts", "../dispatch/answers.ts", "../api/problems.ts"),
    ...mayImport("src/kafka/canary.ts", "kafkajs", "../ledger/records.ts", "./events.ts"),
  ],
  "src/dispatch/**": [
    ...imports(
      "src/dispatch/canary.ts",
      ...stores,
      "../config.ts",
      "../main.ts",
      "../worker.ts",
      "../postgres/ledger.ts",
    ),
    ...imports("src/dispatch/canary.ts", "../redis/balances.ts", "../kafka/publisher.ts", "../activities/posting.ts"),
    ...imports("src/dispatch/canary.ts", "../api/problems.ts"),
    ...mayImport("src/dispatch/canary.ts", "../ledger/records.ts", "../workflows/contract.ts", "../timeLimit.ts"),
  ],
  "src/metrics/** src/tracing/**": [
    ...imports(
      "src/metrics/canary.ts",
      ...stores,
      "../config.ts",
      "../main.ts",
      "../worker.ts",
      "../postgres/ledger.ts",
    ),
    ...imports("src/metrics/canary.ts", "../redis/client.ts", "../kafka/publisher.ts", "../activities/posting.ts"),
    ...imports("src/metrics/canary.ts", "../dispatch/answers.ts", "../api/problems.ts"),
    ...imports("src/tracing/canary.ts", ...stores, "../config.ts", "../postgres/ledger.ts", "../metrics/scrape.ts"),
    ...mayImport("src/tracing/canary.ts", "@opentelemetry/api", "../ledger/operations.ts", "./spans.ts"),
    ...mayImport("src/metrics/canary.ts", "prom-client", "../ledger/records.ts", "../timeLimit.ts"),
  ],
  "src/api/**": [
    ...imports("src/api/canary.ts", ...stores, "../config.ts", "../main.ts", "../worker.ts", "../postgres/ledger.ts"),
    ...imports("src/api/deposits/canary.ts", ...stores, "../../postgres/ledger.ts", "../../redis/client.ts"),
    ...imports("src/api/deposits/canary.ts", "../../kafka/publisher.ts", "../../activities/posting.ts"),
    ...imports("src/api/deposits/canary.ts", "../../workflows/contract.ts", "../../config.ts"),
    ...mayImport("src/api/deposits/canary.ts", "../problems.ts", "../../ledger/money.ts", "../../dispatch/answers.ts"),
  ],
};

const promises: Canary[] = [
  ...["src/ledger", "src/api", "test/unit", "scripts/stack"].map((folder) =>
    says(`${folder}/canary.ts`, 'import { later as a } from "../asynchronous.ts"; a();', "noFloatingPromises"),
  ),
  says("src/api/canary.ts", 'import { later as b } from "../asynchronous.ts"; if (b()) b;', "noMisusedPromises"),
  says("test/unit/canary.ts", 'import { later as c } from "../asynchronous.ts"; void c();', undefined),
  says("test/unit/canary.ts", 'import { later as d } from "../asynchronous.ts"; await d();', undefined),
];

const cycle: Canary[] = [
  says("src/kafka/left.ts", 'export { right } from "./right.ts"; export const left = 1;', "noImportCycles"),
  says("src/kafka/right.ts", 'export { left } from "./left.ts"; export const right = 1;', "noImportCycles"),
];

/** All lines for one file stand in it below one another, in a project of their own: no canary is ever in the way of the sources. */
const folder = mkdtempSync(join(tmpdir(), "saldo-lint-"));
const lines = new Map<string, string[]>();

type Complaint = { category: string; location: { path: string; start: { line: number } } };
let complaints: Complaint[];

beforeAll(async () => {
  cpSync(join(root, "biome.json"), join(folder, "biome.json"));
  for (const top of ["src", "test", "scripts"]) {
    place(`${top}/asynchronous.ts`, "export async function later(): Promise<boolean> { return true; }");
  }
  for (const { file, line } of [...Object.values(overrides).flat(), ...promises, ...cycle]) place(file, line);
  for (const [file, content] of lines) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), content.join("\n"));
  }
  complaints = await lint();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function place(file: string, line: string): void {
  lines.set(file, [...new Set([...(lines.get(file) ?? []), line])]);
}

/** Runs the linter as it is configured, over the canaries. */
async function lint(): Promise<Complaint[]> {
  const child = Bun.spawn(
    [
      ...[process.execPath, join(root, "node_modules/@biomejs/biome/bin/biome"), "lint"],
      ...["--vcs-enabled=false", "--max-diagnostics=none", "--reporter=json", "."],
    ],
    { cwd: folder, stdout: "pipe", stderr: "ignore" },
  );
  const report = await new Response(child.stdout).json();
  return (report as { diagnostics: Complaint[] }).diagnostics;
}

/** The rules that complain of this very line, of those that are tried here. */
function complaintsOf({ file, line }: Canary): string[] {
  const number = lines.get(file)!.indexOf(line) + 1;
  return complaints
    .filter(({ location }) => location.path === file && location.start.line === number)
    .map(({ category }) => category.split("/").at(-1)!)
    .filter((rule) => triedRules.has(rule));
}

const triedRules = new Set(
  [...Object.values(overrides).flat(), ...promises, ...cycle]
    .map(({ rule }) => rule)
    .filter((rule) => rule !== undefined),
);

function describeCanaries(canaries: Canary[]): [string, string, string, Canary][] {
  return canaries.map((canary) => [canary.rule ?? "nothing", canary.file, canary.line, canary]);
}

describe("the linter's rules on direction, environment and engine", () => {
  test("every override of biome.json has its canaries, that bite and that do not", () => {
    const keys = biome.overrides.map(({ includes }) => includes.join(" "));
    expect(new Set(Object.keys(overrides))).toEqual(new Set(keys));
  });

  for (const [key, canaries] of Object.entries(overrides)) {
    test.each(describeCanaries(canaries))(`${key}: %s is said of %s: %s`, (_, __, ___, canary) => {
      expect(complaintsOf(canary)).toEqual(canary.rule === undefined ? [] : [canary.rule]);
    });
  }
});

describe("the linter's rules on promises and cycles", () => {
  test.each(describeCanaries([...promises, ...cycle]))("%s is said of %s: %s", (_, __, ___, canary) => {
    if (canary.rule === undefined) expect(complaintsOf(canary)).toEqual([]);
    else expect(complaintsOf(canary)).toContain(canary.rule);
  });
});
