import { createFleet } from "../../test/support/chaos/fleet.ts";
import { planCluster, planLong } from "../../test/support/chaos/plan.ts";
import { runChaos } from "../../test/support/chaos/run.ts";
import { createStack } from "../stack/stack.ts";
import { print } from "../terminal.ts";
import { type Topology, writeReport } from "./chaosReport.ts";

/** The shortest run that replaces the committed report. */
const REPORTED_MINUTES = 4;

/** Enough to keep two cores busy. */
const CLIENTS = 24;

const PLANS = { single: planLong, cluster: planCluster };

/** Runs the chaos suite on a clean stack and writes its report. @returns the exit code. */
export async function runLongChaos(
  topology: Topology,
  minutes: number,
  seed = Math.floor(Math.random() * 2 ** 31),
): Promise<number> {
  const over = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => over.abort());
  print(`./dev test chaos${topology === "cluster" ? " --cluster" : ""} --minutes ${minutes} --seed ${seed}`);
  const stack = createStack(topology === "cluster" ? "cluster" : "test");
  try {
    await stack.reset();
    await stack.up();
    const chaos = await runChaos({
      stack,
      fleet: createFleet(stack, topology === "cluster" ? "cluster" : "one"),
      seed,
      clientCount: CLIENTS,
      phases: PLANS[topology](seed, minutes),
      print,
      signal: over.signal,
    });
    if (minutes >= REPORTED_MINUTES) {
      await writeReport(chaos, topology, minutes);
      print("The report is docs/chaos.md.");
    }
    return chaos.findings.length === 0 ? 0 : 1;
  } catch (error) {
    if (over.signal.aborted) return 130;
    throw error;
  } finally {
    await stack.down();
  }
}
