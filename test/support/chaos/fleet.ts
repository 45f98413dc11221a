import type { PartName, Stack } from "../../../scripts/stack/stack.ts";

export type FleetName = "one" | "many" | "cluster";

/** The processes of each fleet. Those of a cluster have all roles. */
const FLEETS = {
  one: { apis: ["saldo"], workers: ["saldo"] },
  cluster: { apis: ["saldo", "saldo-2"], workers: ["saldo", "saldo-2"] },
  many: { apis: ["api-1", "api-2"], workers: ["worker-1", "worker-2"] },
} as const satisfies Record<FleetName, { apis: readonly PartName[]; workers: readonly PartName[] }>;

export type Fleet = ReturnType<typeof createFleet>;

/** The running processes of Saldo, which can be replaced by those of the other fleet. */
export function createFleet(stack: Stack, first: FleetName) {
  let name: FleetName = first;

  const processesOf = (fleet: FleetName): PartName[] => [...new Set([...FLEETS[fleet].apis, ...FLEETS[fleet].workers])];

  async function start(): Promise<void> {
    await Promise.all(processesOf(name).map((part) => stack.start(part)));
  }

  return {
    name: () => name,
    apis: (): readonly PartName[] => FLEETS[name].apis,
    workers: (): readonly PartName[] => FLEETS[name].workers,
    processes: () => processesOf(name),
    origins: (): string[] => FLEETS[name].apis.map((part) => stack.address(part).replace("localhost", "127.0.0.1")),
    start,

    /** Starts the stores and the processes of the fleet again. */
    async restore(): Promise<void> {
      for (const part of [...stack.stores, ...processesOf(name)]) stack.thaw(part);
      await Promise.all(stack.stores.map((part) => stack.start(part)));
      await start();
    },

    /** Stops one fleet gracefully, as a deployment does, and starts the other. */
    async become(next: FleetName): Promise<void> {
      if (next !== name) await Promise.all(processesOf(name).map((part) => stack.stop(part)));
      name = next;
      await start();
    },
  };
}
