import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stack } from "../api/client.ts";
import { eventually } from "../waiting.ts";
import { ALERTS_FILE } from "./alerts.ts";

/** Seconds on a busy machine. */
const START_TIMEOUT_MS = 60_000;

/** One series of a query's result, by its labels. */
export type Series = Record<string, string>;

export type Prometheus = AsyncDisposable & {
  /** The labels of each series that the query returns. @throws at an invalid query */
  query(expression: string): Promise<Series[]>;
  /** The health of each alert by name: `ok` once it was evaluated without an error. */
  alertHealth(): Promise<Record<string, string>>;
};

/** Starts a Prometheus that scrapes these processes every second and has Saldo's alerts. It ends with the block. */
export async function startPrometheus(origins: readonly string[]): Promise<Prometheus> {
  const directory = await mkdtemp(join(tmpdir(), "saldo-prometheus-"));
  const address = `127.0.0.1:${stack.ports.api + 40}`;
  const configuration = {
    global: { scrape_interval: "1s", evaluation_interval: "1s" },
    rule_files: [ALERTS_FILE],
    scrape_configs: [{ job_name: "saldo", static_configs: [{ targets: origins.map((one) => new URL(one).host) }] }],
  };
  // JSON is YAML, too.
  await writeFile(join(directory, "prometheus.yml"), JSON.stringify(configuration));
  const server = Bun.spawn(
    [
      "prometheus",
      `--config.file=${join(directory, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(directory, "data")}`,
      `--web.listen-address=${address}`,
      "--log.level=error",
    ],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
  async function ask<Data>(path: string): Promise<Data> {
    const response = await fetch(`http://${address}/api/v1/${path}`);
    const { status, error, data } = (await response.json()) as { status: string; error?: string; data: Data };
    if (status !== "success") throw new Error(`${path}: ${error}`);
    return data;
  }
  async function query(expression: string): Promise<Series[]> {
    const parameters = new URLSearchParams({ query: expression });
    const { result } = await ask<{ result: { metric: Series }[] }>(`query?${parameters}`);
    return result.map(({ metric }) => metric);
  }
  async function end(): Promise<void> {
    server.kill("SIGTERM");
    await server.exited;
    await rm(directory, { recursive: true, force: true });
  }
  try {
    // A rate needs two scrapes of each process.
    const scrapedTwice = "count_over_time(saldo_info[1m]) >= 2";
    await eventually(async () => (await query(scrapedTwice)).length === origins.length, START_TIMEOUT_MS);
  } catch (error) {
    await end();
    throw error;
  }
  return {
    query,
    async alertHealth() {
      type Rule = { name: string; health: string };
      const { groups } = await ask<{ groups: { rules: Rule[] }[] }>("rules");
      return Object.fromEntries(groups.flatMap(({ rules }) => rules).map(({ name, health }) => [name, health]));
    },
    [Symbol.asyncDispose]: end,
  };
}

/** Each selector of an expression, with its label matchers: `saldo_operations_total{outcome!="completed"}`. */
export function selectorsOf(expression: string): string[] {
  return [...expression.matchAll(/\b(?:saldo|process|temporal)_\w+(?:\{[^}]*\})?/g)].map(([selector]) => selector);
}
