import { join, resolve } from "node:path";
import { loadConfig } from "../../src/config.ts";

export const partNames = ["postgres", "redis", "kafka", "temporal", "saldo"] as const;
/** The service in four processes instead of one, its `ROLE`s apart: for tests of what happens between processes. Up only by name. */
export const processNames = ["api-1", "api-2", "worker-1", "worker-2"] as const;
export type ProcessName = (typeof processNames)[number];
export type PartName = (typeof partNames)[number] | ProcessName;
export type StackName = "demo" | "test" | "pulling" | "chaos" | "bench";

/** The repository's root. */
export const rootDirectory = resolve(import.meta.dir, "../..");

/** What all stacks share: tools that were downloaded, and the development keys. */
export const devDirectory = join(rootDirectory, ".dev");

/** A trouble that its message explains in one sentence: shown without a stack trace. */
export class StackError extends Error {
  override name = "StackError";
}

/** What the service assumes where nothing is said, which the demo stack is made to fit. The keys here are no one's. */
export const configDefaults = loadConfig({ JWT_JWKS_URL: "http://localhost", SIGNING_KEY: "-".repeat(32) });

/** Where a stack lives: its ports and its files. */
export type Site = ReturnType<typeof createSite>;

/** How much higher each stack's ports are than the demo's, all of them below the ephemeral ports. */
const portOffsets: Record<StackName, number> = { demo: 0, bench: 5_500, pulling: 7_500, test: 10_000, chaos: 12_500 };

/** The other stacks are the demo's, moved: their ports higher, their files a folder deeper. */
export function createSite(name: StackName) {
  const offset = portOffsets[name];
  const directory = name === "demo" ? devDirectory : join(devDirectory, name);
  const kafka = portOf(`kafka://${configDefaults.kafkaBrokers[0]}`) + offset;
  return {
    name,
    directory,
    ports: {
      api: configDefaults.port + offset,
      postgres: portOf(configDefaults.databaseUrl) + offset,
      redis: portOf(configDefaults.redisUrl) + offset,
      kafka,
      kafkaController: kafka + 1,
      temporal: portOf(`temporal://${configDefaults.temporalAddress}`) + offset,
      temporalUi: portOf(configDefaults.temporalUiUrl) + offset,
    },
    dataDirectory: (part: string) => join(directory, "data", part),
    pidFile: (part: string) => join(directory, "run", `${part}.pid`),
    logFile: (part: string) => join(directory, "log", `${part}.log`),
  };
}

function portOf(address: string): number {
  return Number(new URL(address).port);
}
