import { mkdirSync } from "node:fs";
import { join, relative } from "node:path";
import type { ScenarioName } from "../../bench/load/scenarios.ts";
import { runBench } from "../../bench/measure/run.ts";
import { drawThroughput } from "../../bench/report/chart.ts";
import { describeGoal, judge } from "../../bench/report/figures.ts";
import { drawGoals } from "../../bench/report/goalChart.ts";
import { isClean, type Results } from "../../bench/report/results.ts";
import { writeSummary } from "../../bench/report/summary.ts";
import { devDirectory, rootDirectory, StackError } from "../stack/site.ts";
import { print } from "../terminal.ts";

export type BenchCommand = {
  quick: boolean;
  only: ScenarioName | "growth" | "soak" | undefined;
  growthMillions: number | undefined;
  soakMinutes: number | undefined;
  /** Measured seconds of each slot; undefined for the default. */
  seconds: number | undefined;
  /** Repetitions of each load that has a goal; undefined for the default. */
  rounds: number | undefined;
};

/** Long enough to compile hot code, and to make a checkpoint or sweep insignificant. */
const FULL = { pace: { quietSecondsMax: 15, warmUpSeconds: 3, seconds: 10 }, rounds: 3 };
/** Proves only that every figure is measured: its values mean nothing. */
const QUICK = { pace: { quietSecondsMax: 0, warmUpSeconds: 0.1, seconds: 0.3 }, rounds: 1 };
const QUICK_GROWTH_MILLIONS = 0.03;
const QUICK_SOAK_MINUTES = 0.02;
const GROWTH_MILLIONS = 10;
const SOAK_MINUTES = 10;

const reportDirectory = join(devDirectory, "bench", "report");

/** Measures, audits and reports. @returns 0 unless the audit has findings; a missed goal only shows in the report. */
export async function runBenchCommand(command: BenchCommand): Promise<number> {
  const { quick, only, growthMillions, soakMinutes } = command;
  const startedAt = performance.now();
  const onProgress = (text: string) => {
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    print(`[${`${seconds}`.padStart(4)} s] ${text}`);
  };
  const growth = growthMillions ?? (only === "growth" ? GROWTH_MILLIONS : undefined);
  const soak = soakMinutes ?? (only === "soak" ? SOAK_MINUTES : undefined);
  const { pace, rounds } = quick ? QUICK : FULL;
  const results = await runBench({
    pace: { ...pace, seconds: command.seconds ?? pace.seconds },
    rounds: command.rounds ?? rounds,
    quick,
    only: only === "growth" || only === "soak" ? undefined : only,
    compares: only !== "growth" && only !== "soak",
    growthEntries: entriesOf(growth ?? (quick && only === undefined ? QUICK_GROWTH_MILLIONS : undefined)),
    soakMinutes: soak ?? (quick && only === undefined ? QUICK_SOAK_MINUTES : undefined),
    onProgress,
    signal: abortOnSignal(),
  });
  const isWhole = !quick && only === undefined;
  const directory = isWhole ? join(rootDirectory, "docs", "bench") : reportDirectory;
  await writeReport(directory, results);
  printFigures(results, only === undefined);
  onProgress(`the report is in ${relative(rootDirectory, directory)}`);
  return isClean(results) ? 0 : 1;
}

/** Aborts the running slot on a signal; `runBench` then stops the stack. */
function abortOnSignal(): AbortSignal {
  const interruption = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => interruption.abort(new StackError("Interrupted.")));
  }
  return interruption.signal;
}

function entriesOf(millions: number | undefined): number | undefined {
  return millions === undefined ? undefined : Math.round(millions * 1_000_000);
}

/** Writes the raw results below .dev only, and the tables and charts to `directory`. */
async function writeReport(directory: string, results: Results): Promise<void> {
  for (const path of [directory, reportDirectory]) mkdirSync(path, { recursive: true });
  await Bun.write(join(reportDirectory, "results.json"), `${JSON.stringify(results, undefined, 1)}\n`);
  await Bun.write(join(directory, "summary.md"), writeSummary(results));
  await Bun.write(join(directory, "goals.svg"), drawGoals(results.figures));
  await Bun.write(join(directory, "throughput.svg"), drawThroughput(results));
}

/** Prints verdicts of figures and audits. `all` includes the figures that this run did not measure. */
function printFigures(results: Results, all: boolean): void {
  print();
  for (const figure of results.figures) {
    const verdict = judge(figure);
    if (verdict === "not measured" && !all) continue;
    const value = figure.value?.toFixed(2) ?? "–";
    const plain = figure.againstPlain === undefined ? "" : ` (÷ plain: ${figure.againstPlain.toFixed(2)})`;
    print(
      `${verdict.padEnd(13)} ${value.padStart(6)}  ${describeGoal(figure).padEnd(7)} ${figure.load}: ${figure.title}${plain}`,
    );
  }
  for (const [ledger, { answered, entries, events, findings }] of Object.entries(results.audits)) {
    const counts = `${answered} responses of 200, ${entries} entries, ${events} events`;
    print(
      `audit of ${ledger}: ${findings.length === 0 ? "nothing lost, nothing duplicated" : findings.join("; ")} (${counts})`,
    );
  }
}
