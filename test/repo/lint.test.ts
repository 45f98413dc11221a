import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import biome from "../../biome.json";

const root = resolve(import.meta.dir, "../..");

/** A line of code that breaks a rule or narrowly complies. `rule` is undefined where no rule may report it. */
type Canary = { file: string; line: string; rule: string | undefined };

const toCanary = (file: string, line: string, rule: string | undefined): Canary => ({ file, line, rule });
const imports = (file: string, ...specifiers: string[]): Canary[] =>
  specifiers.map((specifier) => toCanary(file, `export * from "${specifier}";`, "noRestrictedImports"));
const mayImport = (file: string, ...specifiers: string[]): Canary[] =>
  specifiers.map((specifier) => toCanary(file, `export * from "${specifier}";`, undefined));

const stores = ["pg", "ioredis", "kafkajs"];
const others = (store: string) => stores.filter((name) => name !== store);

/** For each override of biome.json, lines that it forbids and lines that it allows. */
const overrides: Record<string, Canary[]> = {
  "src/**": [
    toCanary("src/ledger/canary.ts", 'console.log("money");', "noConsole"),
    toCanary("src/main.ts", 'console.log("money");', "noConsole"),
  ],
  "src/** !src/main.ts !src/commands/**": [
    toCanary("src/config.ts", "export const port = process.env.PORT;", "noProcessEnv"),
    toCanary("src/postgres/canary.ts", "export const port = process.env.PORT;", "noProcessEnv"),
    toCanary("src/app/canary.ts", "export const port = process.env.PORT;", "noProcessEnv"),
    toCanary("src/main.ts", "export const port = process.env.PORT;", undefined),
    toCanary("src/commands/canary.ts", "export const port = process.env.PORT;", undefined),
  ],
  "src/** !src/api/** !src/main.ts !src/commands/**": [
    ...[
      ...["app", "temporal", "observability/metrics", "observability/tracing", "lib", "dispatch"],
      ...["ledger", "workflows", "activities", "activities/audit", "postgres", "postgres/posting", "redis", "kafka"],
    ].map((folder) => toCanary(`src/${folder}/canary.ts`, "export const { version } = Bun;", "noRestrictedGlobals")),
    toCanary("src/api/deposits/canary.ts", "export const { version } = Bun;", undefined),
    toCanary("src/commands/canary.ts", "export const { version } = Bun;", undefined),
    toCanary("src/main.ts", "export const { version } = Bun;", undefined),
  ],
  "client/src/**": [
    toCanary("client/src/canary.ts", 'console.log("money");', "noConsole"),
    toCanary("client/src/canary.ts", "export const { version } = Bun;", "noRestrictedGlobals"),
    toCanary("client/src/canary.ts", "export const { pid } = process;", "noRestrictedGlobals"),
    toCanary("client/src/canary.ts", "export const { poolSize } = Buffer;", "noRestrictedGlobals"),
    ...imports("client/src/canary.ts", ...stores, "node:crypto", "../../src/ledger/money.ts"),
    ...mayImport("client/src/canary.ts", "openapi-fetch", "./schema.ts"),
  ],
  "console/src/**": [
    toCanary("console/src/canary.ts", 'console.log("money");', "noConsole"),
    toCanary("console/src/canary.ts", "export const { version } = Bun;", "noRestrictedGlobals"),
    toCanary("console/src/canary.ts", "export const { pid } = process;", "noRestrictedGlobals"),
    toCanary("console/src/canary.ts", "export const { poolSize } = Buffer;", "noRestrictedGlobals"),
    ...imports("console/src/canary.ts", ...stores, "node:crypto", "../../src/ledger/money.ts"),
    ...imports("console/src/canary.ts", "../../client/src/outcomes.ts"),
    ...mayImport("console/src/canary.ts", "preact", "preact/hooks", "../../client/src/index.ts", "./texts.ts"),
  ],
  "src/main.ts src/config.ts": [
    ...imports("src/main.ts", ...stores, "./api/server.ts", "./dispatch/dispatcher.ts", "./postgres/pools.ts"),
    ...imports("src/main.ts", "./workflows/index.ts", "./activities/index.ts", "./redis/client.ts"),
    ...imports("src/main.ts", "./kafka/publisher.ts", "./commands/republish.ts"),
    ...imports("src/config.ts", ...stores, "./postgres/pools.ts"),
    ...mayImport("src/main.ts", "./config.ts", "./app/saldo.ts", "./observability/log.ts", "./temporal/runtime.ts"),
  ],
  "src/app/**": [
    ...imports("src/app/canary.ts", ...stores, "../main.ts", "../commands/republish.ts"),
    ...mayImport("src/app/canary.ts", "../config.ts", "../postgres/pools.ts", "../kafka/publisher.ts"),
    ...mayImport("src/app/canary.ts", "../api/server.ts", "../activities/index.ts", "../temporal/worker.ts"),
  ],
  "src/app/api.ts src/app/clients.ts src/app/dispatch.ts": [
    ...imports("src/app/api.ts", ...stores, "../main.ts", "../commands/republish.ts", "../activities/posting.ts"),
    ...imports("src/app/dispatch.ts", "../activities/posting.ts"),
    ...imports("src/app/clients.ts", "../activities/posting.ts"),
    ...mayImport("src/app/api.ts", "../api/server.ts", "../dispatch/dispatcher.ts", "./clients.ts"),
  ],
  "src/app/worker.ts": [
    ...imports("src/app/worker.ts", ...stores, "../main.ts", "../commands/republish.ts", "../api/server.ts"),
    ...imports("src/app/worker.ts", "./api.ts"),
    ...mayImport("src/app/worker.ts", "../activities/posting.ts", "../temporal/worker.ts", "./clients.ts"),
  ],
  "src/commands/**": [
    ...imports("src/commands/canary.ts", ...stores, "../main.ts", "../api/server.ts"),
    ...mayImport("src/commands/canary.ts", "../config.ts", "../app/saldo.ts", "../postgres/pools.ts"),
  ],
  "src/lib/**": [
    ...imports("src/lib/canary.ts", ...stores, "../config.ts", "../ledger/money.ts", "../app/saldo.ts"),
    ...mayImport("src/lib/canary.ts", "./timeout.ts", "node:timers"),
  ],
  "src/ledger/**": [
    ...imports("src/ledger/canary.ts", ...stores, "../config.ts", "../lib/timeout.ts", "../postgres/pools.ts"),
    ...imports("src/ledger/canary.ts", "../workflows/contract.ts", "../api/server.ts"),
    ...mayImport("src/ledger/canary.ts", "./money.ts", "node:crypto"),
  ],
  "src/workflows/**": [
    ...imports("src/workflows/canary.ts", ...stores, "../config.ts", "../lib/timeout.ts", "../postgres/pools.ts"),
    ...imports("src/workflows/canary.ts", "../activities/posting.ts", "../activities/audit/auditing.ts"),
    ...imports("src/workflows/canary.ts", "../dispatch/dispatcher.ts", "../redis/client.ts", "../temporal/worker.ts"),
    ...mayImport("src/workflows/canary.ts", "../activities/index.ts", "../ledger/money.ts", "./contract.ts"),
  ],
  "src/activities/**": [
    ...imports("src/activities/canary.ts", ...stores, "../config.ts", "../main.ts", "../postgres/pools.ts"),
    ...imports("src/activities/canary.ts", "../app/saldo.ts", "../temporal/worker.ts", "../observability/log.ts"),
    ...imports("src/activities/canary.ts", "../redis/balances.ts", "../kafka/publisher.ts", "../workflows/contract.ts"),
    ...imports("src/activities/canary.ts", "../dispatch/outcomes.ts", "../api/server.ts"),
    ...imports("src/activities/audit/canary.ts", ...stores, "../../config.ts", "../../postgres/audit/operations.ts"),
    ...imports("src/activities/audit/canary.ts", "../../redis/balances.ts", "../../kafka/reader.ts"),
    ...mayImport("src/activities/canary.ts", "../ledger/records.ts", "../lib/timeout.ts", "./posting.ts"),
    ...mayImport("src/activities/audit/canary.ts", "../../ledger/audits.ts", "../../lib/timeout.ts", "../tally.ts"),
  ],
  "src/postgres/**": [
    ...imports("src/postgres/canary.ts", ...others("pg"), "../config.ts", "../redis/client.ts", "../kafka/events.ts"),
    ...imports("src/postgres/canary.ts", "../activities/posting.ts", "../dispatch/outcomes.ts", "../api/server.ts"),
    ...imports("src/postgres/canary.ts", "../app/saldo.ts", "../observability/log.ts"),
    ...imports("src/postgres/posting/canary.ts", ...others("pg"), "../../config.ts", "../../main.ts"),
    ...imports("src/postgres/audit/canary.ts", "../../activities/audit/auditing.ts", "../../kafka/reader.ts"),
    ...imports("src/postgres/reading/canary.ts", "../../redis/balances.ts", "../../api/server.ts"),
    ...mayImport(
      "src/postgres/canary.ts",
      "pg",
      "../ledger/decide.ts",
      "../lib/timeout.ts",
      "./pool.ts",
      "./posting/post.ts",
    ),
    ...mayImport("src/postgres/posting/canary.ts", "pg", "../../ledger/decide.ts", "../pool.ts", "./accounts.ts"),
    ...mayImport(
      "src/postgres/reading/canary.ts",
      "../posting/operations.ts",
      "../sqlErrors.ts",
      "../../lib/polling.ts",
    ),
    ...mayImport("src/postgres/audit/canary.ts", "../reading/balancesReports.ts"),
  ],
  "src/redis/**": [
    ...imports("src/redis/canary.ts", ...others("ioredis"), "../config.ts", "../main.ts", "../postgres/pool.ts"),
    ...imports("src/redis/canary.ts", "../kafka/events.ts", "../app/saldo.ts", "../observability/log.ts"),
    ...imports("src/redis/canary.ts", "../activities/tally.ts", "../dispatch/outcomes.ts", "../api/server.ts"),
    ...mayImport("src/redis/canary.ts", "ioredis", "../ledger/records.ts", "../lib/timeout.ts", "./client.ts"),
  ],
  "src/kafka/**": [
    ...imports("src/kafka/canary.ts", ...others("kafkajs"), "../config.ts", "../main.ts", "../postgres/pool.ts"),
    ...imports("src/kafka/canary.ts", "../redis/client.ts", "../app/saldo.ts", "../observability/log.ts"),
    ...imports("src/kafka/canary.ts", "../activities/publishing.ts", "../dispatch/outcomes.ts", "../api/server.ts"),
    ...mayImport("src/kafka/canary.ts", "kafkajs", "../ledger/records.ts", "../lib/timeout.ts", "./events.ts"),
  ],
  "src/temporal/**": [
    ...imports("src/temporal/canary.ts", ...stores, "../config.ts", "../main.ts", "../app/saldo.ts"),
    ...imports("src/temporal/canary.ts", "../postgres/pools.ts", "../dispatch/carriers.ts", "../api/server.ts"),
    ...imports("src/temporal/canary.ts", "../observability/log.ts", "../ledger/money.ts"),
    ...mayImport("src/temporal/canary.ts", "../workflows/contract.ts", "../activities/index.ts", "../lib/timeout.ts"),
  ],
  "src/dispatch/**": [
    ...imports("src/dispatch/canary.ts", ...stores, "../config.ts", "../main.ts", "../postgres/pools.ts"),
    ...imports("src/dispatch/canary.ts", "../redis/balances.ts", "../kafka/publisher.ts", "../activities/posting.ts"),
    ...imports("src/dispatch/canary.ts", "../app/saldo.ts", "../temporal/connection.ts", "../api/server.ts"),
    ...mayImport("src/dispatch/canary.ts", "../ledger/records.ts", "../workflows/contract.ts", "../lib/timeout.ts"),
  ],
  "src/observability/**": [
    ...imports("src/observability/canary.ts", ...stores, "../config.ts", "../app/saldo.ts", "../api/server.ts"),
    ...imports("src/observability/metrics/canary.ts", ...stores, "../../config.ts", "../../main.ts"),
    ...imports("src/observability/metrics/canary.ts", "../../postgres/pools.ts", "../../redis/client.ts"),
    ...imports("src/observability/metrics/canary.ts", "../../kafka/publisher.ts", "../../dispatch/outcomes.ts"),
    ...imports("src/observability/tracing/canary.ts", ...stores, "../../activities/posting.ts", "../../api/server.ts"),
    ...mayImport("src/observability/canary.ts", "pino", "../ledger/operations.ts", "../lib/timeout.ts"),
    ...mayImport("src/observability/tracing/canary.ts", "@opentelemetry/api", "../../ledger/operations.ts"),
    ...mayImport("src/observability/metrics/canary.ts", "prom-client", "../../ledger/records.ts", "../log.ts"),
  ],
  "src/api/**": [
    ...imports("src/api/canary.ts", ...stores, "../config.ts", "../main.ts", "../app/saldo.ts", "../postgres/pools.ts"),
    ...imports("src/api/deposits/canary.ts", ...stores, "../../postgres/pools.ts", "../../redis/client.ts"),
    ...imports("src/api/deposits/canary.ts", "../../kafka/publisher.ts", "../../activities/posting.ts"),
    ...imports("src/api/deposits/canary.ts", "../../workflows/contract.ts", "../../config.ts"),
    ...imports("src/api/http/canary.ts", "../../temporal/connection.ts", "../../observability/log.ts"),
    ...imports("src/api/auth/canary.ts", ...stores, "../../redis/callerRates.ts", "../../commands/republish.ts"),
    ...mayImport("src/api/deposits/canary.ts", "../http/problems.ts", "../../ledger/money.ts"),
    ...mayImport("src/api/deposits/canary.ts", "../../dispatch/outcomes.ts", "../../lib/timeout.ts"),
  ],
};

