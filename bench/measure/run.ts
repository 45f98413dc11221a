import { Client } from "pg";
import { auditFleet } from "../audit/verdict.ts";
import { describeLoad } from "../load/loads.ts";
import type { ScenarioName } from "../load/scenarios.ts";
import { computeFigures, eventsFigures } from "../report/figures.ts";
import { describeMachine, type Results } from "../report/results.ts";
import { createFleet, type Fleet, type VariantName, variantTitles } from "../variants/variants.ts";
import { type Growth, growthFigures, measureGrowth } from "./growth.ts";
import { makePlan, planRehearsal } from "./plan.ts";
import { type Answered, createTrack, type Measurement, type Pace, type Slot } from "./slot.ts";
import { type Soak, soak, soakFigure } from "./soak.ts";

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
type Found = { measurements: Measurement[]; growth?: Growth; soak?: Soak };

type Tools = {
  fleet: Fleet;
  options: BenchOptions;
  measure(slot: Slot): Promise<Measurement>;
  /** Loads each variant that had no load on this stack yet. */
  rehearse(variants: Iterable<VariantName>): Promise<void>;
};

/** Everything that was asked for, on stacks that are audited before they are given up. */
export async function runBench(options: BenchOptions): Promise<Results> {
  // The ledger must grow from nothing, so on a stack of its own. A quick run, whose speeds have no meaning, shares one.
  const stages = options.quick ? [[growLedger, loadForLong, compare]] : [[compare, loadForLong], [growLedger]];
  const results: Results = {
    at: new Date().toISOString(),
    machine: describeMachine(),
    ...{ pace: options.pace, rounds: options.rounds },
    ...{ figures: [], measurements: [], growth: undefined, soak: undefined, audits: {} },
  };
  for (const works of stages) await runStage(works, options, results);
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
    const rehearsals = new Map<VariantName, Measurement>();
    const rehearse = createRehearsal(options, measure, rehearsals);
    const measurements: Measurement[] = [];
    for (const work of asked) {
      const found = await work({ fleet, options, measure, rehearse });
      measurements.push(...found.measurements);
      results.growth ??= found.growth;
      results.soak ??= found.soak;
    }
    options.say("auditing");
    const { audits, slots } = await auditFleet(fleet, [...rehearsals.values(), ...measurements], answered);
    results.measurements.push(...measurements.map((one) => ({ ...one, audited: slots.get(one.caller) ?? {} })));
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

/** Rehearsals are audited like anything else, so they are kept in `done`. */
function createRehearsal(
  { quick, say }: BenchOptions,
  measure: Tools["measure"],
  done: Map<VariantName, Measurement>,
): Tools["rehearse"] {
  return async (variants) => {
    for (const variant of new Set(variants)) {
      const slot = planRehearsal(variant, quick);
      if (slot === undefined || done.has(variant)) continue;
      say(`warming up: ${describeLoad(slot)}, ${variantTitles[variant]}`);
      done.set(variant, await measure(slot));
    }
  };
}

/** The variants against each other. */
async function compare({ fleet, options, measure, rehearse }: Tools): Promise<Found> {
  await fleet.fillCache();
  const plan = makePlan(options);
  const slots = plan.flatMap(({ slots, rounds }) => Array.from({ length: rounds }, () => slots).flat());
  await rehearse(slots.map(({ variant }) => variant));
  const measurements: Measurement[] = [];
  for (const [index, slot] of slots.entries()) {
    const measurement = await measure(slot);
    measurements.push(measurement);
    const speed = `${measurement.perSecond.toFixed(0)}/s, p50 ${measurement.latencyMs.p50.toFixed(1)} ms`;
    options.say(`${index + 1} of ${slots.length}: ${describeLoad(slot)}, ${variantTitles[slot.variant]}: ${speed}`);
  }
  return { measurements };
}

async function loadForLong({ fleet, options, measure, rehearse }: Tools): Promise<Found> {
  await rehearse(["saldo"]);
  const { processes } = await fleet.use("saldo");
  const { soakMinutes = 0, say } = options;
  say(`${soakMinutes} minutes of load`);
  const parts = { service: processes, ...fleet.stores };
  const { soak: soaked, measurement } = await soak(soakMinutes, parts, measure);
  return { measurements: [measurement], soak: soaked };
}

async function growLedger({ fleet, options, measure, rehearse }: Tools): Promise<Found> {
  await rehearse(["saldo", "tuned"]);
  const { growthEntries = 0, rounds, say } = options;
  const client = new Client({ connectionString: fleet.ownerUrl("saldo") });
  await client.connect();
  try {
    return await measureGrowth({ entriesMax: growthEntries, rounds, measure, client, say });
  } finally {
    await client.end();
  }
}
