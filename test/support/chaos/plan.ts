import { FAULTS, type Fault, type FaultName } from "./faults.ts";
import type { FleetName } from "./fleet.ts";
import { createRandom, type Random } from "./random.ts";

export type Step = { fault: FaultName; which: number; seconds: number; quietSeconds: number };

/** The steps against one fleet. The phase ends with its steps or its time. */
export type Phase = { fleet: FleetName; steps: Iterable<Step>; seconds: number };

const MEASURED_SECONDS = 60;

/** The short form: the hardest faults, each for moments. Every test run can include it. */
const SHORT: Record<FleetName, FaultName[]> = {
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

/** Plans each fault of the short form once. The order follows from the seed. */
export function planShort(seed: number): Phase[] {
  const random = createRandom(seed);
  return (["many", "one"] as const).map((fleet) => ({
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
  const names = Object.keys(FAULTS) as FaultName[];
  const shared = names.filter((name) => !(FAULTS[name] as Fault).needsMany);
  return [
    { fleet: "many", seconds: minutes * 60 * 0.8, steps: rounds(names, random, "Kafka frozen under transfers") },
    { fleet: "one", seconds: minutes * 60 * 0.2, steps: rounds(shared, createRandom(seed + 1)) },
  ];
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
