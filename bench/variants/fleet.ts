import { Client, Connection } from "@temporalio/client";
import { createDatabase, ownerUrl, withOwner } from "../../scripts/stack/databases.ts";
import { listProcesses, startPart, stopPart } from "../../scripts/stack/lifecycle.ts";
import type { Part } from "../../scripts/stack/part.ts";
import { createService } from "../../scripts/stack/service.ts";
import { createStack } from "../../scripts/stack/stack.ts";
import { SCHEDULES } from "../../src/temporal/schedules.ts";
import { AUDIT_SCHEDULE_ID } from "../../src/workflows/contract.ts";
import { fillCache } from "./cache.ts";
import { seed } from "./seed.ts";

export const variantNames = ["saldo", "ungrouped", "plain", "tuned", "empty", "bare"] as const;
export type VariantName = (typeof variantNames)[number];

export const variantTitles: Record<VariantName, string> = {
  saldo: "Saldo",
  ungrouped: "Saldo, one workflow an operation",
  plain: "plain service",
  tuned: "plain service, tuned",
  empty: "empty workflow",
  bare: "bare cache route",
};

export type Fleet = Awaited<ReturnType<typeof createFleet>>;

const stores = ["postgres", "redis", "kafka", "temporal"] as const;

/** The ledger that the variant writes to. */
export function ledgerOf(name: VariantName): "saldo" | "plain" {
  return name === "plain" || name === "tuned" ? "plain" : "saldo";
}

/** Cached balances live for the whole run, and only warnings and errors are logged. */
const CACHE_TTL_SECONDS = 3600;
const settings = { BALANCE_CACHE_TTL: `${CACHE_TTL_SECONDS}`, LOG_LEVEL: "warn" };

/**
 * The benchmark's stack with every variant.
 * The small services keep running next to Saldo on ports of their own, and cost nothing without requests.
 * Saldo with and without grouping share a ledger, so that each completes the workflows that the other left.
 */
export async function createFleet() {
  const stack = createStack("bench", settings);
  const { site, ports } = stack;

  await stack.reset();
  await stack.up(stores);
  await pauseAudits(stack.environment.TEMPORAL_ADDRESS!);
  const plainUrl = await createDatabase(site, "plain");
  for (const database of ["saldo", "plain"]) await withOwner(site, database, seed);

  const service = (name: VariantName, index: number, folder: string, environment: Record<string, string> = {}) => {
    const port = ports.api + index;
    return createService(site, {
      ...{ name, port, title: `The ${variantTitles[name]}`, program: `bench/variants/${folder}/main.ts` },
      sources: ["src/**/*", `bench/variants/${folder}/*`],
      environment: { ...stack.environment, ...environment, PORT: `${port}` },
    });
  };
  const services: Record<Exclude<VariantName, "saldo">, Part> = {
    plain: service("plain", 1, "plain", { DATABASE_URL: plainUrl }),
    tuned: service("tuned", 2, "plain", { DATABASE_URL: plainUrl, PLAIN_TUNED: "on" }),
    empty: service("empty", 3, "empty"),
    bare: service("bare", 4, "bare"),
    ungrouped: service("ungrouped", 5, "ungrouped"),
  };
  const stopServices = () => Promise.all(Object.values(services).map((part) => stopPart(site, part)));
  // A killed run may have left services running. Saldo without grouping would take tasks from this run's workflows.
  await stopServices();

  return {
    /** Folder for files of the run. */
    directory: site.directory,
    brokers: [`127.0.0.1:${ports.kafka}`],

    /** By store, a function that lists its pids. All variants share the stores. */
    stores: Object.fromEntries(stores.map((part) => [part, () => stack.processes(part)])),

    /** The pids of all running variants. */
    services: (): number[] => [
      ...stack.processes("saldo"),
      ...Object.values(services).flatMap((part) => listProcesses(site, part)),
    ],

    /** Starts the variant if needed. @returns its address, and a function that lists its pids */
    async use(name: VariantName): Promise<{ url: string; processes(): number[] }> {
      // These two share a task queue, so only one of them may run.
      if (name === "ungrouped") await stack.stop("saldo");
      if (name === "saldo") {
        await stopPart(site, services.ungrouped);
        await stack.start("saldo");
        return { url: `http://127.0.0.1:${ports.api}`, processes: () => stack.processes("saldo") };
      }
      const part = services[name];
      await startPart(site, part);
      return { url: part.address.replace("localhost", "127.0.0.1"), processes: () => listProcesses(site, part) };
    },

    fillCache: (): Promise<void> =>
      withOwner(site, "saldo", (client) => fillCache(stack.environment.REDIS_URL!, client, CACHE_TTL_SECONDS)),

    /** The address of the variant's ledger for the database's owner. */
    ownerUrl: (name: VariantName): string => ownerUrl(site, ledgerOf(name)),

    async stop(): Promise<void> {
      await stopServices();
      await stack.down();
    },
  };
}

/**
 * Pauses Saldo's scheduled audit.
 * The seed has no events, so the audit would report and publish each of its rows. The schedule is created before Saldo
 * starts, because Saldo does not undo an operator's pause.
 */
async function pauseAudits(temporalAddress: string): Promise<void> {
  const connection = await Connection.connect({ address: temporalAddress });
  const definition = SCHEDULES.find(({ scheduleId }) => scheduleId === AUDIT_SCHEDULE_ID)!;
  await new Client({ connection }).schedule.create({ ...definition, state: { paused: true } });
  await connection.close();
}
