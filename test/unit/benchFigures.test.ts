import { describe, expect, test } from "bun:test";
import { computeFigures, judge, median } from "../../bench/figures.ts";
import { growthSizes } from "../../bench/growth.ts";
import { makePlan } from "../../bench/plan.ts";
import type { Measurement } from "../../bench/slot.ts";
import { growthOfMemory } from "../../bench/soak.ts";

function measured(variant: Measurement["variant"], perSecond: number, rate?: number): Measurement {
  return {
    ...{ variant, scenario: "transfers", connections: 512, caller: "", beganAt: "", endedAt: "", seconds: 10 },
    ...(rate !== undefined && { rate }),
    ...{ perSecond, usage: {}, completed: 1, sent: 1, answers: {}, connectionErrors: 0 },
    latencyMs: { p50: 1, p95: 1, p99: 1, max: 1 },
  };
}

describe("a figure of the benchmark", () => {
  test("it is the median of ratios that are taken round by round, of closed loops only", () => {
    const [first] = computeFigures([
      ...[measured("saldo", 100), measured("plain", 50)],
      ...[measured("saldo", 900), measured("plain", 300)],
      ...[measured("saldo", 10), measured("plain", 2)],
      ...[measured("saldo", 1, 500), measured("plain", 1_000, 500)],
    ]);
    expect(first).toMatchObject({ values: [2, 3, 5], value: 3, goal: 2.5 });
    expect(judge(first!)).toBe("met");
  });

  test("what was not measured is neither met nor missed", () => {
    const figures = computeFigures([measured("saldo", 100)]);
    expect(new Set(figures.map(judge))).toEqual(new Set(["not measured"]));
  });

  test("where less is better, the goal is an upper bound", () => {
    const figure = { what: "", ratio: "", goal: 1.2, values: [], atMost: true };
    expect([1.1, 1.2, 1.3].map((value) => judge({ ...figure, value }))).toEqual(["met", "met", "missed"]);
  });

  test("one without a goal is shown, and neither met nor missed", () => {
    const [, besides] = computeFigures([measured("saldo", 100), measured("tuned", 50)]);
    expect(besides).toMatchObject({ value: 2, goal: undefined });
    expect(judge(besides!)).toBe("shown");
  });

  test("the median of an even number is between the two in the middle, of nothing nothing", () => {
    expect([median([4, 1, 3, 2]), median([])]).toEqual([2.5, undefined]);
  });
});

describe("the plan", () => {
  test("it measures everything that has a goal", () => {
    const slots = makePlan({ rounds: 1, quick: true, only: undefined }).flatMap(({ slots }) => slots);
    const figures = computeFigures(slots.map((slot) => ({ ...measured(slot.variant, 1), ...slot })));
    expect(figures.filter((figure) => judge(figure) === "not measured")).toEqual([]);
    expect(figures).toHaveLength(computeFigures([]).length);
  });

  test("variants of one load follow each other in every round", () => {
    const [group] = makePlan({ rounds: 3, quick: false, only: "hot-receiver" });
    expect(group).toMatchObject({
      rounds: 3,
      slots: [{ variant: "saldo" }, { variant: "plain" }, { variant: "tuned" }],
    });
  });
});

test("a ledger grows tenfold from ten thousand entries to what was asked for", () => {
  expect(growthSizes(10_000_000)).toEqual([10_000, 100_000, 1_000_000, 10_000_000]);
  expect(growthSizes(30_000)).toEqual([10_000, 30_000]);
});

test("memory that climbs all the time shows in the last fifth", () => {
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
