import type { ScenarioName } from "./scenarios.ts";
import type { Slot } from "./slot.ts";
import type { VariantName } from "./variants.ts";

/** Slots that are compared with each other: they run in turn, close in time, `rounds` times. */
export type Group = { slots: Slot[]; rounds: number };

export type PlanOptions = {
  /** How often the figures that have a goal are measured. */
  rounds: number;
  quick: boolean;
  only: ScenarioName | undefined;
};

const PLAIN_SCENARIOS = ["transfers", "hot-receiver", "reserve-recognize", "deposits", "balance-reads"] as const;

/** A few callers are enough: each brings many operations at once. */
export const BATCH_CONNECTIONS = { "batches-of-100": 32, "batches-of-1000": 4 } as const;
export const READ_CONNECTIONS = 128;

/** Requests a second on a clock: from easy to more than a plain service can do. */
const OPEN_LOOP_RATES = [500, 1000, 2000, 4000];
const QUICK_OPEN_LOOP_RATES = [100];

/** What a run measures, in its order. First what has a goal; one workflow an operation comes last, since it leaves a long queue behind. */
export function makePlan({ rounds, quick, only }: PlanOptions): Group[] {
  const compare = (scenario: ScenarioName, connections: number, ...variants: VariantName[]): Slot[] =>
    variants.map((variant) => ({ variant, scenario, connections }));

  // Where there is no goal, a quick run need not compare.
  const besides: VariantName[] = quick ? [] : ["plain"];

  const judged: Slot[][] = [
    [...compare("transfers", 1, "saldo", "plain"), ...compare("empty-workflow", 1, "empty")],
    compare("transfers", 32, "saldo", "plain", "tuned"),
    compare("transfers", 128, "saldo", "plain", "tuned"),
    compare("hot-receiver", 512, "saldo", "plain", "tuned"),
    compare("reserve-recognize", 512, "saldo", "plain", "tuned"),
    compare("balance-reads", READ_CONNECTIONS, "saldo", "bare", ...besides),
    [
      ...compare("transfers", 512, "saldo", "plain", "tuned"),
      ...compare("batches-of-100", BATCH_CONNECTIONS["batches-of-100"], "saldo"),
      ...compare("batches-of-1000", BATCH_CONNECTIONS["batches-of-1000"], "saldo"),
    ],
    // Answers take some eight seconds: what is measured must begin, and end, well after that.
    compare("transfers", 512, "ungrouped").map((slot) => ({
      ...slot,
      pace: quick ? { warmUpSeconds: 1, seconds: 6 } : { warmUpSeconds: 12, seconds: 20 },
    })),
  ];
  const shown: Slot[][] = quick
    ? [compare("deposits", 32, "saldo", ...besides)]
    : [
        ...PLAIN_SCENARIOS.flatMap((scenario) => [1, 32, 128, 512].map((connections) => ({ scenario, connections })))
          .filter(({ scenario, connections }) => !judged.some((slots) => isAmong(slots, scenario, connections)))
          .map(({ scenario, connections }) => compare(scenario, connections, "saldo", ...besides)),
        compare("empty-workflow", 32, "empty"),
      ];
  const openLoop: Slot[][] = (quick ? QUICK_OPEN_LOOP_RATES : OPEN_LOOP_RATES).map((rate) =>
    compare("transfers", rate, "saldo", ...besides).map((slot) => ({ ...slot, rate })),
  );
  const ungrouped: Slot[][] = quick
    ? []
    : [1, 32, 128].map((connections) => compare("transfers", connections, "ungrouped"));

  const [last = [], ...first] = judged.toReversed();
  return [
    ...first.reverse().map((slots) => ({ slots, rounds })),
    ...[...shown, ...openLoop, ...ungrouped].map((slots) => ({ slots, rounds: 1 })),
    // Its throughput is so far from the others' that once is enough.
    { slots: last, rounds: 1 },
  ].filter(({ slots }) => only === undefined || slots.some(({ scenario }) => scenario === only));
}

/**
 * What each variant is loaded with before anything is measured. An engine compiles what is hot, which takes a service of many parts longer than a
 * small one, and longest where it is asked 30 times a second.
 */
export function planRehearsals(slots: Slot[], quick: boolean): Slot[] {
  const variants = new Set(slots.map(({ variant }) => variant));
  return REHEARSALS.filter(({ variant }) => variants.has(variant)).map((slot) => ({
    ...slot,
    pace: { warmUpSeconds: 0, seconds: quick ? 0.5 : 20 },
  }));
}

/** Saldo without grouping is not among them: it is Saldo started anew when its turn comes, and so slow that it makes no difference. */
const REHEARSALS: Slot[] = [
  { variant: "saldo", scenario: "transfers", connections: 32 },
  { variant: "plain", scenario: "transfers", connections: 32 },
  { variant: "tuned", scenario: "transfers", connections: 32 },
  { variant: "empty", scenario: "empty-workflow", connections: 32 },
  { variant: "bare", scenario: "balance-reads", connections: 32 },
];

function isAmong(slots: Slot[], scenario: ScenarioName, connections: number): boolean {
  return slots.some((slot) => slot.scenario === scenario && slot.connections === connections);
}
