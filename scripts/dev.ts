import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import { type ScenarioName, scenarioNames } from "../bench/load/scenarios.ts";
import { runReconcile } from "../src/commands/reconcile.ts";
import { REPUBLISH_OPTIONS, RepublishRefused, runRepublish } from "../src/commands/republish.ts";
import { runAdvisories } from "./commands/advisories.ts";
import { runBenchCommand } from "./commands/bench.ts";
import type { Topology } from "./commands/chaosReport.ts";
import { composeDown, composeReset, composeStatus, composeUp, isDockerAnswering } from "./commands/compose.ts";
import { updateContracts } from "./commands/contracts/contracts.ts";
import { runDemo } from "./commands/demo/demo.ts";
import { runFuzz } from "./commands/fuzz/fuzz.ts";
import { takeScreenshots } from "./commands/screenshots.ts";
import { printStatus } from "./commands/status.ts";
import { type Processes, runTests } from "./commands/test.ts";
import { allScopes, mintToken } from "./keys.ts";
import { createStack, StackError } from "./stack/stack.ts";
import { print } from "./terminal.ts";

const usage = `Usage: ./dev COMMAND

  demo [--exit]      start everything, run a tour over HTTP, print addresses and a token; --exit stops it afterwards
  up                 start the stack and the service
  down               stop them
  reset              stop them and drop the data
  status             print state, address and memory of each part, and stuck work: waiting carriers, the outbox, overdue
                     reservations and the last audit; exit 0 if all are healthy and nothing is stuck
  test [PATTERN] [--processes many]
                     type check, lint, and all tests, or those whose path contains PATTERN, on a stack of their own;
                     with many, test/e2e runs against two APIs and two workers, each in a process of its own
  test chaos --minutes N [--seed S] [--cluster]
                     mixed load while every process is killed, cut off and frozen, for N minutes; writes docs/chaos.md;
                     with --cluster on two processes, a primary and its standby, and three brokers
  test chaos --cluster
                     the same on the cluster for a minute, as part of the tests
  fuzz [--seconds N] send requests generated from the OpenAPI document (schemathesis), on a stack of its own; 120 s by default
  contracts          write docs/reference/openapi.json, docs/reference/events/*.schema.json, client/src/schema.ts and db/schema.sql
  screenshots        start everything, and write the pictures of the console: docs/images/console-*.png
  advisories         print the registry's advisories about the installed packages; exit 2 if it does not return them
  token [--sub NAME] [--scope "…"] [--ttl SECONDS]
                     print a development token (by default for "demo", all scopes, one hour)
  republish --all [--replace-topic] | --operation ID | [--user ID] [--from TIME] [--to TIME]  [--after POSITION]
                     publish events again, unchanged; --after resumes where an earlier run stopped;
                     --replace-topic deletes the topic first, after a restore of the ledger
  reconcile          start a saga for each open reservation that has none, and wake sagas without an open reservation
  bench [--quick] [--only SCENARIO] [--seconds N] [--rounds N] [--growth MILLIONS] [--soak MINUTES]
                     measure Saldo against simpler services, on a stack of its own; SCENARIO is one of
                     ${[...scenarioNames, "growth", "soak"].join(", ")}`;

class UsageError extends Error {}

