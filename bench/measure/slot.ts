import { join } from "node:path";
import { Client } from "pg";
import { mintToken } from "../../scripts/keys.ts";
import { rootDirectory } from "../../scripts/stack/site.ts";
import type { Load } from "../load/loads.ts";
import type { LoadJob, LoadReport, LoadResult } from "../load/scenarios.ts";
import type { Fleet, VariantName } from "../variants/fleet.ts";
import { awaitQuiet, startUsage, type Usage } from "./resources.ts";
import { observeMetrics, type SaldoMetrics } from "./saldoMetrics.ts";

/** Durations of a slot: wait for an idle stack, warm-up and measured time. */
export type Pace = { quietSecondsMax: number; warmUpSeconds: number; seconds: number };

/** One measurement to make: one variant under one load. */
export type Slot = Load & {
  variant: VariantName;
  /** Overrides the pace of the run. */
  pace?: Partial<Pace>;
};

export type Measurement = Slot & {
  /** The `sub` of the slot's token: the caller of all its operations. */
  caller: string;
  beganAt: string;
  endedAt: string;
  seconds: number;
  perSecond: number;
  usage: Usage;
  /** Undefined for a variant that is not Saldo. */
  inside: SaldoMetrics | undefined;
} & LoadResult;

/** By caller, the keys of the operations whose response was 200. */
export type AnsweredKeys = Map<string, string[]>;

/** Returns a function that measures one slot, once the stack is idle. */
export function createSlotRunner(fleet: Fleet, pace: Pace, answered: AnsweredKeys, signal: AbortSignal) {
  let count = 0;

  return async function measure(slot: Slot): Promise<Measurement> {
    signal.throwIfAborted();
    const { url, processes } = await fleet.use(slot.variant);
    await awaitQuiet({ ...fleet.stores, service: fleet.services }, pace.quietSecondsMax);
    if (slot.variant !== "empty" && slot.variant !== "bare") await checkpoint(fleet.ownerUrl(slot.variant));

    count += 1;
    const caller = `bench-${count}`;
    const job: LoadJob = {
      ...{ scenario: slot.scenario, connections: slot.connections, rate: slot.rate, url },
      token: await mintToken({ sub: caller, ttlSeconds: 24 * 3600 }),
      warmUpSeconds: slot.pace?.warmUpSeconds ?? pace.warmUpSeconds,
      seconds: slot.pace?.seconds ?? pace.seconds,
      keysFile: join(fleet.directory, `${caller}.keys`),
    };
    const hasMetrics = slot.variant === "saldo" || slot.variant === "ungrouped";
    const { result, watched, beganAt, endedAt } = await generate(job, signal, (pid) => {
      const readUsage = startUsage({ load: () => [pid], service: processes, ...fleet.stores });
      const readInside = hasMetrics ? observeMetrics(url) : undefined;
      return () => ({ usage: readUsage(), inside: readInside?.() });
    });
    answered.set(caller, (await Bun.file(job.keysFile).text()).split("\n").filter(Boolean));
    await Bun.file(job.keysFile).delete();
    const elapsedSeconds = (endedAt - beganAt) / 1000;
    const { usage, inside } = watched;
    return {
      ...slot,
      caller,
      beganAt: new Date(beganAt).toISOString(),
      endedAt: new Date(endedAt).toISOString(),
      seconds: elapsedSeconds,
      perSecond: Math.round((result.completed / elapsedSeconds) * 10) / 10,
      usage,
      inside: await inside,
      ...result,
    };
  };
}

type Generated<Watched> = { result: LoadResult; watched: Watched; beganAt: number; endedAt: number };

/**
 * Runs a load generator.
 * `watch` is called with its pid when the measured time begins, and the function that it returns at the end.
 */
async function generate<Watched>(
  job: LoadJob,
  signal: AbortSignal,
  watch: (pid: number) => () => Watched,
): Promise<Generated<Watched>> {
  const done = Promise.withResolvers<Generated<Watched>>();
  let beganAt = 0;
  let endedAt = 0;
  let endWatch: (() => Watched) | undefined;
  let watched: Watched;
  const child = Bun.spawn([process.execPath, join(rootDirectory, "bench/load/main.ts")], {
    stdio: ["ignore", "inherit", "inherit"],
    ipc(message: LoadReport) {
      if (message.phase === "begin") {
        beganAt = Date.now();
        endWatch = watch(child.pid);
      } else if (message.phase === "end") {
        endedAt = Date.now();
        watched = endWatch!();
      } else if (message.phase === "done") {
        done.resolve({ result: message.result, watched, beganAt, endedAt });
      }
    },
  });
  const end = () => child.kill();
  signal.addEventListener("abort", end);
  void child.exited.then((code) => {
    signal.removeEventListener("abort", end);
    done.reject(signal.aborted ? signal.reason : new Error(`The load generator ended with code ${code}`));
  });
  child.send(job);
  const generated = await done.promise;
  child.disconnect();
  await child.exited;
  return generated;
}

/** Flushes changed pages, so that the next slot does not pay for them. */
async function checkpoint(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query("checkpoint");
  await client.end();
}
