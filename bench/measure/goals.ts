import { batches, closedLoop, type Load, openLoop, READ_CONNECTIONS } from "../load/loads.ts";
import type { VariantName } from "../variants/fleet.ts";
import type { Measurement } from "./slot.ts";

export type Bound = { sign: "≥" | "≤"; limit: number };

export type Measure = { title: string; of(measurement: Measurement): number };

/** The measurements of one variant under one load. */
export type Cell = { variant: VariantName; load: Load };

/** One ratio of the table of figures: the dividend's measure ÷ the divisor's. */
export type Ratio = {
  dividend: Cell;
  divisor: Cell;
  measure: Measure;
  /** Undefined for a ratio that is only shown. */
  goal: Bound | undefined;
};

/** At least one operation, so that a ratio stays finite where nothing was completed. */
export const throughput: Measure = {
  title: "operations a second",
  of: ({ perSecond, seconds }) => Math.max(perSecond, 1 / seconds),
};
const p50: Measure = { title: "p50", of: ({ latencyMs }) => latencyMs.p50 };
const p99: Measure = { title: "p99", of: ({ latencyMs }) => latencyMs.p99 };

const atLeast = (limit: number): Bound => ({ sign: "≥", limit });
const atMost = (limit: number): Bound => ({ sign: "≤", limit });

const AGAINST_TUNED: [Load, Measure, Bound][] = [
  [closedLoop("transfers", 1), p50, atMost(2.5)],
  [closedLoop("transfers", 1), p99, atMost(5)],
  [closedLoop("transfers", 32), throughput, atLeast(1)],
  [closedLoop("transfers", 128), throughput, atLeast(1.5)],
  [closedLoop("transfers", 512), throughput, atLeast(2)],
  [closedLoop("hot-receiver", 32), throughput, atLeast(1.2)],
  [closedLoop("hot-receiver", 512), throughput, atLeast(5)],
  [closedLoop("reserve-recognize", 32), throughput, atLeast(0.8)],
  [closedLoop("reserve-recognize", 128), throughput, atLeast(1.2)],
  [closedLoop("reserve-recognize", 512), throughput, atLeast(1.8)],
  [openLoop(1000), p99, atMost(3)],
];

const saldo = (load: Load): Cell => ({ variant: "saldo", load });
const transfers1 = closedLoop("transfers", 1);
const transfers512 = closedLoop("transfers", 512);
const reads = closedLoop("balance-reads", READ_CONNECTIONS);

/** All ratios between two measurements. The goals of all other figures follow below. */
export const RATIOS: Ratio[] = [
  ...AGAINST_TUNED.map(
    ([load, measure, goal]): Ratio => ({ dividend: saldo(load), divisor: { variant: "tuned", load }, measure, goal }),
  ),
  { dividend: saldo(reads), divisor: { variant: "bare", load: reads }, measure: throughput, goal: atLeast(0.85) },
  {
    dividend: saldo(batches("batches-of-1000")),
    divisor: saldo(transfers512),
    measure: throughput,
    goal: atLeast(2),
  },
  {
    dividend: saldo(batches("batches-of-100")),
    divisor: saldo(transfers512),
    measure: throughput,
    goal: undefined,
  },
  {
    dividend: saldo(transfers1),
    divisor: { variant: "empty", load: closedLoop("empty-workflow", 1) },
    measure: p50,
    goal: undefined,
  },
  {
    dividend: saldo(transfers512),
    divisor: { variant: "ungrouped", load: transfers512 },
    measure: throughput,
    goal: undefined,
  },
];

/** A higher ratio would mean that carriers publish events twice. */
export const EVENTS_PER_ENTRY: Bound = atMost(1.01);

/** The write rate as a share of a small ledger's, by the number of entries. */
export const GROWTH: ReadonlyMap<number, Bound> = new Map([
  [1_000_000, atLeast(0.95)],
  [10_000_000, atLeast(0.85)],
]);

/** A higher ratio would mean a memory leak. */
export const MEMORY_GROWTH: Bound = atMost(1.1);
