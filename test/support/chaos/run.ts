import { mintToken } from "../../../scripts/keys.ts";
import type { Stack } from "../../../scripts/stack/stack.ts";
import { auditUnderFaults } from "./auditor.ts";
import { startClients } from "./clients.ts";
import type { Fleet } from "./fleet.ts";
import { createMeter } from "./meter.ts";
import type { Phase } from "./plan.ts";
import { createRandom } from "./random.ts";
import { createRecord } from "./record.ts";
import { clock, describeEnd, describeStep } from "./report.ts";
import { findNotRecovered, findTooSlow, findUnanswered, type Incident, runStep, type Scene } from "./schedule.ts";
import { verify } from "./verify.ts";

const USERS = 40;
const TOKEN_TTL_SECONDS = 24 * 3_600;

export type ChaosOptions = {
  stack: Stack;
  fleet: Fleet;
  seed: number;
  /** Each has one request at a time. */
  clientCount: number;
  phases: readonly Phase[];
  /** Prints a line of the timeline as soon as it is complete. */
  print(line: string): void;
  signal: AbortSignal;
};

/** `findings` is empty where every promise was kept. */
export type Chaos = Awaited<ReturnType<typeof runChaos>>;

/**
 * Runs the load and the faults, then verifies the result.
 *
 * It checks the ledger, the events, the workflows and the answer to every client.
 * @throws the abort reason of the signal, once everything is up again
 */
export async function runChaos({ stack, fleet, seed, clientCount, phases, print, signal }: ChaosOptions) {
  const startedAt = new Date();
  const caller = `chaos-${crypto.randomUUID().slice(0, 8)}`;
  const record = createRecord(createRandom(seed));
  await fleet.become(phases[0]!.fleet);
  const meter = createMeter();

  const users = Array.from({ length: USERS }, (_, index) => `${caller}-${index}`);
  const token = await mintToken({ sub: caller, ttlSeconds: TOKEN_TTL_SECONDS });
  const clients = startClients({ count: clientCount, seed, users, token, origins: fleet.origins, record, meter });
  const scene: Scene = { stage: { stack, fleet }, clients, meter, record, signal };
  const over = new AbortController();
  const auditing = auditUnderFaults(fleet.origins, token, record, over.signal);
  const incidents: Incident[] = [];
  try {
    for (const { fleet: next, steps, seconds } of phases) {
      await fleet.become(next);
      print(`${clock(meter.now())} Saldo runs as ${fleet.processes().join(", ")}`);
      const endsMs = meter.now() + seconds * 1_000;
      for (const step of steps) {
        if (meter.now() >= endsMs || signal.aborted) break;
        const incident = await runStep(scene, step);
        incidents.push(incident);
        for (const line of describeStep(incident)) print(line);
      }
    }
  } finally {
    over.abort();
    await fleet.restore();
    await clients.stop();
    await auditing;
  }
  signal.throwIfAborted();
  const loadMs = meter.now();
  print(`${clock(loadMs)} The load is over; verifying the ledger, events, workflows and answers`);

  const findings = [
    ...(await verify({ caller, users, clients, record, startedAt })),
    ...record.unexpected,
    ...findNotRecovered(incidents),
    ...findTooSlow(incidents),
    ...findUnanswered(incidents),
  ];
  const chaos = { seed, startedAt, loadMs, incidents, findings, record };
  for (const line of describeEnd(chaos)) print(line);
  return chaos;
}
