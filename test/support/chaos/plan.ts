import { CLUSTER_FAULTS } from "./clusterFaults.ts";
import type { Fault } from "./fault.ts";
import { FAULTS, type FaultName, SINGLE_FAULTS } from "./faults.ts";
import type { FleetName } from "./fleet.ts";
import { createRandom, type Random } from "./random.ts";

export type Step = { fault: FaultName; which: number; seconds: number; quietSeconds: number };

/** The steps against one fleet. The phase ends with its steps or its time. */
export type Phase = { fleet: FleetName; steps: Iterable<Step>; seconds: number };

const MEASURED_SECONDS = 60;

/** The short form: the hardest faults, each for moments. Every test run can include it. */
const SHORT: Record<FleetName, FaultName[]> = {
  cluster: [
    "PostgreSQL's primary killed, its standby promoted",
    "PostgreSQL's standby killed",
    "a Kafka leader killed, then a second broker",
    "Redis replaced by an empty one",
    "Temporal restarted",
  ],
  many: [
    "an API and a worker killed",
    "a worker frozen in a transaction",
    "Kafka frozen",
    "PostgreSQL killed",
    "PostgreSQL's connections cut",
    "Redis flushed",
    "Redis frozen",
    "Temporal killed",
  ],
  one: ["all of Saldo killed"],
};

/** Half of a long run's, since other tests run next to it. */
export const SHORT_CLIENTS = 12;

/** Plans each fault of the short form once, for each of these fleets. The order follows from the seed. */
export function planShort(seed: number, fleets: readonly FleetName[]): Phase[] {
  const random = createRandom(seed);
  return fleets.map((fleet) => ({
    fleet,
    seconds: Number.POSITIVE_INFINITY,
    steps: random.shuffled(SHORT[fleet]).map((fault) => ({
      fault,
      which: random.below(2),
      seconds: isMoment(fault) ? 0 : 0.5 + random.next(),
      quietSeconds: 1.2,
    })),
  }));
}

/**
 * Plans every fault for this many minutes.
 *
 * Order and durations follow from the seed. The last fifth runs against one process.
 */
export function planLong(seed: number, minutes: number): Phase[] {
  const random = createRandom(seed);
  const names = Object.keys(SINGLE_FAULTS) as FaultName[];
  const shared = names.filter((name) => !(FAULTS[name] as Fault).needsMany);
  return [
    { fleet: "many", seconds: minutes * 60 * 0.8, steps: rounds(names, random, "Kafka frozen under transfers") },
    { fleet: "one", seconds: minutes * 60 * 0.2, steps: rounds(shared, createRandom(seed + 1)) },
  ];
}

/** Faults of a single stack that a cluster has too. They concern the whole of Saldo, or everything. */
const SHARED: FaultName[] = ["all of Saldo killed", "Saldo restarted process by process", "everything killed"];

/** Plans every fault of a cluster for this many minutes. Order and durations follow from the seed. */
export function planCluster(seed: number, minutes: number): Phase[] {
  const names = [...(Object.keys(CLUSTER_FAULTS) as FaultName[]), ...SHARED];
  return [{ fleet: "cluster", seconds: minutes * 60, steps: rounds(names, createRandom(seed)) }];
}

/** Yields all faults once per round. `first` leads the first round, so that a short run includes it. */
function* rounds(names: readonly FaultName[], random: Random, first?: FaultName): Generator<Step> {
  for (let round = 1; ; round += 1) {
    const shuffled = random.shuffled(names);
    for (const fault of round === 1 && first ? [first, ...shuffled.filter((name) => name !== first)] : shuffled) {
      const { isMeasured } = FAULTS[fault] as Fault;
      // Most faults last seconds, a few a minute.
      const seconds = isMeasured ? MEASURED_SECONDS : 1 + 59 * random.next() ** 3;
      const quietSeconds = 5 + 5 * random.next();
      yield { fault, which: random.below(2), seconds: isMoment(fault) ? 0 : seconds, quietSeconds };
    }
  }
}

function isMoment(fault: FaultName): boolean {
  return (FAULTS[fault] as Fault).isMoment === true;
}
