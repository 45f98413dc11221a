import { chmodSync, mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { loadConfig } from "../../src/config.ts";

export const partNames = ["postgres", "redis", "kafka", "temporal", "saldo"] as const;
/** The service in four processes, one `ROLE` each, for tests across processes. `up` starts them only by name. */
export const processNames = ["api-1", "api-2", "worker-1", "worker-2"] as const;
export type ProcessName = (typeof processNames)[number];
/** Further nodes of a cluster. Its first nodes have the names of single parts; each may be a primary or leader. */
export const nodeNames = ["postgres-2", "kafka-2", "kafka-3", "saldo-2"] as const;
export type PartName = (typeof partNames)[number] | ProcessName | (typeof nodeNames)[number];
export type StackName = "demo" | "test" | "pulling" | "chaos" | "bench" | "cluster" | "operating";

/** The repository's root. */
export const rootDirectory = resolve(import.meta.dir, "../..");

/** The folder that all stacks share: downloaded tools and development keys. */
export const devDirectory = join(rootDirectory, ".dev");

/** An error with a message for the user: printed without a stack trace. */
export class StackError extends Error {
  override name = "StackError";
}

/** The configuration's defaults, which the demo stack follows. The keys are placeholders. */
export const configDefaults = loadConfig({ JWT_JWKS_URL: "http://localhost", SIGNING_KEY: "-".repeat(32) });

/** The ports and files of a stack. `name` is unique among the stacks of a working copy. */
export type Site = Omit<ReturnType<typeof createSite>, "name"> & { name: string };

/** Port offsets of each stack from the demo's. All ports are below the ephemeral ones. */
const portOffsets: Record<StackName, number> = {
  demo: 0,
  operating: 2_000,
  cluster: 4_000,
  bench: 5_500,
  pulling: 7_500,
  test: 10_000,
  chaos: 12_500,
};

/** Derives a stack's ports and files from the demo's: higher ports, another folder. */
export function createSite(name: StackName) {
  const offset = portOffsets[name];
  const directory = name === "demo" ? devDirectory : join(devDirectory, name);
  const kafka = portOf(`kafka://${configDefaults.kafka.brokers[0]}`) + offset;
  return {
    name,
    directory,
    /** Whether stores and service have several nodes. */
    isCluster: name === "cluster",
    ports: {
      api: configDefaults.port + offset,
      postgres: portOf(configDefaults.database.url.value) + offset,
      redis: portOf(configDefaults.redis.url.value) + offset,
      kafka,
      kafkaController: kafka + 1,
      temporal: portOf(`temporal://${configDefaults.temporal.address}`) + offset,
      temporalUi: portOf(configDefaults.temporalUiUrl) + offset,
    },
    dataDirectory: (part: string) => join(directory, "data", part),
    pidFile: (part: string) => join(directory, "run", `${part}.pid`),
    logFile: (part: string) => join(directory, "log", `${part}.log`),
  };
}

/**
 * Creates the folders of all data and logs, closed to other users.
 * They hold payloads and comments. Root's PostgreSQL runs as another user. It may pass through the folder of all data
 * to its own, but not list it.
 */
export function createPrivateFolders(site: Site): void {
  const isRoot = process.getuid?.() === 0;
  createFolder(dirname(site.dataDirectory("any")), isRoot ? 0o711 : 0o700);
  createFolder(dirname(site.logFile("any")), 0o700);
}

/** An existing folder gets the mode, too: earlier versions left theirs open. */
function createFolder(path: string, mode: number): void {
  mkdirSync(path, { recursive: true });
  chmodSync(path, mode);
}

function portOf(address: string): number {
  return Number(new URL(address).port);
}
