import { describe, expect, test } from "bun:test";
import { growthFigures, growthSizes } from "../../bench/measure/growth.ts";
import { makePlan } from "../../bench/measure/plan.ts";
import { readSample, summarizeSamples } from "../../bench/measure/saldoMetrics.ts";
import type { Measurement } from "../../bench/measure/slot.ts";
import { growthOfMemory } from "../../bench/measure/soak.ts";
import { computeFigures, eventsFigures, type Figure, judge, median } from "../../bench/report/figures.ts";
import { drawGoals } from "../../bench/report/goalChart.ts";
import { pickRows } from "../../bench/report/summary.ts";

function measured(variant: Measurement["variant"], perSecond: number, more: Partial<Measurement> = {}): Measurement {
  return {
    ...{ variant, scenario: "transfers", connections: 512, caller: "", beganAt: "", endedAt: "", seconds: 10 },
    ...{ perSecond, usage: {}, inside: undefined, completed: 1, sent: 1, answers: {}, connectionErrors: 0 },
    latencyMs: { p50: 1, p95: 1, p99: 1, max: 1 },
    ...more,
  };
}

function find(figures: Figure[], load: string, title: string): Figure | undefined {
  return figures.find((figure) => figure.load === load && figure.title === title);
}

describe("a figure of the benchmark", () => {
  test("is the median of ratios that are taken within a round", () => {
    const figures = computeFigures([
      ...[measured("saldo", 100), measured("tuned", 50), measured("plain", 25)],
      ...[measured("saldo", 900), measured("tuned", 300), measured("plain", 300)],
      ...[measured("saldo", 10), measured("tuned", 2), measured("plain", 1)],
    ]);
    const figure = find(figures, "transfers, 512", "operations a second ÷ plain service, tuned");
    expect(figure).toMatchObject({ values: [2, 3, 5], value: 3, againstPlain: 4, goal: { sign: "≥", limit: 2 } });
    expect(judge(figure!)).toBe("reached");
  });

  test("does not mix closed loops, open loops and a grown ledger", () => {
    const at1000 = { connections: 1000, rate: 1000 };
    const slow = { p50: 1, p95: 1, p99: 6, max: 6 };
    const figures = computeFigures([
      ...[measured("saldo", 1, { note: "10 entries" }), measured("tuned", 1, { note: "10 entries" })],
      ...[measured("saldo", 1, { ...at1000, latencyMs: slow }), measured("tuned", 1, at1000)],
      ...[measured("saldo", 30), measured("tuned", 10)],
    ]);
    expect(find(figures, "transfers, 512", "operations a second ÷ plain service, tuned")?.values).toEqual([3]);
    expect(find(figures, "transfers, open loop 1000/s", "p99 ÷ plain service, tuned")?.values).toEqual([6]);
  });

  test("is neither reached nor missed where it was not measured", () => {
    const figures = computeFigures([measured("saldo", 100)]);
    expect(new Set(figures.map(judge))).toEqual(new Set(["not measured"]));
  });

  test("has its goal as an upper bound where less is better", () => {
    const judgeAll = (sign: "≤" | "≥") => [1.1, 1.2, 1.3].map((value) => judge({ value, goal: { sign, limit: 1.2 } }));
    expect(judgeAll("≤")).toEqual(["reached", "reached", "missed"]);
    expect(judgeAll("≥")).toEqual(["missed", "reached", "reached"]);
  });

  test("is shown without a verdict where it has no goal", () => {
    const figures = computeFigures([measured("saldo", 100), measured("ungrouped", 50)]);
    const figure = find(figures, "transfers, 512", "operations a second ÷ Saldo, one workflow an operation");
    expect(figure).toMatchObject({ value: 2, goal: undefined });
    expect(judge(figure!)).toBe("shown");
  });

  test("events ÷ entries weighs each load of Saldo by its entries and shows the worst load", () => {
    const [all, worst] = eventsFigures([
      { variant: "saldo", audited: { entries: 990, events: 990 } },
      { variant: "saldo", audited: { entries: 10, events: 15 } },
      { variant: "saldo", audited: {} },
      { variant: "plain", audited: { entries: 500, events: 0 } },
    ]);
    expect(all).toMatchObject({ value: 1.005, goal: { sign: "≤", limit: 1.01 } });
    expect(worst).toMatchObject({ value: 1.5, goal: undefined });
    expect(eventsFigures([]).map(judge)).toEqual(["not measured", "not measured"]);
  });

  test("the median of an even number of values is between the middle two; of no values it is undefined", () => {
    expect([median([4, 1, 3, 2]), median([])]).toEqual([2.5, undefined]);
  });
});

describe("the growth of the ledger", () => {
  test("a slowdown of the machine that affects both services does not count as growth", () => {
    const size = (entries: number, saldo: number, tuned: number) => ({
      ...{ entries, entriesAfter: entries },
      rounds: [{ saldo, tuned }],
    });
    const figures = growthFigures([
      size(10_000, 3_000, 2_000),
      size(30_000, 2_700, 2_000),
      size(1_000_000, 1_500, 1_000),
    ]);
    expect(figures.map(({ load, value }) => [load, value])).toEqual([
      ["transfers, 512, 30,000 entries", 0.9],
      ["transfers, 512, 1,000,000 entries", 1],
      ["transfers, 512, 10,000,000 entries", undefined],
    ]);
    expect(figures.map(judge)).toEqual(["shown", "reached", "not measured"]);
  });

  test("is measured at each size that has a goal, and at the largest", () => {
    expect(growthSizes(10_000_000)).toEqual([10_000, 1_000_000, 10_000_000]);
    expect(growthSizes(30_000)).toEqual([10_000, 30_000]);
  });
});

