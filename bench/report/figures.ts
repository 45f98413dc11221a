import { describeLoad } from "../load/loads.ts";
import { type Bound, type Cell, EVENTS_PER_ENTRY, RATIOS, type Ratio } from "../measure/goals.ts";
import type { Measurement } from "../measure/slot.ts";
import { variantTitles } from "../variants/fleet.ts";
import type { Row } from "./results.ts";

export type Figure = {
  load: string;
  /** Names of the measure and its divisor. */
  title: string;
  /** Undefined for a figure that is only shown. */
  goal: Bound | undefined;
  /** The median of the rounds; undefined where this run did not measure it. */
  value: number | undefined;
  /** The ratio within each round. */
  values: number[];
  /** The same ratio against the untuned plain service; undefined where it was not measured. */
  againstPlain?: number | undefined;
};

/** Takes ratios within a round, between measurements close in time: the machine's speed drifts. */
export function computeFigures(measurements: Measurement[]): Figure[] {
  return RATIOS.map((ratio) => {
    const { dividend, divisor, measure, goal } = ratio;
    const values = ratiosByRound(measurements, ratio);
    const plain = { ...ratio, divisor: { ...divisor, variant: "plain" as const } };
    return {
      load: describeLoad(dividend.load),
      title: `${measure.title} ÷ ${describeDivisor(ratio)}`,
      goal,
      value: median(values),
      values,
      ...(divisor.variant === "tuned" && { againstPlain: median(ratiosByRound(measurements, plain)) }),
    };
  });
}

function ratiosByRound(measurements: Measurement[], { dividend, divisor, measure }: Ratio): number[] {
  const divisors = find(measurements, divisor);
  return find(measurements, dividend).flatMap((one, round) => {
    // A divisor that was measured once is used for every round.
    const other = divisors[Math.min(round, divisors.length - 1)];
    return other ? [measure.of(one) / measure.of(other)] : [];
  });
}

function find(measurements: Measurement[], { variant, load }: Cell): Measurement[] {
  return measurements.filter((one) => one.variant === variant && describeLoad(one) === describeLoad(load));
}

function describeDivisor({ dividend, divisor }: Ratio): string {
  return divisor.variant === dividend.variant ? describeLoad(divisor.load) : variantTitles[divisor.variant];
}

/** Events per entry, over all loads of Saldo and for the load with the most. */
export function eventsFigures(rows: Pick<Row, "variant" | "audited">[]): Figure[] {
  const pairs = rows.flatMap(({ variant, audited: { entries = 0, events = 0 } }) =>
    variant === "saldo" && entries > 0 ? [{ entries, events }] : [],
  );
  const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);
  const total = sum(pairs.map(({ events }) => events)) / sum(pairs.map(({ entries }) => entries));
  const most = Math.max(...pairs.map(({ events, entries }) => events / entries));
  const title = "events ÷ entries";
  return [
    {
      load: "all loads of Saldo",
      title,
      goal: EVENTS_PER_ENTRY,
      ...measuredOnce(pairs.length > 0 ? total : undefined),
    },
    { load: "the load with the most", title, goal: undefined, ...measuredOnce(pairs.length > 0 ? most : undefined) },
  ];
}

/** The values of a figure that was measured once or not at all. */
export function measuredOnce(value: number | undefined): Pick<Figure, "value" | "values"> {
  return { value, values: value === undefined ? [] : [value] };
}

/** The median; undefined for an empty list. */
export function median(values: number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}

export type Verdict = "reached" | "missed" | "not measured" | "shown";

export function judge({ value, goal }: Pick<Figure, "value" | "goal">): Verdict {
  if (value === undefined) return "not measured";
  if (goal === undefined) return "shown";
  return (goal.sign === "≤" ? value <= goal.limit : value >= goal.limit) ? "reached" : "missed";
}

export function describeGoal({ goal }: Pick<Figure, "goal">): string {
  return goal === undefined ? "" : `${goal.sign} ${goal.limit}`;
}
