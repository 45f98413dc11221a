import { mkdirSync, rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { Subprocess } from "bun";
import { devDirectory, rootDirectory, type StackName } from "../stack/site.ts";
import { createStack, processNames, type Stack, storeNames } from "../stack/stack.ts";
import { ensureTools } from "../stack/tools.ts";
import { print } from "../terminal.ts";

/**
 * In the order in which they run: what is quick and narrow first. What stands in different lanes of a stage runs side by side, since most of
 * it waits: workflows in namespaces of their own, what asks PostgreSQL in databases of its own. What kills servers (`pulling`, `chaos`), and
 * the benchmark, have stacks of their own.
 */
const stages = [
  [["unit"]],
  [["workflow", "e2e"], ["property", "integration", "pulling"], ["chaos"]],
  // By itself: its slots are short, and beside other tests some of them would end without an answer.
  [["bench"]],
] as const satisfies string[][][];
type Folder = (typeof stages)[number][number][number];
const folders: readonly Folder[] = stages.flat(2);

/** The stack that a folder's tests work on; undefined where they need none, or start their own. */
const stackNames: Record<Folder, StackName | undefined> = {
  unit: undefined,
  workflow: "test",
  property: "test",
  integration: "test",
  e2e: "test",
  bench: undefined,
  pulling: "pulling",
  chaos: "chaos",
};

/** A test that waits for a server's recovery takes long; one that hangs must end some day. */
const testTimeoutMs = 120_000;

interface Tally {
  passed: number;
  /** A line each: which test, or what else went wrong. */
  failures: string[];
}

/** Whether the service under test is one process, or two APIs and two workers, whom the tests ask in turn. */
export type Processes = "one" | "many";

/** Type check, lint, then the tests whose path contains `pattern`, on a clean stack. @returns the exit code. */
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
  announce("type check");
  const typesAreGood = await succeeds(["x", "--bun", "tsc", "--noEmit"]);
  announce("lint");
  const lintIsGood = await succeeds(["x", "--bun", "biome", "check", "--error-on-warnings"]);
  if (!typesAreGood || !lintIsGood) return 1;

  const stacks = new Map<StackName, { stack: Stack; isClean: Promise<void> }>();
  const cleanStack = async (name: StackName): Promise<Stack> => {
    const begun = stacks.get(name) ?? begin(name, announce);
    stacks.set(name, begun);
    await begun.isClean;
    return begun.stack;
  };
  const total: Tally = { passed: 0, failures: [] };
  const runFolder = async (folder: Folder) => {
    const files = selection.get(folder);
    if (isInterrupted || files === undefined) return;
    const name = stackNames[folder];
    const stack = name && (await cleanStack(name));
    announce(`test/${folder}`);
    if (folder === "e2e") await ensureTools("chromium");
    const isMany = folder === "e2e" && processes === "many";
    if (isMany) await stack?.up([...storeNames, ...processNames]);
    else if (folder === "e2e" || folder === "pulling" || folder === "chaos") await stack?.up();
    const { passed, failures } = await runFiles(folder, files, {
      ...stack?.environment,
      ...(name && { SALDO_TEST_STACK: name }),
      SALDO_TEST_PROCESSES: isMany ? "many" : "one",
    });
    total.passed += passed;
    total.failures.push(...failures);
  };
  try {
    for (const lanes of stages) {
      await Promise.all(
        lanes.map(async (lane) => {
          for (const folder of lane) await runFolder(folder);
        }),
      );
    }
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
    await stack.up(storeNames);
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
  // Bun makes no folder for its report.
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
  // A run that broke down without a word in its report has failed all the same.
  return succeeded || tally.failures.length > 0 ? tally : { ...tally, failures: [`test/${folder} broke down`] };
}

/** What passed and what failed, from the report; a file that is not in it could not be loaded, or was never reached. */
async function readReport(report: string, files: string[]): Promise<Tally> {
  const xml = await Bun.file(report)
    .text()
    .catch(() => "");
  const reported = new Set([...xml.matchAll(/<testsuite [^>]*file="([^"]*)"/g)].map((match) => match[1]));
  // What has failed, or was skipped, says so within its element; what has passed has nothing in it.
  const tests = [...xml.matchAll(/<testcase name="[^"]*"[^>]* file="([^"]*)"(?: line="(\d+)")?[^>]*?(\/?)>/g)];
  const failed = tests.filter(([, , , closing]) => closing === "");
  return {
    passed: tests.length - failed.length,
    failures: [
      // What failed before or after all tests of a file has no line.
      ...failed.map(([, file, line]) => (line ? `${file}:${line}` : `${file}, around its tests`)),
      ...files.filter((file) => !reported.has(file)).map((file) => `${file} was not run`),
    ],
  };
}

/** The programs that are running for this one. */
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

/** Ends what is running; the stack is then stopped in the ordinary way, after a start that is under way. */
function stopOnSignal(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      isInterrupted = true;
      for (const child of children) child.kill("SIGKILL");
    });
  }
}
