import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { rootDirectory } from "../../scripts/stack/site.ts";
import { runTool } from "../../scripts/stack/tools.ts";
import { get, post, processOrigins } from "../support/api/client.ts";
import { readPage } from "../support/api/pages.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { ALERTS_FILE, readAlerts } from "../support/metrics/alerts.ts";
import { type Prometheus, selectorsOf, startPrometheus } from "../support/metrics/prometheus.ts";
import { openWebUi } from "../support/temporal/webUi.ts";
import { eventually } from "../support/waiting.ts";

type Target = { expr: string; legendFormat: string };
type Panel = { title: string; targets?: Target[] };
const { panels } = (await Bun.file(join(rootDirectory, "deploy/grafana/saldo.json")).json()) as { panels: Panel[] };
const targets = panels.flatMap(({ title, targets }) => (targets ?? []).map((target) => ({ title, ...target })));

/** Time for a workflow to end, a scrape and an evaluation on a busy machine. */
const SERIES_TIMEOUT_MS = 60_000;

let prometheus: Prometheus;
beforeAll(async () => {
  await post("/v1/deposits", { userId: uniqueUserId("payer"), amount: "1.00" }, { wait: 20 });
  await post("/v1/audits", {}, { key: null });
  await eventually(async () => (await get("/v1/audits/latest")).status === 200, SERIES_TIMEOUT_MS);
  prometheus = await startPrometheus(processOrigins);
}, 180_000);
afterAll(async () => await prometheus[Symbol.asyncDispose]());

test("promtool accepts the alerts, and their unit tests pass", async () => {
  expect(await runTool(["promtool", "check", "rules", ALERTS_FILE])).toContain("SUCCESS");
  expect(await runTool(["promtool", "test", "rules", ALERTS_FILE.replace(".yml", ".test.yml")])).toContain("SUCCESS");
});

test("every series of the alerts is served, and Prometheus evaluates each alert", async () => {
  const alerts = await readAlerts();
  for (const { alert, expr } of alerts) {
    const selectors = selectorsOf(expr);
    expect([alert, selectors.length]).not.toEqual([alert, 0]);
    for (const selector of selectors) {
      const found = await eventually(async () => (await prometheus.query(selector)).length, SERIES_TIMEOUT_MS);
      expect([selector, found > 0]).toEqual([selector, true]);
    }
  }
  const health = await eventually(async () => {
    const current = await prometheus.alertHealth();
    return Object.values(current).every((one) => one !== "unknown") && current;
  }, SERIES_TIMEOUT_MS);
  expect(health).toEqual(Object.fromEntries(alerts.map(({ alert }) => [alert, "ok"])));
});

test("every query of the dashboard returns series that have the labels of its legend", async () => {
  expect(targets.length).toBeGreaterThan(30);
  for (const { title, expr, legendFormat } of targets) {
    const query = expr.replaceAll("$__rate_interval", "1m");
    const labels = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label!);
    const series = await eventually(async () => {
      const found = await prometheus.query(query);
      return found.length > 0 && found;
    }, SERIES_TIMEOUT_MS).catch(() => []);
    expect([title, series.length > 0]).toEqual([title, true]);
    const named = series.filter((one) => labels.every((label) => one[label]));
    expect([title, named.length > 0]).toEqual([title, true]);
    for (const selector of selectorsOf(query.replaceAll("_bucket", "_count"))) {
      expect([selector, (await prometheus.query(selector)).length > 0]).toEqual([selector, true]);
    }
  }
});

test("Temporal accepts every saved query of the runbook, that of running carriers first", async () => {
  const queries = [...readPage("docs/operating/runbook.md").matchAll(/^\| `(.+?)` \| .+ \|$/gm)].map(
    ([, query]) => query!,
  );
  expect(queries[0]).toBe('WorkflowType="carrier" AND ExecutionStatus="Running"');
  expect(queries.length).toBeGreaterThan(5);
  const webUi = await openWebUi();
  try {
    for (const query of queries) expect([query, await webUi.count(query)]).toEqual([query, expect.any(Number)]);
    const refused = await webUi.count('WorkflowType="carrier" AND Unknown="x"').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Error);
  } finally {
    await webUi.close();
  }
});
