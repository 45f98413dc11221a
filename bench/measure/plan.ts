import { batches, closedLoop, describeLoad, type Load, openLoop, READ_CONNECTIONS } from "../load/loads.ts";
import type { ScenarioName } from "../load/scenarios.ts";
import type { VariantName } from "../variants/variants.ts";
import type { Slot } from "./slot.ts";

/** Slots that are compared with each other: they run in turn, close in time, `rounds` times. */
export type Group = { slots: Slot[]; rounds: number };

export type PlanOptions = {
  /** How often the figures that have a goal are measured. */
  rounds: number;
  quick: boolean;
  only: ScenarioName | undefined;
};

const CLOSED_SCENARIOS = ["transfers", "hot-receiver", "reserve-recognize", "deposits", "balance-reads"] as const;
const CONNECTIONS = [1, 32, 128, 512];

/** Requests a second: from easy to more than a plain service can do. */
const OPEN_LOOP_RATES = [500, 1000, 2000, 4000];
const JUDGED_OPEN_LOOP_RATE = 1000;

/** Answers take some eight seconds: the measured time must begin, and end, well after that. */
const UNGROUPED_512_PACE = { warmUpSeconds: 12, seconds: 20 };
const UNGROUPED_512_QUICK_PACE = { warmUpSeconds: 1, seconds: 6 };

/** The slots of a run in their order. One workflow an operation comes last, since it leaves a long queue behind. */
export function makePlan({ rounds, quick, only }: PlanOptions): Group[] {
  const judged = judgedSlots(quick);
  const shown = quick ? [compare(closedLoop("deposits", 32), "saldo")] : shownSlots(judged);
  const ungrouped = quick
    ? []
    : [1, 32].map((connections) => compare(closedLoop("transfers", connections), "ungrouped"));
  const ungrouped512 = compare(closedLoop("transfers", 512), "ungrouped").map((slot) => ({
    ...slot,
    pace: quick ? UNGROUPED_512_QUICK_PACE : UNGROUPED_512_PACE,
  }));
  return [
    ...judged.map((slots) => ({ slots, rounds })),
    ...[...shown, ...ungrouped, ungrouped512].map((slots) => ({ slots, rounds: 1 })),
  ].filter(({ slots }) => only === undefined || slots.some(({ scenario }) => scenario === only));
}

/** Whatever has a goal, beside its divisors. A quick run proves with one load that the plain service is measured. */
function judgedSlots(quick: boolean): Slot[][] {
  const plain: VariantName[] = quick ? [] : ["plain"];
  const againstTuned = (scenario: ScenarioName, connections: number) =>
    compare(closedLoop(scenario, connections), "saldo", "tuned", ...plain);
  return [
    [
      // The first of a lone caller waits for the start of a carrier, which on a busy machine takes longer than a quick slot.
      ...compare(closedLoop("transfers", 1), "saldo", "tuned", "plain").map((slot) => ({
        ...slot,
        ...(quick && { pace: { warmUpSeconds: 2, seconds: 2 } }),
      })),
      ...compare(closedLoop("empty-workflow", 1), "empty"),
    ],
    againstTuned("transfers", 32),
    againstTuned("transfers", 128),
    [
      ...againstTuned("transfers", 512),
      ...compare(batches("batches-of-100"), "saldo"),
      ...compare(batches("batches-of-1000"), "saldo"),
    ],
    ...[32, 512].map((connections) => againstTuned("hot-receiver", connections)),
    ...[32, 128, 512].map((connections) => againstTuned("reserve-recognize", connections)),
    compare(openLoop(JUDGED_OPEN_LOOP_RATE), "saldo", "tuned", ...plain),
    compare(closedLoop("balance-reads", READ_CONNECTIONS), "saldo", "bare", ...plain),
  ];
}

/** The loads without a goal, once each, beside the tuned plain service. */
function shownSlots(judged: Slot[][]): Slot[][] {
  const names = new Set(judged.flat().map(describeLoad));
  const loads: Load[] = [
    ...CLOSED_SCENARIOS.flatMap((scenario) => CONNECTIONS.map((connections) => closedLoop(scenario, connections))),
    ...OPEN_LOOP_RATES.map(openLoop),
  ];
  return [
    ...loads.filter((load) => !names.has(describeLoad(load))).map((load) => compare(load, "saldo", "tuned")),
    compare(closedLoop("empty-workflow", 32), "empty"),
  ];
}

function compare(load: Load, ...variants: VariantName[]): Slot[] {
  return variants.map((variant) => ({ variant, ...load }));
}

/**
 * The load that a variant gets before it is measured. An engine compiles hot code: that takes longer in a service of many parts, and
 * longest at 30 requests a second. Saldo without grouping has none: it is too slow for that to matter.
 */
export function planRehearsal(variant: VariantName, quick: boolean): Slot | undefined {
  const scenario = REHEARSALS[variant];
  if (scenario === undefined) return undefined;
  return { variant, ...closedLoop(scenario, 32), pace: { warmUpSeconds: 0, seconds: quick ? 0.5 : 20 } };
}

const REHEARSALS: Partial<Record<VariantName, ScenarioName>> = {
  saldo: "transfers",
  plain: "transfers",
  tuned: "transfers",
  empty: "empty-workflow",
  bare: "balance-reads",
};
