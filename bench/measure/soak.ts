import { measureMemory } from "../../scripts/stack/processes.ts";
import { closedLoop } from "../load/loads.ts";
import { type Figure, measuredOnce, median } from "../report/figures.ts";
import { MEMORY_GROWTH } from "./goals.ts";
import type { Parts } from "./resources.ts";
import type { Measurement, Slot } from "./slot.ts";

/** Memory of each part during a long load. */
export type Soak = { minutes: number; perSecond: number; everySeconds: number; memoryBytes: Record<string, number[]> };

const SAMPLES = 120;
/** A sample takes tens of milliseconds of processor time. */
const SAMPLE_SECONDS_MIN = 0.1;

/** Loads Saldo for `minutes`, and samples the memory of each part at regular intervals. */
export async function soak(
  minutes: number,
  parts: Parts,
  measure: (slot: Slot) => Promise<Measurement>,
): Promise<{ soak: Soak; measurement: Measurement }> {
  const everySeconds = Math.max((minutes * 60) / SAMPLES, SAMPLE_SECONDS_MIN);
  const memoryBytes: Record<string, number[]> = Object.fromEntries(Object.keys(parts).map((name) => [name, []]));
  const sampling = setInterval(() => {
    for (const [name, listPids] of Object.entries(parts)) memoryBytes[name]!.push(measureMemory(listPids()));
  }, everySeconds * 1000);
  const measurement = await measure({
    ...{ variant: "saldo", ...closedLoop("transfers", 128), note: `${minutes} minutes` },
    pace: { warmUpSeconds: 1, seconds: minutes * 60 },
  });
  clearInterval(sampling);
  return { soak: { minutes, perSecond: measurement.perSecond, everySeconds, memoryBytes }, measurement };
}

/** By part: memory in the last fifth of the time ÷ memory in the second. Caches fill in the first. */
export function growthOfMemory({ memoryBytes }: Soak): Record<string, number> {
  return Object.fromEntries(
    Object.entries(memoryBytes).map(([name, samples]) => {
      const fifth = Math.max(1, Math.floor(samples.length / 5));
      const early = median(samples.slice(fifth, 2 * fifth)) ?? 0;
      const late = median(samples.slice(-fifth)) ?? 0;
      return [name, early === 0 ? 1 : late / early];
    }),
  );
}

export function soakFigure(soak: Soak | undefined): Figure {
  return {
    load: soak ? `transfers, 128, ${soak.minutes} minutes` : "transfers, 128, for minutes",
    title: "memory of Saldo, last fifth ÷ second fifth",
    goal: MEMORY_GROWTH,
    ...measuredOnce(soak && growthOfMemory(soak).service),
  };
}
