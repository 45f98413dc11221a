import { mkdirSync, rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { Subprocess } from "bun";
import { devDirectory, rootDirectory, type StackName } from "../stack/site.ts";
import { createStack, processNames, type Stack, storeNames } from "../stack/stack.ts";
import { ensureTools } from "../stack/tools.ts";
import { print } from "../terminal.ts";

/**
 * Lanes run in parallel, since most tests wait. They take about as long as each other.
 * Workflow tests have namespaces of their own, tests of PostgreSQL databases of their own. Tests that kill servers
 * (`pulling`, `operating`, `chaos`, `cluster`) and the benchmark have other stacks.
 */
const lanes = [
  ["chaos"],
  ["e2e"],
  ["workflow", "pulling"],
  ["integration", "bench"],
  ["unit", "repo", "cluster", "operating", "property"],
] as const satisfies string[][];
type Folder = (typeof lanes)[number][number];
const folders: readonly Folder[] = lanes.flat();

/** The stack of each folder's tests; undefined for no stack, or one of their own. */
const stackNames: Record<Folder, StackName | undefined> = {
  unit: undefined,
  repo: undefined,
  workflow: "test",
  property: "test",
  integration: "test",
  e2e: "test",
  bench: undefined,
  pulling: "pulling",
  operating: "operating",
  chaos: "chaos",
  cluster: "cluster",
};

/** Long enough for a server's recovery; ends a test that hangs. */
const testTimeoutMs = 120_000;

interface Tally {
  passed: number;
  /** A line for each failed test, file that did not run, or crashed run. */
  failures: string[];
}

/** The service under test: one process, or two APIs, called in turn, and two workers. */
export type Processes = "one" | "many";

/** Runs type check, lint, then the tests whose path contains `pattern`. @returns the exit code. */
export async function runTests(pattern: string, processes: Processes): Promise<number> {
  const startedAt = performance.now();
  const announce = (stage: string) => {
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    print(`\n[${`${seconds}`.padStart(4)} s] ${stage}`);
  };
  const selection = selectFiles(pattern);
  if (selection.size === 0) {
    print(`No test file's path contains "${pattern}".`);
    return 1;
  }

  stopOnSignal();
  announce("type check and lint");
  const checks = await Promise.all([
    succeeds(["x", "--bun", "tsc", "--noEmit"]),
    succeeds(["x", "--bun", "tsc", "--noEmit", "--project", "console"]),
    succeeds(["x", "--bun", "biome", "check", "--error-on-warnings"]),
  ]);
  if (checks.includes(false)) return 1;

  const stacks = new Map<StackName, { stack: Stack; isClean: Promise<void> }>();
  const cleanStack = async (name: StackName): Promise<Stack> => {
    const begun = stacks.get(name) ?? begin(name, announce);
    stacks.set(name, begun);
    await begun.isClean;
    return begun.stack;
  };
  const remaining = new Set(selection.keys());
  /** Idle servers slow down the tests that are still running. */
  const stopUnused = async (done: Folder) => {
    remaining.delete(done);
    const name = stackNames[done];
    if (name === undefined || [...remaining].some((folder) => stackNames[folder] === name)) return;
    await stacks.get(name)?.stack.down();
    stacks.delete(name);
  };
  const total: Tally = { passed: 0, failures: [] };
  const runFolder = async (folder: Folder) => {
    const files = selection.get(folder);
    if (isInterrupted || files === undefined) return;
    const name = stackNames[folder];
    const stack = name && (await cleanStack(name));
    announce(`test/${folder}`);
    if (folder === "e2e" || folder === "chaos") await ensureTools("chromium-headless-shell", "prometheus");
    const isMany = folder === "e2e" && processes === "many";
    if (isMany) await stack?.up([...storeNames, ...processNames]);
    else if (["e2e", "pulling", "chaos", "cluster"].includes(folder)) await stack?.up();
    const { passed, failures } = await runFiles(folder, files, {
      ...stack?.environment,
      ...(name && { SALDO_TEST_STACK: name }),
      SALDO_TEST_PROCESSES: isMany ? "many" : "one",
    });
    total.passed += passed;
    total.failures.push(...failures);
  };
  try {
    await Promise.all(
      lanes.map(async (lane) => {
        for (const folder of lane) {
          // A stack that does not start fails its own folder. The other lanes are still using theirs.
          try {
            await runFolder(folder);
            await stopUnused(folder);
          } catch (error) {
            total.failures.push(`test/${folder}: ${error}`);
          }
        }
      }),
    );
  } finally {
    if (stacks.size > 0) announce("stopping");
    for (const { stack } of stacks.values()) await stack.down();
  }
  if (isInterrupted) return 130;
  announce("done");
  for (const failure of total.failures) print(`failed: ${failure}`);
  print(`${total.passed} passed, ${total.failures.length} failed`);
  return total.failures.length === 0 && total.passed > 0 ? 0 : 1;
}

function begin(name: StackName, announce: (stage: string) => void): { stack: Stack; isClean: Promise<void> } {
  const stack = createStack(name);
  const clean = async () => {
    announce("a clean stack");
    await stack.reset();
    await stack.up(stack.stores);
  };
  return { stack, isClean: clean() };
}

function selectFiles(pattern: string): Map<Folder, string[]> {
  const selection = new Map<Folder, string[]>();
  for (const folder of folders) {
    const files = [...new Bun.Glob(`test/${folder}/**/*.test.ts`).scanSync({ cwd: rootDirectory })]
      .filter((file) => file.includes(pattern))
      .toSorted((a, b) => (a < b ? -1 : 1));
    if (files.length > 0) selection.set(folder, files);
  }
  return selection;
}

async function runFiles(folder: Folder, files: string[], environment: Record<string, string>): Promise<Tally> {
  const report = join(devDirectory, "test", "report", `${folder}.xml`);
  rmSync(report, { force: true });
  // Bun does not create the folder of its report.
  mkdirSync(dirname(report), { recursive: true });
  const succeeded = await succeeds(
    [
      ...[
        "test",
        "--timeout",
        `${testTimeoutMs}`,
        "--reporter=junit",
        `--reporter-outfile=${relative(rootDirectory, report)}`,
      ],
      ...files.map((file) => `./${file}`),
    ],
    environment,
  );
  const tally = await readReport(report, files);
  // A failure by exit code counts too, also if the report has no failed test.
  return succeeded || tally.failures.length > 0 ? tally : { ...tally, failures: [`test/${folder} crashed`] };
}

/** Counts a JUnit report. A file that is missing in it could not be loaded or was not reached. */
async function readReport(report: string, files: string[]): Promise<Tally> {
  const xml = await Bun.file(report)
    .text()
    .catch(() => "");
  const reported = new Set([...xml.matchAll(/<testsuite [^>]*file="([^"]*)"/g)].map((match) => match[1]));
  // A failed or skipped test's element has a child; a passed test's is empty.
  const tests = [...xml.matchAll(/<testcase name="[^"]*"[^>]* file="([^"]*)"(?: line="(\d+)")?[^>]*?(\/?)>/g)];
  const failed = tests.filter(([, , , closing]) => closing === "");
  return {
    passed: tests.length - failed.length,
    failures: [
      // A failure in `beforeAll` or `afterAll` has no line.
      ...failed.map(([, file, line]) => (line ? `${file}:${line}` : `${file}, around its tests`)),
      ...files.filter((file) => !reported.has(file)).map((file) => `${file} was not run`),
    ],
  };
}

/** The child processes that are running. */
const children = new Set<Subprocess>();
let isInterrupted = false;

async function succeeds(parameters: string[], environment: Record<string, string> = {}): Promise<boolean> {
  const child = Bun.spawn([process.execPath, ...parameters], {
    cwd: rootDirectory,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "inherit", "inherit"],
  });
  children.add(child);
  const code = await child.exited;
  children.delete(child);
  return code === 0;
}

/** Kills the running children on a signal. `runTests` then stops the stacks, once a start in progress has ended. */
function stopOnSignal(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      isInterrupted = true;
      for (const child of children) child.kill("SIGKILL");
    });
  }
}
