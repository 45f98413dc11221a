import { rmSync } from "node:fs";
import { join } from "node:path";
import { readKeys } from "../keys.ts";
import { print, printPart } from "../terminal.ts";
import { createDatabase, ownerUrl, serviceUrl } from "./databases.ts";
import { brokerPorts, createKafkaBrokers } from "./kafka.ts";
import {
  dropData,
  freezePart,
  inspectPart,
  killPart,
  listProcesses,
  measurePart,
  type PartHealth,
  startPart,
  stopPart,
  thawPart,
} from "./lifecycle.ts";
import type { Part } from "./part.ts";
import { createPostgresServers } from "./postgres.ts";
import { otherServer, primaryOf, type ServerName } from "./postgresServers.ts";
import { createRedis } from "./redis.ts";
import { createSaldoProcesses } from "./saldo.ts";
import {
  createSite,
  nodeNames,
  type PartName,
  partNames,
  processNames,
  type Site,
  StackError,
  type StackName,
} from "./site.ts";
import { promote } from "./standby.ts";
import { createTemporal } from "./temporal.ts";

export { type PartName, partNames, processNames, StackError };

/** The servers that Saldo depends on, outside of a cluster. All other parts are Saldo's processes. */
export const storeNames = ["postgres", "redis", "kafka", "temporal"] as const;

const serviceNames: ReadonlySet<PartName> = new Set(["saldo", "saldo-2", ...processNames]);

export type Stack = ReturnType<typeof createStack>;

/**
 * The parts of a stack, with functions that start, inspect, freeze and kill them.
 * `settings` override variables in Saldo's environment.
 */
export function createStack(name: StackName, settings: Record<string, string> = {}) {
  const site = createSite(name);
  const environment = { ...createEnvironment(site), ...settings };
  const parts: Record<PartName, Part> = {
    ...createPostgresServers(site),
    redis: createRedis(site),
    ...createKafkaBrokers(site),
    temporal: createTemporal(site),
    ...createSaldoProcesses(site, environment),
  };
  const allNames = [...partNames, ...processNames, ...nodeNames];
  /** The parts that `up` starts by default. */
  const ownNames: readonly PartName[] = site.isCluster ? [...partNames, ...nodeNames] : partNames;
  const ownStores = ownNames.filter((part) => !serviceNames.has(part));

  async function stopAll(): Promise<void> {
    // The service first: its graceful stop needs the stores.
    for (const isService of [true, false]) {
      const names = allNames.filter((part) => serviceNames.has(part) === isService);
      await Promise.all(names.map((part) => stopPart(site, parts[part])));
    }
  }

  return {
    /** The whole environment of Saldo's process: valid input of loadConfig(). */
    environment,
    ports: site.ports,
    site,

    /** The stores of this stack, each node of a cluster. */
    stores: ownStores,

    /** Starts the parts that are not up: stores in parallel, then the service. Idempotent. */
    async up(names: readonly PartName[] = ownNames): Promise<void> {
      for (const isService of [false, true]) {
        const group = names.filter((part) => serviceNames.has(part) === isService);
        await joinErrors(group.map((part) => startAndPrint(site, parts[part])));
      }
    },

    /** Stops everything, including processes that a killed run left behind. */
    async down(): Promise<void> {
      await stopAll();
      print("The stack is stopped.");
    },

    /** Stops everything and drops its data and logs; downloads and keys stay. */
    async reset(): Promise<void> {
      await stopAll();
      for (const part of allNames) dropData(site, parts[part]);
      rmSync(join(site.directory, "log"), { recursive: true, force: true });
      print("The stack is stopped, its data is deleted.");
    },

    /** Runs `work` while the part is up. Stops the part afterwards where it was down before. */
    async withPart(name: PartName, work: () => Promise<void>): Promise<void> {
      const { healthy: wasUp } = await inspectPart(site, parts[name]);
      await startAndPrint(site, parts[name]);
      try {
        await work();
      } finally {
        if (!wasUp) await stopPart(site, parts[name]);
      }
    },

    start: async (part: PartName): Promise<void> => void (await startPart(site, parts[part])),
    /** Stops a part by its own stop signal. */
    stop: (part: PartName): Promise<void> => stopPart(site, parts[part]),
    /** SIGKILL for all processes of a part. */
    kill: (part: PartName): Promise<void> => killPart(site, parts[part]),
    /** SIGSTOP for all processes of a part: it neither responds nor refuses connections. */
    freeze: (part: PartName): Promise<void> => freezePart(site, parts[part]),
    thaw: (part: PartName): void => thawPart(site, parts[part]),

    /** The server of a cluster that takes writes, and the other. */
    primary: (): ServerName => primaryOf(site),
    standby: (): ServerName => otherServer(primaryOf(site)),
    /** Makes the standby the primary. Start the former primary afterwards: it becomes the standby. */
    promote: (server: ServerName): Promise<void> => promote(site, server),

    health: (part: PartName): Promise<PartHealth> => inspectPart(site, parts[part]),
    address: (part: PartName): string => parts[part].address,
    /** Memory of the part's processes in bytes (PSS). */
    memory: (part: PartName): number => measurePart(site, parts[part]),
    /** The pids of the part's processes at this moment. */
    processes: (part: PartName): number[] => listProcesses(site, parts[part]),

    /** Creates an empty database with all migrations applied. @returns its address for the service's role */
    createDatabase: (database: string): Promise<string> => createDatabase(site, database),
    /** The address of a database for its owner. The service's role has fewer rights. */
    ownerUrl: (database = "saldo"): string => ownerUrl(site, database),
  };
}

function createEnvironment(site: Site): Record<string, string> {
  return {
    ROLE: "all",
    HOST: "127.0.0.1",
    PORT: `${site.ports.api}`,
    DATABASE_URL: serviceUrl(site, "saldo"),
    REDIS_URL: `redis://127.0.0.1:${site.ports.redis}`,
    KAFKA_BROKERS: brokerPorts(site)
      .map((port) => `127.0.0.1:${port}`)
      .join(","),
    TEMPORAL_ADDRESS: `127.0.0.1:${site.ports.temporal}`,
    TEMPORAL_UI_URL: `http://localhost:${site.ports.temporalUi}`,
    // No load balancer has to detect the stop.
    STOP_DELAY: "0",
    PUBLIC_URL: `http://localhost:${site.ports.api}`,
    ...readKeys(),
  };
}

async function startAndPrint(site: Site, part: Part): Promise<void> {
  const startedAt = performance.now();
  const started = await startPart(site, part);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  printPart(part.name, `${(started ? `up in ${seconds} s` : "up already").padEnd(14)} ${part.address}`);
}

/** Waits for all, so that nothing continues in the background; joins their errors. */
async function joinErrors(promises: Promise<void>[]): Promise<void> {
  const failures = (await Promise.allSettled(promises)).filter((result) => result.status === "rejected");
  if (failures.length === 0) return;
  const unexpected = failures.find((failure) => !(failure.reason instanceof StackError));
  if (unexpected !== undefined) throw unexpected.reason;
  throw new StackError(failures.map((failure) => (failure.reason as StackError).message).join("\n"));
}