const promises: Canary[] = [
  ...["src/ledger", "src/api", "test/unit", "scripts/stack"].map((folder) =>
    toCanary(`${folder}/canary.ts`, 'import { later as a } from "../asynchronous.ts"; a();', "noFloatingPromises"),
  ),
  toCanary("src/api/canary.ts", 'import { later as b } from "../asynchronous.ts"; if (b()) b;', "noMisusedPromises"),
  toCanary("test/unit/canary.ts", 'import { later as c } from "../asynchronous.ts"; void c();', undefined),
  toCanary("test/unit/canary.ts", 'import { later as d } from "../asynchronous.ts"; await d();', undefined),
];

const cycle: Canary[] = [
  toCanary("src/kafka/left.ts", 'export { right } from "./right.ts"; export const left = 1;', "noImportCycles"),
  toCanary("src/kafka/right.ts", 'export { left } from "./left.ts"; export const right = 1;', "noImportCycles"),
];

/** Canaries are written to a project in a temporary folder, apart from the sources. */
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

/** Runs the linter with this configuration over the canaries. */
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

/** The tested rules that report this line. */
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
  test("every override of biome.json has canaries that are reported and canaries that are not", () => {
    const keys = biome.overrides.map(({ includes }) => includes.join(" "));
    expect(new Set(Object.keys(overrides))).toEqual(new Set(keys));
  });

  for (const [key, canaries] of Object.entries(overrides)) {
    test.each(describeCanaries(canaries))(`${key}: %s for %s: %s`, (_, __, ___, canary) => {
      expect(complaintsOf(canary)).toEqual(canary.rule === undefined ? [] : [canary.rule]);
    });
  }
});

describe("the linter's rules on promises and cycles", () => {
  test.each(describeCanaries([...promises, ...cycle]))("%s for %s: %s", (_, __, ___, canary) => {
    if (canary.rule === undefined) expect(complaintsOf(canary)).toEqual([]);
    else expect(complaintsOf(canary)).toContain(canary.rule);
  });
});
