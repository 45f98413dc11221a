import { expect, test } from "bun:test";
import manifest from "../../package.json" with { type: "json" };
import { get, post } from "../support/api/client.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { scrape, scrapeAll } from "../support/metrics/scrape.ts";
import { startReplicas } from "../support/stack/replicas.ts";
import { awaitIdle } from "../support/temporal/idle.ts";
import { eventually } from "../support/waiting.ts";

/** Time within which the sweep publishes the events that another test left in the outbox. */
const SWEPT_WITHIN_MS = 60_000;

/** Measures the growth of the metrics between two scrapes. */
async function growth(work: () => Promise<unknown>) {
  // A carrier counts its outcomes when it ends, and its events when they are published.
  await awaitIdle();
  const before = await eventually(async () => {
    const one = await scrapeAll();
    return one.valueAt("saldo_unpublished_carriers") === 0 && one;
  }, SWEPT_WITHIN_MS);
  await work();
  return async () => {
    const after = await scrapeAll();
    return (name: string, labels?: Record<string, string>) =>
      after.valueAt(name, labels) - before.valueAt(name, labels);
  };
}

test("metrics need no token and are in Prometheus' text format, with those of Temporal's SDK", async () => {
  await post("/v1/deposits", { userId: uniqueUserId("payer"), amount: "1.00" }, { wait: 10 });
  const { response, types, valueAt } = await scrape();
  expect([response.status, response.headers.get("content-type")]).toEqual([
    200,
    "text/plain; version=0.0.4; charset=utf-8",
  ]);
  expect(types.get("saldo_operations_total")).toBe("counter");
  expect(types.get("temporal_request_total")).toBe("counter");
  expect([...types.keys()].filter((name) => !/^(saldo|temporal|process)_/.test(name))).toEqual([]);
  expect(valueAt("saldo_ledger_up")).toBe(1);
  expect(valueAt("process_cpu_seconds_total")).toBeGreaterThan(0);
  expect(valueAt("process_resident_memory_bytes")).toBeGreaterThan(1_000_000);
  const all = await scrapeAll();
  expect(all.valueAt("saldo_pg_pool_connections", { pool: "posting", state: "idle" })).toBeGreaterThan(0);
});

test("each request, carrier, post, outcome and event is counted and timed", async () => {
  const userId = uniqueUserId("payer");
  const grown = await growth(async () => {
    await post("/v1/deposits", { userId, amount: "5.00" }, { wait: 10 });
    await post("/v1/withdrawals", { userId, amount: "9.00" }, { wait: 10 });
    await post("/v1/withdrawals", { userId, amount: "none" });
    await get(`/v1/users/${userId}/none`);
  });
  const by = await eventually(async () => {
    const one = await grown();
    return one("saldo_event_delay_seconds_count") > 0 && one("saldo_carrier_operations_sum") >= 2 && one;
  });
  const requests = (method: string, route: string, status: string) =>
    by("saldo_http_responses_total", { method, route, status });
  expect(requests("POST", "/v1/deposits", "200")).toBe(1);
  expect(requests("POST", "/v1/withdrawals", "422")).toBe(1);
  expect(requests("POST", "/v1/withdrawals", "400")).toBe(1);
  expect(requests("GET", "unmatched", "404")).toBe(1);
  expect(by("saldo_operations_total", { kind: "deposit", outcome: "completed" })).toBe(1);
  expect(by("saldo_operations_total", { kind: "withdrawal", outcome: "insufficient_funds" })).toBe(1);
  // The second may have been pulled by the first one's carrier. A busy machine may repeat a posting, and a sweep a
  // publication.
  expect(by("saldo_carrier_operations_count")).toBeWithin(1, 3);
  expect(by("saldo_post_operations_sum")).toBeGreaterThanOrEqual(2);
  expect(by("saldo_post_duration_seconds_count", { result: "ok" })).toBeGreaterThanOrEqual(2);
  expect(by("saldo_publish_duration_seconds_count", { result: "ok" })).toBeGreaterThanOrEqual(1);
  expect(by("saldo_events_published_total")).toBeGreaterThanOrEqual(1);
  expect(by("saldo_event_delay_seconds_sum")).toBeGreaterThan(0);
  // The workflow ends after its callers are answered.
  await eventually(async () => (await scrapeAll()).text.includes("temporal_workflow_completed_total{"));
});

test("a batch is one carrier of many operations, and its replay counts no outcome twice", async () => {
  const operations = Array.from({ length: 7 }, () => ({
    kind: "deposit",
    idempotencyKey: crypto.randomUUID(),
    userId: uniqueUserId("payer"),
    amount: "1.00",
  }));
  const grown = await growth(async () => {
    for (let turn = 0; turn < 2; turn += 1) await post("/v1/batches", { operations }, { key: null, wait: 10 });
  });
  const by = await eventually(async () => {
    const one = await grown();
    return one("saldo_carrier_operations_sum") > 0 && one;
  });
  expect(by("saldo_carrier_operations_sum")).toBe(7);
  expect(by("saldo_operations_total", { kind: "deposit", outcome: "completed" })).toBe(7);
});

test("cache hits and misses are counted apart, and no path of a request becomes a label", async () => {
  const userId = uniqueUserId("payer");
  await post("/v1/deposits", { userId, amount: "1.00" }, { wait: 10 });
  const grown = await growth(async () => {
    await get(`/v1/users/${userId}/balance`);
    await get(`/v1/users/${uniqueUserId("unknown")}/balance`);
  });
  const by = await grown();
  expect(by("saldo_cache_reads_total", { result: "hit" })).toBe(1);
  expect(by("saldo_cache_reads_total", { result: "miss" })).toBe(1);
  expect((await scrapeAll()).text).not.toContain(userId);
});

test("a worker exposes metrics of its own", async () => {
  await using replicas = await startReplicas(1, { ROLE: "worker" });
  const [, worker] = replicas.origins;
  // A newly started worker queries the ledger and Temporal's core for the first time.
  const workerValueAt = await eventually(async () => {
    const { types, valueAt } = await scrape(worker);
    return valueAt("saldo_ledger_up") === 1 && types.has("temporal_worker_start_total") && valueAt;
  }, 40_000);
  expect(workerValueAt("saldo_info", { role: "worker", version: manifest.version })).toBe(1);
});
