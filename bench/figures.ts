import { BATCH_CONNECTIONS, READ_CONNECTIONS } from "./plan.ts";
import type { ScenarioName } from "./scenarios.ts";
import type { Measurement, Slot } from "./slot.ts";
import { variantTitles } from "./variants.ts";

export type Figure = {
  what: string;
  /** What is divided by what, in words. */
  ratio: string;
  /** Undefined where it is only shown. */
  goal: number | undefined;
  /** Whether less is better. */
  atMost: boolean;
  /** The median of the rounds; undefined where this run did not measure it. */
  value: number | undefined;
  /** Of each round. */
  values: number[];
};

type Cell = Pick<Slot, "variant" | "scenario" | "connections">;
type Goal = Omit<Figure, "value" | "values"> & {
  dividend: Cell;
  divisor: Cell;
  by: (measurement: Measurement) => number;
};

/** Where nothing was completed at all, the ratio is not without end: one operation less is what could not be seen. */
const perSecond = ({ perSecond, seconds }: Measurement) => Math.max(perSecond, 1 / seconds);
const p50 = ({ latencyMs }: Measurement) => latencyMs.p50;

const cell = (variant: Cell["variant"], scenario: ScenarioName, connections: number): Cell => ({
  variant,
  scenario,
  connections,
});

/** Against the plain service, which has the goal, and against what can be made of it. */
function beatPlain(scenario: ScenarioName, connections: number, goal: number): Goal[] {
  return (["plain", "tuned"] as const).map((variant) => ({
    what: `${scenario}, ${connections} connections`,
    ratio: `operations a second, Saldo ÷ ${variantTitles[variant]}`,
    dividend: cell("saldo", scenario, connections),
    divisor: cell(variant, scenario, connections),
    by: perSecond,
    goal: variant === "plain" ? goal : undefined,
    atMost: false,
  }));
}

const GOALS: Goal[] = [
  ...beatPlain("transfers", 512, 2.5),
  ...beatPlain("transfers", 128, 1.2),
  ...beatPlain("transfers", 32, 0.6),
  {
    what: "transfers, 512 connections",
    ratio: "operations a second, Saldo ÷ Saldo with one workflow an operation",
    dividend: cell("saldo", "transfers", 512),
    divisor: cell("ungrouped", "transfers", 512),
    by: perSecond,
    goal: 30,
    atMost: false,
  },
  ...beatPlain("hot-receiver", 512, 4),
  ...beatPlain("reserve-recognize", 512, 1.5),
  {
    what: "a lone transfer",
    ratio: "median latency, Saldo ÷ an empty workflow",
    dividend: cell("saldo", "transfers", 1),
    divisor: cell("empty", "empty-workflow", 1),
    by: p50,
    goal: 1.2,
    atMost: true,
  },
  {
    what: `balance-reads, ${READ_CONNECTIONS} connections`,
    ratio: "reads a second, Saldo ÷ a bare cache route",
    dividend: cell("saldo", "balance-reads", READ_CONNECTIONS),
    divisor: cell("bare", "balance-reads", READ_CONNECTIONS),
    by: perSecond,
    goal: 0.85,
    atMost: false,
  },
  ...(["batches-of-100", "batches-of-1000"] as const).map(
    (scenario): Goal => ({
      what: `/v1/batches, ${scenario}`,
      ratio: "operations a second, batches ÷ single transfers at 512 connections",
      dividend: cell("saldo", scenario, BATCH_CONNECTIONS[scenario]),
      divisor: cell("saldo", "transfers", 512),
      by: perSecond,
      goal: 2,
      atMost: false,
    }),
  ),
];

/** The figures that have a goal. A ratio is taken round by round, of what ran close in time; the median of the rounds counts. */
export function computeFigures(measurements: Measurement[]): Figure[] {
  return GOALS.map(({ dividend, divisor, by, ...figure }) => {
    const dividends = find(measurements, dividend);
    const divisors = find(measurements, divisor);
    // What was measured once is compared with every round.
    const values = dividends
      .map((one, round) => by(one) / by(divisors[Math.min(round, divisors.length - 1)] ?? one))
      .filter(() => divisors.length > 0);
    return { ...figure, values, value: median(values) };
  });
}

function find(measurements: Measurement[], { variant, scenario, connections }: Cell): Measurement[] {
  return measurements.filter(
    (one) =>
      one.rate === undefined && one.variant === variant && one.scenario === scenario && one.connections === connections,
  );
}

/** Undefined of nothing. */
export function median(values: number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}

/** What is to be said of the figure beside its goal. */
export function judge({ value, goal, atMost }: Figure): "met" | "missed" | "not measured" | "shown" {
  if (value === undefined) return "not measured";
  if (goal === undefined) return "shown";
  return (atMost ? value <= goal : value >= goal) ? "met" : "missed";
}

export function describeGoal({ goal, atMost }: Figure): string {
  return goal === undefined ? "" : `${atMost ? "≤" : "≥"} ${goal}`;
}
