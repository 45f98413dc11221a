import { Client } from "pg";
import { auditFleet } from "../audit/fleetAudit.ts";
import { describeLoad } from "../load/loads.ts";
import type { ScenarioName } from "../load/scenarios.ts";
import { computeFigures, eventsFigures } from "../report/figures.ts";
import { describeMachine, type Results } from "../report/results.ts";
import { createFleet, type Fleet, type VariantName, variantTitles } from "../variants/fleet.ts";
import { type Growth, growthFigures, measureGrowth } from "./growth.ts";
import { makePlan, planWarmUp } from "./plan.ts";
import { type AnsweredKeys, createSlotRunner, type Measurement, type Pace, type Slot } from "./slot.ts";
import { type Soak, soak, soakFigure } from "./soak.ts";

export type BenchOptions = {
  pace: Pace;
  /** Repetitions of each load that has a goal. */
  rounds: number;
  quick: boolean;
  only: ScenarioName | undefined;
  /** Whether the variants are compared. */
  compares: boolean;
  /** Number of entries that the ledger is grown to; undefined to skip that. */
  growthEntries: number | undefined;
  /** Minutes of load without a pause; undefined to skip that. */
  soakMinutes: number | undefined;
  onProgress(text: string): void;
  /** Aborted on SIGINT or SIGTERM. */
  signal: AbortSignal;
};

/** The results of one task on a stack. */
type StageResult = { measurements: Measurement[]; growth?: Growth; soak?: Soak };

type StageContext = {
  fleet: Fleet;
  options: BenchOptions;
  measure(slot: Slot): Promise<Measurement>;
  /** Warms up each variant that had no load on this stack yet. */
  warmUp(variants: Iterable<VariantName>): Promise<void>;
};

/** Runs all selected measurements. Each stack is audited before it is stopped. */
export async function runBench(options: BenchOptions): Promise<Results> {
  // The ledger must grow from empty, so on a stack of its own. A quick run shares one: its speeds mean nothing.
  const stages = options.quick ? [[growLedger, soakSaldo, compare]] : [[compare, soakSaldo], [growLedger]];
  const results: Results = {
    at: new Date().toISOString(),
    machine: describeMachine(),
    ...{ pace: options.pace, rounds: options.rounds },
    ...{ figures: [], measurements: [], growth: undefined, soak: undefined, audits: {} },
  };
  for (const tasks of stages) await runStage(tasks, options, results);
  const { measurements, growth, soak } = results;
  results.figures = [
    ...computeFigures(measurements),
    ...eventsFigures(measurements),
    ...growthFigures(growth),
    soakFigure(soak),
  ];
  return results;
}

async function runStage(
  tasks: ((context: StageContext) => Promise<StageResult>)[],
  options: BenchOptions,
  results: Results,
): Promise<void> {
  const selected = tasks.filter((task) => isSelected(task, options));
  if (selected.length === 0) return;
  const fleet = await createFleet();
  try {
    const answered: AnsweredKeys = new Map();
    const measure = createSlotRunner(fleet, options.pace, answered, options.signal);
    const warmUps = new Map<VariantName, Measurement>();
    const warmUp = createWarmUp(options, measure, warmUps);
    const measurements: Measurement[] = [];
    for (const task of selected) {
      const found = await task({ fleet, options, measure, warmUp });
      measurements.push(...found.measurements);
      results.growth ??= found.growth;
      results.soak ??= found.soak;
    }
    options.onProgress("auditing");
    const { audits, slots } = await auditFleet(fleet, [...warmUps.values(), ...measurements], answered);
    results.measurements.push(...measurements.map((one) => ({ ...one, audited: slots.get(one.caller) ?? {} })));
    const suffix = selected.includes(compare) ? "" : ` (${selected.includes(growLedger) ? "grown" : "long load"})`;
    for (const [ledger, audit] of Object.entries(audits)) results.audits[`${ledger}${suffix}`] = audit;
  } finally {
    await fleet.stop();
  }
}

function isSelected(task: (context: StageContext) => Promise<StageResult>, options: BenchOptions): boolean {
  if (task === compare) return options.compares;
  return (task === growLedger ? options.growthEntries : options.soakMinutes) !== undefined;
}

/** Warm-ups are audited too, so their measurements are kept in `done`. */
function createWarmUp(
  { quick, onProgress }: BenchOptions,
  measure: StageContext["measure"],
  done: Map<VariantName, Measurement>,
): StageContext["warmUp"] {
  return async (variants) => {
    for (const variant of new Set(variants)) {
      const slot = planWarmUp(variant, quick);
      if (slot === undefined || done.has(variant)) continue;
      onProgress(`warming up: ${describeLoad(slot)}, ${variantTitles[variant]}`);
      done.set(variant, await measure(slot));
    }
  };
}

/** Measures the variants against each other. */
async function compare({ fleet, options, measure, warmUp }: StageContext): Promise<StageResult> {
  await fleet.fillCache();
  const plan = makePlan(options);
  const slots = plan.flatMap(({ slots, rounds }) => Array.from({ length: rounds }, () => slots).flat());
  await warmUp(slots.map(({ variant }) => variant));
  const measurements: Measurement[] = [];
  for (const [index, slot] of slots.entries()) {
    const measurement = await measure(slot);
    measurements.push(measurement);
    const speed = `${measurement.perSecond.toFixed(0)}/s, p50 ${measurement.latencyMs.p50.toFixed(1)} ms`;
    options.onProgress(
      `${index + 1} of ${slots.length}: ${describeLoad(slot)}, ${variantTitles[slot.variant]}: ${speed}`,
    );
  }
  return { measurements };
}

async function soakSaldo({ fleet, options, measure, warmUp }: StageContext): Promise<StageResult> {
  await warmUp(["saldo"]);
  const { processes } = await fleet.use("saldo");
  const { soakMinutes = 0, onProgress } = options;
  onProgress(`${soakMinutes} minutes of load`);
  const parts = { service: processes, ...fleet.stores };
  const { soak: soaked, measurement } = await soak(soakMinutes, parts, measure);
  return { measurements: [measurement], soak: soaked };
}

async function growLedger({ fleet, options, measure, warmUp }: StageContext): Promise<StageResult> {
  await warmUp(["saldo", "tuned"]);
  const { growthEntries = 0, rounds, onProgress } = options;
  const client = new Client({ connectionString: fleet.ownerUrl("saldo") });
  await client.connect();
  try {
    return await measureGrowth({ entriesMax: growthEntries, rounds, measure, client, onProgress });
  } finally {
    await client.end();
  }
}
