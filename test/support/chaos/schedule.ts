import { setTimeout as sleep } from "node:timers/promises";
import type { Clients } from "./clients.ts";
import type { Fault, Stage } from "./fault.ts";
import { FAULTS } from "./faults.ts";
import type { Meter, Recovery } from "./meter.ts";
import type { Step } from "./plan.ts";
import type { ClientsRecord } from "./record.ts";

/** Longer than any backoff of a client, a carrier or Temporal. */
const RECOVERY_LIMIT_MS = 90_000;
/** Answers after which the service counts as working. */
const WORKING_OPERATIONS = 20;
/** Time with transfers only, before the measurement; and the time measured before the fault. */
const WARM_UP_MS = 5_000;
const MEASURED_BEFORE_MS = 20_000;
/** Longer than any timeout of a request. */
const ANSWERED_WITHIN_MS = 5_000;
/** Operations per second: a tenth of the rate of two cores. */
const MEASURABLE_RATE = 50;

/** The effect of one fault. Times are milliseconds since the load began, rates are operations per second. */
export type Incident = Step & {
  notes: string[];
  beganMs: number;
  backMs: number;
  rateBefore: number;
  rateDuring: number;
  recovery: Recovery;
  /** Answers that were not final, from the start of the fault until the recovery. */
  errors: Map<string, number>;
};

export type Scene = {
  stage: Omit<Stage, "which">;
  clients: Clients;
  meter: Meter;
  record: ClientsRecord;
  signal: AbortSignal;
};

/** Runs one step: quiet time, fault, reversal of the fault, and recovery. */
export async function runStep(scene: Scene, step: Step): Promise<Incident> {
  const { clients, meter, record, signal } = scene;
  const fault: Fault = FAULTS[step.fault];
  const stage: Stage = { ...scene.stage, which: step.which };
  if (fault.isMeasured) {
    clients.setMix("transfers");
    await pause(WARM_UP_MS, signal);
  }
  const quietMs = meter.now();
  await pause(fault.isMeasured ? MEASURED_BEFORE_MS : step.quietSeconds * 1_000, signal);
  await meter.awaitCount(WORKING_OPERATIONS, RECOVERY_LIMIT_MS, signal);

  const errorsBefore = record.errors();
  const beganMs = meter.now();
  const rateBefore = meter.rate(quietMs, beganMs);
  const notes: string[] = [];
  const note = (text: string) => void notes.push(text);
  try {
    await fault.begin(stage, note);
    await pause(step.seconds * 1_000, signal);
  } finally {
    await fault.end(stage, note);
  }
  // The fault has started its own processes again. Any other must have lived through it.
  const ended = stage.fleet.processes().filter((part) => stage.stack.processes(part).length === 0);
  for (const part of ended) record.noteUnexpected(`${part} ended by itself: ${step.fault}`);
  const backMs = meter.now();
  const rateDuring = meter.rate(beganMs, backMs);
  const recovery = await meter.awaitRecovery(backMs, rateBefore, RECOVERY_LIMIT_MS, signal);
  clients.setMix("everything");
  const errors = new Map(
    [...record.errors()]
      .map(([word, count]) => [word, count - (errorsBefore.get(word) ?? 0)] as const)
      .filter(([, count]) => count > 0),
  );
  return { ...step, notes, beganMs, backMs, rateBefore, rateDuring, recovery, errors };
}

/**
 * Finds measured faults that cost more than half of the throughput.
 *
 * That breaks promise 9 of docs/reference/promises.md. Where the rate was low already before the fault, another process
 * uses the machine, and the step is not judged.
 */
export function findTooSlow(incidents: readonly Incident[]): string[] {
  return incidents
    .filter(({ fault, rateBefore }) => (FAULTS[fault] as Fault).isMeasured && rateBefore >= MEASURABLE_RATE)
    .filter(({ rateBefore, rateDuring }) => rateDuring < rateBefore / 2)
    .map(
      ({ fault, rateBefore, rateDuring }) =>
        `${fault}: ${Math.round(rateDuring)} transfers/s of ${Math.round(rateBefore)}/s before, which is less than half`,
    );
}

/** Finds outages of parts without which operations complete, during which none was answered. */
export function findUnanswered(incidents: readonly Incident[]): string[] {
  return incidents
    .filter(
      ({ fault, beganMs, backMs }) => (FAULTS[fault] as Fault).mustAnswer && backMs - beganMs >= ANSWERED_WITHIN_MS,
    )
    .filter(({ rateDuring }) => rateDuring === 0)
    .map(({ fault }) => `${fault}: no operation was answered meanwhile`);
}

export function findNotRecovered(incidents: readonly Incident[]): string[] {
  return incidents
    .filter(({ recovery }) => recovery.halfRateMs === undefined)
    .map(({ fault }) => `${fault}: not recovered after ${RECOVERY_LIMIT_MS / 1_000} s`);
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {});
}
