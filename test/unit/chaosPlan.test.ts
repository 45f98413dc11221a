import { describe, expect, test } from "bun:test";
import { CLUSTER_FAULTS } from "../support/chaos/clusterFaults.ts";
import type { Fault } from "../support/chaos/fault.ts";
import { FAULTS, type FaultName, SINGLE_FAULTS } from "../support/chaos/faults.ts";
import { type Phase, planCluster, planLong, planShort, type Step } from "../support/chaos/plan.ts";

const SEED = 7;
const names = Object.keys(SINGLE_FAULTS) as FaultName[];

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
    expect(planShort(SEED, ["many", "one"])).toEqual(planShort(SEED, ["many", "one"]));
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

  test("of a cluster has each of its faults in the first round, and none that needs APIs and workers apart", () => {
    const own = Object.keys(CLUSTER_FAULTS);
    const [cluster] = planCluster(SEED, 20) as [Phase];
    const first = firstSteps(cluster, own.length + 3).map(({ fault }) => fault);
    expect(new Set(first).size).toBe(first.length);
    expect(own.filter((name) => !first.includes(name as FaultName))).toEqual([]);
    expect(first.filter((name) => (FAULTS[name] as Fault).needsMany)).toEqual([]);
  });

  test("begins with the fault that measures promise 9, however short the run", () => {
    const [many] = planLong(SEED, 5) as [Phase, Phase];
    expect(firstSteps(many, 1)[0]!.fault).toBe("Kafka frozen under transfers");
  });
});