describe("the plan", () => {
  test.each([true, false])("measures every ratio (quick: %p)", (quick) => {
    const slots = makePlan({ rounds: 1, quick, only: undefined }).flatMap(({ slots }) => slots);
    const figures = computeFigures(slots.map((slot) => ({ ...measured(slot.variant, 1), ...slot })));
    expect(figures.filter((figure) => judge(figure) === "not measured")).toEqual([]);
  });

  test("a whole run compares each load that has a goal against the tuned service with the plain one too", () => {
    const slots = makePlan({ rounds: 1, quick: false, only: undefined }).flatMap(({ slots }) => slots);
    const figures = computeFigures(slots.map((slot) => ({ ...measured(slot.variant, 1), ...slot })));
    const tuned = figures.filter(({ title }) => title.endsWith("tuned"));
    expect(tuned).toHaveLength(11);
    expect(tuned.filter(({ againstPlain }) => againstPlain === undefined)).toEqual([]);
  });

  test("measures no load twice", () => {
    const slots = makePlan({ rounds: 1, quick: false, only: undefined }).flatMap(({ slots }) => slots);
    const names = slots.map(({ variant, scenario, connections, rate }) =>
      [variant, scenario, connections, rate].join(),
    );
    expect(names).toHaveLength(new Set(names).size);
  });

  test("runs the variants of one load one after the other in every round", () => {
    const [group] = makePlan({ rounds: 3, quick: false, only: "hot-receiver" });
    expect(group).toMatchObject({
      rounds: 3,
      slots: [{ variant: "saldo" }, { variant: "tuned" }, { variant: "plain" }],
    });
  });
});

describe("the metrics of a slot", () => {
  const metrics = (carriers: number, posts: number, ...more: string[]) =>
    [
      `saldo_carrier_operations_count ${carriers}`,
      `saldo_carrier_operations_sum ${carriers * 1000}`,
      `saldo_operations_total{kind="transfer",outcome="completed"} ${posts * 30}`,
      `saldo_operations_total{kind="transfer",outcome="insufficient_funds"} ${posts * 10}`,
      `saldo_post_duration_seconds_count{result="ok"} ${posts}`,
      `saldo_post_duration_seconds_count{result="error"} ${posts * 3}`,
      ...more,
    ].join("\n");

  test("rates come from the first and the last scrape, the age of the queue from the highest value", () => {
    const age = (seconds: number) => `saldo_queue_oldest_age_seconds ${seconds}`;
    const samples = [
      readSample(metrics(10, 100, age(0.1)), 1_000),
      readSample(metrics(20, 150, age(0.7)), 2_000),
      readSample(metrics(40, 200, age(0)), 3_000),
    ];
    expect(summarizeSamples(samples)).toEqual({
      workflowsPerSecond: 15,
      operationsABatch: 40,
      oldestQueuedSeconds: 0.7,
    });
  });

  test("a metric that is absent is undefined, and one scrape gives no rates", () => {
    const samples = [readSample(metrics(1, 5), 0), readSample(metrics(2, 5), 1_000)];
    expect(summarizeSamples(samples)).toEqual({
      workflowsPerSecond: 1,
      operationsABatch: undefined,
      oldestQueuedSeconds: undefined,
    });
    expect(summarizeSamples(samples.slice(1))).toBeUndefined();
  });
});

describe("the report", () => {
  test("shows for each slot the round with the median throughput", () => {
    const rows = [20, 30, 10].map((perSecond) => ({ ...measured("saldo", perSecond), audited: {} }));
    const long = { ...measured("saldo", 1, { note: "10 minutes" }), audited: {} };
    expect(pickRows([...rows, long]).map(({ perSecond }) => perSecond)).toEqual([20, 1]);
  });

  test("the chart has a row for each goal, with its verdict", () => {
    const figure = { load: "a load", title: "a ratio", goal: { sign: "≤" as const, limit: 2 }, values: [1, 5] };
    const svg = drawGoals([
      { ...figure, value: 3 },
      { ...figure, value: 1.5 },
      { ...figure, value: undefined, values: [] },
      { ...figure, value: 9, goal: undefined },
    ]);
    expect([...svg.matchAll(/>([^<>]*\(≤ 2\))</g)].map(([, text]) => text)).toEqual([
      "3.00, missed (≤ 2)",
      "1.50, reached (≤ 2)",
      "not measured (≤ 2)",
    ]);
  });
});

test("memory that grows throughout shows in the last fifth", () => {
  const climbing = Array.from({ length: 100 }, (_, index) => 100 + index);
  const growth = growthOfMemory({
    minutes: 1,
    perSecond: 1,
    everySeconds: 1,
    memoryBytes: { a: climbing, b: Array(100).fill(7) },
  });
  expect(growth.a).toBeGreaterThan(1.4);
  expect(growth.b).toBe(1);
});
