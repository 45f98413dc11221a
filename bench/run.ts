import { Client } from "pg";
import { computeFigures } from "./figures.ts";
import { type Growth, growthFigure, measureGrowth } from "./growth.ts";
import { makePlan, planRehearsals } from "./plan.ts";
import { describeLoad } from "./report.ts";
import { describeMachine, type Results } from "./results.ts";
import type { ScenarioName } from "./scenarios.ts";
import { type Answered, createTrack, type Measurement, type Pace, type Slot } from "./slot.ts";
import { type Soak, soak, soakFigure } from "./soak.ts";
import { createFleet, type Fleet, variantTitles } from "./variants.ts";
import { auditFleet } from "./verdict.ts";

export type BenchOptions = {
  pace: Pace;
  /** How often what has a goal is measured. */
  rounds: number;
  quick: boolean;
  only: ScenarioName | undefined;
  /** Whether variants are compared at all. */
  compares: boolean;
  /** To how many entries the ledger is grown; not at all where undefined. */
  growthEntries: number | undefined;
  /** How long Saldo is loaded without a pause; not at all where undefined. */
  soakMinutes: number | undefined;
  say(text: string): void;
  /** Aborted where whoever runs it has had enough. */
  signal: AbortSignal;
};

/** What some work on a stack has found. */
type Found = { measurements: Measurement[]; rehearsals?: Measurement[]; growth?: Growth; soak?: Soak };

type Tools = {
  fleet: Fleet;
  options: BenchOptions;
  measure(slot: Slot): Promise<Measurement>;
};

/** Everything that was asked for, on stacks that are audited before they are given up. */
export async function runBench(options: BenchOptions): Promise<Results> {
  // A ledger that is to grow from nothing needs a stack of its own, unless nobody will look at how fast it was.
  const stages = options.quick ? [[growLedger, loadForLong, compare]] : [[compare, loadForLong], [growLedger]];
  const results: Results = {
    at: new Date().toISOString(),
    machine: describeMachine(),
    ...{ pace: options.pace, rounds: options.rounds },
    ...{ figures: [], measurements: [], growth: undefined, soak: undefined, audits: {} },
  };
  for (const works of stages) await runStage(works, options, results);
  const { measurements, growth, soak } = results;
  return { ...results, figures: [...computeFigures(measurements), growthFigure(growth), soakFigure(soak)] };
}

async function runStage(
  works: ((tools: Tools) => Promise<Found>)[],
  options: BenchOptions,
  results: Results,
): Promise<void> {
  const asked = works.filter((work) => isAsked(work, options));
  if (asked.length === 0) return;
  const fleet = await createFleet();
  try {
    const answered: Answered = new Map();
    const measure = createTrack(fleet, options.pace, answered, options.signal);
    const measurements: Measurement[] = [];
    for (const work of asked) {
      const found = await work({ fleet, options, measure });
      // What was only a rehearsal is audited as well.
      measurements.push(...(found.rehearsals ?? []), ...found.measurements);
      results.growth ??= found.growth;
      results.soak ??= found.soak;
      if (work === compare) results.measurements = found.measurements.map((one) => ({ ...one, delays: {} }));
    }
    options.say("auditing");
    const { audits, delays } = await auditFleet(fleet, measurements, answered);
    if (asked.includes(compare)) for (const one of results.measurements) one.delays = delays.get(one.caller) ?? {};
    const suffix = asked.includes(compare) ? "" : ` (${asked.includes(growLedger) ? "grown" : "long load"})`;
    for (const [ledger, audit] of Object.entries(audits)) results.audits[`${ledger}${suffix}`] = audit;
  } finally {
    await fleet.stop();
  }
}

function isAsked(work: (tools: Tools) => Promise<Found>, options: BenchOptions): boolean {
  if (work === compare) return options.compares;
  return (work === growLedger ? options.growthEntries : options.soakMinutes) !== undefined;
}

/** The variants against each other. */
async function compare({ fleet, options, measure }: Tools): Promise<Found> {
  await fleet.fillCache();
  const plan = makePlan(options);
  const slots = plan.flatMap(({ slots, rounds }) => Array.from({ length: rounds }, () => slots).flat());
  const rehearsals: Measurement[] = [];
  for (const slot of planRehearsals(slots, options.quick)) {
    options.say(`warming up: ${describeLoad(slot)}, ${variantTitles[slot.variant]}`);
    rehearsals.push(await measure(slot));
  }
  const measurements: Measurement[] = [];
  for (const [index, slot] of slots.entries()) {
    const measurement = await measure(slot);
    measurements.push(measurement);
    const speed = `${measurement.perSecond.toFixed(0)}/s, p50 ${measurement.latencyMs.p50.toFixed(1)} ms`;
    options.say(`${index + 1} of ${slots.length}: ${describeLoad(slot)}, ${variantTitles[slot.variant]}: ${speed}`);
  }
  return { measurements, rehearsals };
}

async function loadForLong({ fleet, options, measure }: Tools): Promise<Found> {
  const { processes } = await fleet.use("saldo");
  const { soakMinutes = 0, say } = options;
  say(`${soakMinutes} minutes of load`);
  const parts = { service: processes, ...fleet.stores };
  const { soak: soaked, measurement } = await soak(soakMinutes, parts, measure);
  return { measurements: [measurement], soak: soaked };
}

async function growLedger({ fleet, options, measure }: Tools): Promise<Found> {
  const { growthEntries = 0, rounds, say } = options;
  const client = new Client({ connectionString: fleet.ownerUrl("saldo") });
  await client.connect();
  try {
    return await measureGrowth({ entriesMax: growthEntries, rounds, measure, client, say });
  } finally {
    await client.end();
  }
}
