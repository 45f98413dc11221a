import { setTimeout as sleep } from "node:timers/promises";
import { measureCpu, measureMemory } from "../../scripts/stack/processes.ts";

/** The parts that are measured separately, each with a function that lists its pids. */
export type Parts = Record<string, () => number[]>;

/** By part: CPU seconds in the measured time, and bytes of memory at its end. */
export type Usage = Record<string, { cpuSeconds: number; memoryBytes: number }>;

const QUIET_SAMPLE_MS = 500;
/** Share of one core that idle servers use for polling. */
const QUIET_SHARE = 0.25;

/** Starts counting. @returns a function that returns the usage since then */
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

/**
 * Waits until the parts are idle, or until the timeout.
 * Otherwise a slot would pay for the events, workflow ends and checkpoints of the slot before it.
 */
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

/** A process that started in between counts whole. One that ended counts in its parent. */
function difference(before = new Map<number, number>(), after = new Map<number, number>()): number {
  let seconds = 0;
  for (const [pid, value] of after) seconds += value - (before.get(pid) ?? 0);
  return Math.round(seconds * 100) / 100;
}