/** With a Docker engine the stack runs in containers (docker-compose.yml), otherwise as processes. */
const commands: Record<string, (parameters: string[]) => Promise<number>> = {
  async demo(parameters) {
    const { values } = parse(parameters, { exit: { type: "boolean" } });
    await up();
    try {
      await runDemo();
    } finally {
      if (values.exit) await down();
    }
    return 0;
  },
  async up(parameters) {
    parse(parameters, {});
    await up();
    return 0;
  },
  async down(parameters) {
    parse(parameters, {});
    await down();
    return 0;
  },
  async reset(parameters) {
    parse(parameters, {});
    await (isDockerAnswering() ? composeReset() : createStack("demo").reset());
    return 0;
  },
  async status(parameters) {
    parse(parameters, {});
    return isDockerAnswering() ? await composeStatus() : await printStatus(createStack("demo"));
  },
  async test(parameters) {
    const options = {
      minutes: { type: "string" },
      seed: { type: "string" },
      processes: { type: "string", default: "one" },
      cluster: { type: "boolean", default: false },
    } as const;
    const { positionals, values } = parse(parameters, options, 1);
    const pattern = positionals[0] ?? "";
    const minutes = parsePositive("--minutes", values.minutes);
    const { cluster, seed } = values;
    if (pattern === "chaos" && minutes !== undefined) {
      const topology = cluster ? "cluster" : "single";
      return await runLongTest(topology, minutes, parseSeed(seed));
    }
    if (minutes !== undefined || seed !== undefined || (cluster && pattern !== "chaos")) {
      throw new UsageError("--minutes, --seed and --cluster are options of test chaos; --seed needs --minutes.");
    }
    if (cluster) return await runTests("test/cluster/", "one");
    return await runTests(pattern, parseProcesses(values.processes));
  },
  async fuzz(parameters) {
    const { values } = parse(parameters, { seconds: { type: "string", default: "120" } });
    return await runFuzz(parseSeconds("--seconds", values.seconds));
  },
  async contracts(parameters) {
    parse(parameters, {});
    return await updateContracts();
  },
  async screenshots(parameters) {
    parse(parameters, {});
    await up();
    await takeScreenshots();
    return 0;
  },
  async advisories(parameters) {
    parse(parameters, {});
    return await runAdvisories();
  },
  async token(parameters) {
    const { values } = parse(parameters, {
      sub: { type: "string", default: "demo" },
      scope: { type: "string", default: allScopes },
      ttl: { type: "string", default: "3600" },
    });
    const ttlSeconds = parseSeconds("--ttl", values.ttl);
    print(await mintToken({ sub: values.sub, scope: values.scope, ttlSeconds }));
    return 0;
  },
  async republish(parameters) {
    const { values } = parse(parameters, REPUBLISH_OPTIONS);
    // The local stack's ledger, unless the environment names another.
    return await runRepublish(values, { ...createStack("demo").environment, ...process.env });
  },
  async reconcile(parameters) {
    parse(parameters, {});
    return await runReconcile({ ...createStack("demo").environment, ...process.env });
  },
  async bench(parameters) {
    const { values } = parse(parameters, {
      quick: { type: "boolean", default: false },
      only: { type: "string" },
      seconds: { type: "string" },
      rounds: { type: "string" },
      growth: { type: "string" },
      soak: { type: "string" },
    });
    return await runBenchCommand({
      quick: values.quick,
      only: parseOnly(values.only),
      seconds: parsePositive("--seconds", values.seconds),
      rounds: parsePositive("--rounds", values.rounds),
      growthMillions: parsePositive("--growth", values.growth),
      soakMinutes: parsePositive("--soak", values.soak),
    });
  },
};

/** Loads the chaos suite only here. Its helpers connect to the stack that the environment names. */
async function runLongTest(topology: Topology, minutes: number, seed: number | undefined): Promise<number> {
  process.env.SALDO_TEST_STACK = topology === "cluster" ? "cluster" : "test";
  const { runLongChaos } = await import("./commands/chaos.ts");
  return await runLongChaos(topology, minutes, seed);
}

function parseOnly(only: string | undefined): ScenarioName | "growth" | "soak" | undefined {
  const names: readonly string[] = [...scenarioNames, "growth", "soak"];
  if (only !== undefined && !names.includes(only)) throw new UsageError(`--only must be one of ${names.join(", ")}.`);
  return only as ScenarioName | "growth" | "soak" | undefined;
}

function parsePositive(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (!(Number(value) > 0)) throw new UsageError(`${name} must be a number greater than zero.`);
  return Number(value);
}

function parseProcesses(processes: string): Processes {
  if (processes !== "one" && processes !== "many") throw new UsageError("--processes must be one or many.");
  return processes;
}

function parseSeed(seed: string | undefined): number | undefined {
  if (seed !== undefined && !/^\d{1,10}$/.test(seed)) throw new UsageError("--seed must have 1 to 10 digits.");
  return seed === undefined ? undefined : Number(seed);
}

async function up(): Promise<void> {
  await (isDockerAnswering() ? composeUp() : createStack("demo").up());
}

async function down(): Promise<void> {
  await (isDockerAnswering() ? composeDown() : createStack("demo").down());
}

function parseSeconds(option: string, value: string): number {
  const seconds = Number(value);
  if (!Number.isSafeInteger(seconds) || seconds < 1) {
    throw new UsageError(`${option} must be a whole number of seconds, at least 1.`);
  }
  return seconds;
}

function parse<Options extends ParseArgsOptionsConfig>(parameters: string[], options: Options, positionalsMax = 0) {
  try {
    const parsed = parseArgs({ args: parameters, options, allowPositionals: positionalsMax > 0 });
    if (parsed.positionals.length > positionalsMax)
      throw new Error(`Unexpected ${parsed.positionals[positionalsMax]}.`);
    return parsed;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

async function main([name = "--help", ...parameters]: string[]): Promise<number> {
  if (name === "--help" || name === "-h" || name === "help") {
    print(usage);
    return 0;
  }
  const command = commands[name];
  if (command === undefined) throw new UsageError(`Unknown command ${name}.`);
  return await command(parameters);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof UsageError || error instanceof RepublishRefused) {
    process.stderr.write(`${error.message}\n\n${usage}\n`);
    process.exitCode = 2;
  } else if (error instanceof StackError) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  } else {
    throw error;
  }
}
