import { describe, expect, test } from "bun:test";
import { FAULTS, type Fault, type FaultName } from "../support/chaos/faults.ts";
import { type Phase, planLong, planShort, type Step } from "../support/chaos/plan.ts";

const SEED = 7;
const names = Object.keys(FAULTS) as FaultName[];

function firstSteps({ steps }: Phase, count: number): Step[] {
  const first: Step[] = [];
  for (const step of steps) if (first.push(step) === count) break;
  return first;
}

describe("a plan of the chaos suite", () => {
  test("is the same for the same seed, and differs between seeds", () => {
    const plan = (seed: number) => planLong(seed, 30).map((phase) => firstSteps(phase, 100));
    expect(plan(SEED)).toEqual(plan(SEED));
    expect(plan(SEED)).not.toEqual(plan(SEED + 1));
    expect(planShort(SEED)).toEqual(planShort(SEED));
  });

  test("has every fault once per round, for at most a minute, and one process gets no two-process fault", () => {
    const [many, one] = planLong(SEED, 30) as [Phase, Phase];
    for (const [phase, possible] of [
      [many, names],
      [one, names.filter((name) => !(FAULTS[name] as Fault).needsMany)],
    ] as const) {
      const rounds = firstSteps(phase, 2 * possible.length);
      for (const round of [rounds.slice(0, possible.length), rounds.slice(possible.length)]) {
        expect(new Set(round.map(({ fault }) => fault))).toEqual(new Set(possible));
      }
      for (const { seconds } of rounds) expect(seconds).toBeWithin(0, 60.001);
    }
  });

  test("begins with the fault that measures promise 9, however short the run", () => {
    const [many] = planLong(SEED, 5) as [Phase, Phase];
    expect(firstSteps(many, 1)[0]!.fault).toBe("Kafka frozen under transfers");
  });
});
