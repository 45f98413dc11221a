import { join } from "node:path";
import { Client } from "pg";
import { mintToken } from "../../scripts/keys.ts";
import { rootDirectory } from "../../scripts/stack/site.ts";
import type { Load } from "../load/loads.ts";
import type { Observed, Order, Report } from "../load/scenarios.ts";
import type { Fleet, VariantName } from "../variants/variants.ts";
import { type Inside, observeInside } from "./inside.ts";
import { awaitQuiet, startUsage, type Usage } from "./resources.ts";

/** In seconds: the longest that a run waits for the one before it to come to its end, then of load before, and while, it is measured. */
export type Pace = { quietSecondsMax: number; warmUpSeconds: number; seconds: number };

/** One thing that is measured: one variant under one load. */
export type Slot = Load & {
  variant: VariantName;
  /** Where the pace of the run does not fit. */
  pace?: Partial<Pace>;
};

export type Measurement = Slot & {
  /** The `sub` of its token: the caller of all its operations. */
  caller: string;
  beganAt: string;
  endedAt: string;
  seconds: number;
  perSecond: number;
  usage: Usage;
  /** Undefined of a variant that is not Saldo. */
  inside: Inside | undefined;
} & Observed;

/** The callers whose operations were answered 200, and their keys. */
export type Answered = Map<string, string[]>;

/** Runs slots one after the other, each on a quiet stack. */
export function createTrack(fleet: Fleet, pace: Pace, answered: Answered, signal: AbortSignal) {
  let count = 0;

  return async function measure(slot: Slot): Promise<Measurement> {
    signal.throwIfAborted();
    const { url, processes } = await fleet.use(slot.variant);
    await awaitQuiet({ ...fleet.stores, service: fleet.services }, pace.quietSecondsMax);
    if (slot.variant !== "empty" && slot.variant !== "bare") await checkpoint(fleet.ownerUrl(slot.variant));

    count += 1;
    const caller = `bench-${count}`;
    const order: Order = {
      ...{ scenario: slot.scenario, connections: slot.connections, rate: slot.rate, url },
      token: await mintToken({ sub: caller, ttlSeconds: 24 * 3600 }),
      warmUpSeconds: slot.pace?.warmUpSeconds ?? pace.warmUpSeconds,
      seconds: slot.pace?.seconds ?? pace.seconds,
      keysFile: join(fleet.directory, `${caller}.keys`),
    };
    const hasMetrics = slot.variant === "saldo" || slot.variant === "ungrouped";
    const { observed, watched, beganAt, endedAt } = await generate(order, signal, (pid) => {
      const readUsage = startUsage({ load: () => [pid], service: processes, ...fleet.stores });
      const readInside = hasMetrics ? observeInside(url) : undefined;
      return () => ({ usage: readUsage(), inside: readInside?.() });
    });
    answered.set(caller, (await Bun.file(order.keysFile).text()).split("\n").filter(Boolean));
    await Bun.file(order.keysFile).delete();
    const elapsedSeconds = (endedAt - beganAt) / 1000;
    const { usage, inside } = watched;
    return {
      ...slot,
      caller,
      beganAt: new Date(beganAt).toISOString(),
      endedAt: new Date(endedAt).toISOString(),
      seconds: elapsedSeconds,
      perSecond: Math.round((observed.completed / elapsedSeconds) * 10) / 10,
      usage,
      inside: await inside,
      ...observed,
    };
  };
}

type Generated<Watched> = { observed: Observed; watched: Watched; beganAt: number; endedAt: number };

/** Runs a load generator. `watch` gets its process when the measured time begins; the function that it returns is called at the end. */
async function generate<Watched>(
  order: Order,
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
    ipc(message: Report) {
      if (message.phase === "begin") {
        beganAt = Date.now();
        endWatch = watch(child.pid);
      } else if (message.phase === "end") {
        endedAt = Date.now();
        watched = endWatch!();
      } else if (message.phase === "done") {
        done.resolve({ observed: message.observed, watched, beganAt, endedAt });
      }
    },
  });
  const end = () => child.kill();
  signal.addEventListener("abort", end);
  void child.exited.then((code) => {
    signal.removeEventListener("abort", end);
    done.reject(signal.aborted ? signal.reason : new Error(`The load generator ended with code ${code}`));
  });
  child.send(order);
  const generated = await done.promise;
  child.disconnect();
  await child.exited;
  return generated;
}

/** So that no run pays for the pages that another has changed. */
async function checkpoint(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query("checkpoint");
  await client.end();
}
