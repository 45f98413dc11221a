import { setTimeout as sleep } from "node:timers/promises";
import { measureCpu, measureMemory } from "../../scripts/stack/processes.ts";

/** The parts whose cost is told apart, each with its processes at a moment. */
export type Parts = Record<string, () => number[]>;

/** By part: seconds on a processor in the measured time, and bytes at its end. */
export type Usage = Record<string, { cpuSeconds: number; memoryBytes: number }>;

const QUIET_SAMPLE_MS = 500;
/** Of one core: what idle servers take, polling. */
const QUIET_SHARE = 0.25;

/** Begins to count; the function that it returns tells what was used since. */
export function startUsage(parts: Parts): () => Usage {
  const before = sampleCpu(parts);
  return () => {
    const after = sampleCpu(parts);
    return Object.fromEntries(
      Object.entries(parts).map(([name, listPids]) => [
        name,
        { cpuSeconds: difference(before[name], after[name]), memoryBytes: measureMemory(listPids()) },
      ]),
    );
  };
}

/** Waits until what a run left behind is done, so that the next one does not pay for it: events, ends of workflows, checkpoints. */
export async function awaitQuiet(parts: Parts, secondsMax: number): Promise<void> {
  for (let waitedMs = 0; waitedMs < secondsMax * 1000; waitedMs += QUIET_SAMPLE_MS) {
    const before = sampleCpu(parts);
    await sleep(QUIET_SAMPLE_MS);
    const after = sampleCpu(parts);
    const seconds = Object.keys(parts).reduce((sum, name) => sum + difference(before[name], after[name]), 0);
    if (seconds < (QUIET_SHARE * QUIET_SAMPLE_MS) / 1000) return;
  }
}

function sampleCpu(parts: Parts): Record<string, Map<number, number>> {
  return Object.fromEntries(Object.entries(parts).map(([name, listPids]) => [name, measureCpu(listPids())]));
}

/** A process that began in between counts whole; one that ended is in its parent's account. */
function difference(before = new Map<number, number>(), after = new Map<number, number>()): number {
  let seconds = 0;
  for (const [pid, value] of after) seconds += value - (before.get(pid) ?? 0);
  return Math.round(seconds * 100) / 100;
}
