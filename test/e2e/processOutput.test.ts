import { expect, test } from "bun:test";
import { join } from "node:path";
import { rootDirectory } from "../../scripts/stack/site.ts";
import { DECLINE_CODES, KINDS } from "../../src/ledger/operations.ts";
import { post, stack } from "../support/api/client.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { sampleKey } from "../support/metrics/exposition.ts";
import { scrape } from "../support/metrics/scrape.ts";
import { eventually } from "../support/waiting.ts";

/** Above the ports that replicas of other tests take. */
const PORT = stack.ports.api + 70;
const ORIGIN = `http://127.0.0.1:${PORT}`;
const START_TIMEOUT_MS = 60_000;

const { paths } = (await Bun.file(join(rootDirectory, "docs/reference/openapi.json")).json()) as {
  paths: Record<string, Record<string, { responses: Record<string, unknown> }>>;
};

/** A pino line. */
type Line = { level: number; msg: string };

/** Runs a program with the image's variables of the runtime. */
function run(parameters: string[], environment: Record<string, string>) {
  const child = Bun.spawn([process.execPath, ...parameters], {
    cwd: rootDirectory,
    env: { PATH: process.env.PATH!, NODE_ENV: "production", NODE_NO_WARNINGS: "1", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = Promise.all([child.stdout.text(), child.stderr.text()]).then((texts) => texts.join(""));
  return { child, lines: async () => (await output).trimEnd().split("\n") };
}

/** Every series of a closed list: outcomes by kind, results, and documented statuses by route. */
function closedSeries(): string[] {
  const results = {
    saldo_cache_reads_total: ["hit", "miss", "error"],
    saldo_cache_writes_total: ["ok", "error", "skipped"],
  };
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { responses }]) =>
      Object.keys(responses).map((status) => ({ method: method.toUpperCase(), path, status })),
    ),
  );
  return [
    ...KINDS.flatMap((kind) =>
      ["completed", ...DECLINE_CODES].map((outcome) => sampleKey("saldo_operations_total", { kind, outcome })),
    ),
    ...Object.entries(results).flatMap(([name, values]) => values.map((result) => sampleKey(name, { result }))),
    ...["post", "publish"].flatMap((work) =>
      ["ok", "error"].map((result) => sampleKey(`saldo_${work}_duration_seconds_count`, { result })),
    ),
    ...["clean", "broken", "incomplete"].map((verdict) => sampleKey("saldo_audit_verdict", { verdict })),
    ...routes.map(({ method, path, status }) =>
      sampleKey("saldo_http_responses_total", { method, route: path.replaceAll(/\{(\w+)\}/g, ":$1"), status }),
    ),
  ];
}

test("a fresh process has every closed series, logs JSON only, and warns of nothing from start to stop", async () => {
  const { child, lines } = run(["src/main.ts"], { ...stack.environment, PORT: `${PORT}`, LOG_LEVEL: "debug" });
  try {
    await eventually(async () => (await fetch(`${ORIGIN}/healthz`)).ok, START_TIMEOUT_MS);
    const { samples } = await scrape(ORIGIN);
    const closed = closedSeries();
    expect(closed.length).toBeGreaterThan(300);
    expect(closed.filter((series) => !samples.has(series))).toEqual([]);

    const userId = uniqueUserId("payer");
    const send = (path: string, body: object) => post(path, body, { origin: ORIGIN, wait: 30 });
    expect((await send("/v1/deposits", { userId, amount: "5.00" })).status).toBe(200);
    const order = { userId, serviceId: "s1", orderId: "o1", amount: "2.00" };
    expect((await send("/v1/reservations", order)).status).toBe(200);
    expect((await send("/v1/recognitions", order)).status).toBe(200);
    expect((await send("/v1/withdrawals", { userId, amount: "9.00" })).status).toBe(422);
    const names = await eventually(async () => {
      // Temporal may give a workflow to the other process of the stack.
      await send("/v1/deposits", { userId, amount: "5.00" });
      const { text, types } = await scrape(ORIGIN);
      return text.includes("temporal_local_activity_total{") && [...types.keys()];
    }, START_TIMEOUT_MS);
    expect(names.filter((name) => name.endsWith("_total_total"))).toEqual([]);
  } finally {
    child.kill("SIGTERM");
  }
  expect(await child.exited).toBe(0);
  const logged = (await lines()).map((line) => JSON.parse(line) as Line);
  expect(logged.filter(({ level }) => level >= 40)).toEqual([]);
  // Lines of Temporal's SDK and of its threads are among them.
  const messages = logged.map(({ msg }) => msg);
  expect(messages).toContain("v8.promiseHooks.createHook is not available; stack trace collection will be disabled.");
  expect(messages).toContain("No workflows registered, not polling for workflow tasks");
}, 180_000);

test("an invalid configuration, an uncaught error and a failed promise are each one JSON line", async () => {
  const capture =
    'import { createLog } from "./src/observability/log.ts"; const log = createLog({ logLevel: "info", role: "all" }); (await import("./src/observability/processOutput.ts")).captureOutput(log);';
  const failures: [string[], string][] = [
    [["src/main.ts"], "The configuration is not usable:"],
    [["--eval", `${capture} setTimeout(() => { throw new Error("late"); }); setTimeout(() => {}, 60_000);`], "late"],
    [["--eval", `${capture} void Promise.reject(new Error("late")); setTimeout(() => {}, 60_000);`], "late"],
  ];
  for (const [parameters, text] of failures) {
    const { child, lines } = run(parameters, {});
    expect([parameters, await child.exited]).toEqual([parameters, 1]);
    const [line, ...others] = await lines();
    expect(others).toEqual([]);
    expect(JSON.parse(line!)).toMatchObject({ level: 60 });
    expect(line).toContain(text);
  }
});
