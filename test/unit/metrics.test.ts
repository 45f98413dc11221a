import { describe, expect, test } from "bun:test";
import { Registry } from "prom-client";
import type { StoredEntry } from "../../src/ledger/records.ts";
import { createInstruments } from "../../src/observability/metrics/instruments.ts";
import { createOnAnswered, measuredPost, measuredPublish } from "../../src/observability/metrics/measured.ts";
import { createScrape, type Sources } from "../../src/observability/metrics/scrape.ts";
import { readPage } from "../support/api/pages.ts";
import { deposit } from "../support/ledger/operations.ts";
import { parseExposition } from "../support/metrics/exposition.ts";

const sources: Sources = {
  readBacklog: async () => ({
    outboxCarriers: 3,
    outboxAgeSeconds: 40.5,
    overdueReservations: 2,
    overdueAgeSeconds: 7.25,
    audit: { verdict: "broken", findings: 3, ageSeconds: 60 },
  }),
  poolUse: () => [{ pool: "posting", total: 5, idle: 2, waiting: 1 }],
  dispatchLoad: () => ({ queuedOperations: 11, oldestQueuedAgeMs: 1_500, uncommittedCarriers: 4 }),
  readTemporal: async () => "# TYPE temporal_polls counter\ntemporal_polls 1\n",
};

function create(overrides: Partial<Sources> = {}) {
  const registry = new Registry();
  const instruments = createInstruments(registry);
  const scrape = createScrape(registry, instruments, { ...sources, ...overrides });
  return { registry, instruments, samples: async () => parseExposition(await scrape()).samples };
}

test("the table of metrics is the registry's, with types and labels, in its order", async () => {
  const metrics = await create().registry.getMetricsAsJSON();
  const labelsOf = (name: string) =>
    (create().registry.getSingleMetric(name) as unknown as { labelNames: string[] }).labelNames;
  const rows = [
    ...readPage("docs/reference/metrics.md").matchAll(/^\| `((?:saldo|process)_[a-z_]+)` \| (\w+) \| (.*?)\| .+ \|$/gm),
  ].map(([, name, type, labels]) => [name, type, [...labels!.matchAll(/`(\w+)`/g)].map(([, label]) => label)]);
  expect(rows).toEqual(metrics.map(({ name, type }) => [name, String(type), labelsOf(name)]));
});

test("names follow Prometheus' conventions: counters end in _total, and only base units occur", async () => {
  for (const { name, type, help } of await create().registry.getMetricsAsJSON()) {
    expect(name.endsWith("_total")).toBe(String(type) === "counter");
    expect(name).not.toMatch(/_(ms|milliseconds|minutes|kilobytes|count|sum|bucket)$/);
    expect(help).toEndWith(".");
  }
});

describe("a scrape", () => {
  test("has the current queues, followed by Temporal's metrics", async () => {
    const samples = await create().samples();
    expect(Object.fromEntries(samples)).toMatchObject({
      saldo_ledger_up: 1,
      saldo_unpublished_carriers: 3,
      saldo_unpublished_oldest_age_seconds: 40.5,
      saldo_overdue_reservations: 2,
      saldo_overdue_reservations_oldest_age_seconds: 7.25,
      'saldo_audit_verdict{verdict="broken"}': 1,
      'saldo_audit_verdict{verdict="clean"}': 0,
      saldo_audit_findings: 3,
      saldo_audit_age_seconds: 60,
      saldo_queued_operations: 11,
      saldo_queue_oldest_age_seconds: 1.5,
      saldo_uncommitted_carriers: 4,
      'saldo_pg_pool_connections{pool="posting",state="busy"}': 3,
      'saldo_pg_pool_connections{pool="posting",state="idle"}': 2,
      'saldo_pg_pool_waiting_requests{pool="posting"}': 1,
      temporal_polls: 1,
    });
  });

  test("omits sources that fail or hang, and does not repeat earlier values of the ledger", async () => {
    let { readBacklog } = sources;
    const { samples } = create({
      readBacklog: () => readBacklog(),
      readTemporal: () => Promise.reject(new Error("refused")),
    });
    expect((await samples()).get("saldo_unpublished_carriers")).toBe(3);
    readBacklog = () => new Promise(() => {});
    const scraped = await samples();
    expect(scraped.get("saldo_ledger_up")).toBe(0);
    expect([...scraped.keys()].filter((name) => /unpublished|overdue|audit|temporal/.test(name))).toEqual([]);
  });
});

test("unknown methods and unknown paths share one label value each", async () => {
  const { instruments, samples } = create();
  const onAnswered = createOnAnswered(instruments);
  for (const method of ["ONE", "TWO"]) onAnswered(method, undefined, 404, 0.001);
  const scraped = await samples();
  for (const name of ["saldo_http_request_duration_seconds_count", "saldo_http_responses_total"]) {
    expect(scraped.get(`${name}{method="other",route="unmatched",status="404"}`)).toBe(2);
  }
});

test("failures are timed as such and thrown again", async () => {
  const { instruments, samples } = create();
  const fail = () => Promise.reject(new Error("away"));
  await expect(measuredPost(instruments, fail)("carrier", [])).rejects.toThrow("away");
  const scraped = await samples();
  expect(scraped.get('saldo_post_duration_seconds_count{result="error"}')).toBe(1);
});

test("a posting is timed with its number of operations and its arguments are passed unchanged", async () => {
  const { instruments, samples } = create();
  const operations = [deposit("alice", "1.00"), deposit("bob", "1.00")];
  const post = measuredPost(instruments, async (...args) => args);
  expect(await post("carrier", operations, true)).toEqual(["carrier", operations, true]);
  const measured = await samples();
  expect(measured.get('saldo_post_duration_seconds_count{result="ok"}')).toBe(1);
  expect(measured.get("saldo_post_operations_count")).toBe(1);
  expect(measured.get("saldo_post_operations_sum")).toBe(2);
});

test("the delay of a publication counts from its oldest entry, and unacknowledged events do not count", async () => {
  const { instruments, samples } = create();
  const entry = (ageMs: number) => ({ createdAt: new Date(Date.now() - ageMs) }) as StoredEntry;
  await measuredPublish(instruments, async () => {})([entry(1_000), entry(90_000)]);
  await expect(measuredPublish(instruments, () => Promise.reject(new Error("away")))([entry(0)])).rejects.toThrow();
  const scraped = await samples();
  expect(scraped.get("saldo_events_published_total")).toBe(2);
  expect(scraped.get("saldo_event_delay_seconds_count")).toBe(1);
  expect(scraped.get("saldo_event_delay_seconds_sum")).toBeGreaterThanOrEqual(90);
  expect(scraped.get('saldo_publish_duration_seconds_count{result="error"}')).toBe(1);
});
