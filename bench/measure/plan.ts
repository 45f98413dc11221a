import { batches, closedLoop, describeLoad, type Load, openLoop, READ_CONNECTIONS } from "../load/loads.ts";
import type { ScenarioName } from "../load/scenarios.ts";
import type { VariantName } from "../variants/fleet.ts";
import type { Slot } from "./slot.ts";

/** Slots that are compared with each other. They run one after the other, `rounds` times. */
export type Group = { slots: Slot[]; rounds: number };

export type PlanOptions = {
  /** Repetitions of each figure that has a goal. */
  rounds: number;
  quick: boolean;
  only: ScenarioName | undefined;
};

const CLOSED_SCENARIOS = ["transfers", "hot-receiver", "reserve-recognize", "deposits", "balance-reads"] as const;
const CONNECTIONS = [1, 32, 128, 512];

/** Requests a second, from light load to more than the plain service can handle. */
const OPEN_LOOP_RATES = [500, 1000, 2000, 4000];
const JUDGED_OPEN_LOOP_RATE = 1000;

/** Responses take about eight seconds: the warm-up and the measured time must be longer. */
const UNGROUPED_512_PACE = { warmUpSeconds: 12, seconds: 20 };

/** The slots of a run in their order. One workflow an operation comes last, since it leaves a long queue. */
export function makePlan({ rounds, quick, only }: PlanOptions): Group[] {
  const judged = judgedSlots(quick);
  const shown = quick ? [compare(closedLoop("deposits", 32), "saldo")] : shownSlots(judged);
  const ungrouped = quick
    ? []
    : [1, 32].map((connections) => compare(closedLoop("transfers", connections), "ungrouped"));
  const ungrouped512 = compare(closedLoop("transfers", 512), "ungrouped").map((slot) =>
    quick ? slot : { ...slot, pace: UNGROUPED_512_PACE },
  );
  return [
    ...judged.map((slots) => ({ slots, rounds })),
    ...[...shown, ...ungrouped, ungrouped512].map((slots) => ({ slots, rounds: 1 })),
  ].filter(({ slots }) => only === undefined || slots.some(({ scenario }) => scenario === only));
}

/** The loads that have a goal, with their divisors. A quick run measures the plain service under one load only. */
function judgedSlots(quick: boolean): Slot[][] {
  const plain: VariantName[] = quick ? [] : ["plain"];
  const againstTuned = (scenario: ScenarioName, connections: number) =>
    compare(closedLoop(scenario, connections), "saldo", "tuned", ...plain);
  return [
    [
      ...compare(closedLoop("transfers", 1), "saldo", "tuned", "plain"),
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

/** The loads without a goal, once each, for Saldo and the tuned plain service. */
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
 * The load that warms a variant up before its first measurement.
 * The engine compiles hot code meanwhile. That takes longer in a service of many parts, and longest at 30 requests a
 * second.
 * Saldo without grouping is too slow for that to matter, so it has no warm-up.
 */
export function planWarmUp(variant: VariantName, quick: boolean): Slot | undefined {
  const scenario = WARM_UPS[variant];
  if (scenario === undefined) return undefined;
  return { variant, ...closedLoop(scenario, 32), pace: { warmUpSeconds: 0, seconds: quick ? 0.1 : 20 } };
}

const WARM_UPS: Partial<Record<VariantName, ScenarioName>> = {
  saldo: "transfers",
  plain: "transfers",
  tuned: "transfers",
  empty: "empty-workflow",
  bare: "balance-reads",
};
