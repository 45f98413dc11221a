import { describe, expect, test } from "bun:test";
import { History, parseExposition } from "../../console/src/metrics.ts";
import { T } from "../../console/src/texts.ts";
import { type Watched, warningsOf } from "../../console/src/warnings.ts";

const texts = T.health.warnings;
const STARTED = 1_000_000;

/** A scrape some seconds after the start. `values` replace and add samples of a process that is well. */
function scrape(second: number, values: Record<string, number>) {
  const samples = {
    process_start_time_seconds: STARTED,
    saldo_ledger_up: 1,
    saldo_audit_age_seconds: 60,
    'saldo_audit_verdict{verdict="clean"}': 1,
    ...values,
  };
  const text = Object.entries(samples).map(([name, value]) => `${name} ${value}\n`);
  return parseExposition(text.join(""), (STARTED + second) * 1_000);
}

function healthOf(...scrapes: ReturnType<typeof scrape>[]): Watched {
  const history = new History();
  for (const one of scrapes) history.add(one);
  return { history, parts: { postgres: "up", kafka: "up" }, isStopping: false };
}

/** The warnings after five minutes, in which the samples grow from zero. */
function grown(values: Record<string, number>): string[] {
  const zeros = Object.fromEntries(Object.keys(values).map((name) => [name, 0]));
  return warningsOf(healthOf(scrape(0, zeros), scrape(240, values)));
}

test("a process that is well has no warning", () => {
  expect(warningsOf(healthOf())).toEqual([]);
  expect(warningsOf(healthOf(scrape(0, {}), scrape(5, {})))).toEqual([]);
});

describe("a warning is shown", () => {
  test.each([
    ['saldo_audit_verdict{verdict="broken"}', 1, texts.broken],
    ['saldo_audit_verdict{verdict="incomplete"}', 1, texts.incomplete],
    ["saldo_audit_age_seconds", 7_201, texts.oldAudit],
    ["saldo_unpublished_oldest_age_seconds", 121, texts.outbox("2\u00a0min 1\u00a0s")],
    ["saldo_overdue_reservations_oldest_age_seconds", 121, texts.overdue("2\u00a0min 1\u00a0s")],
    ["saldo_ledger_up", 0, texts.down("PostgreSQL")],
  ])("of the present value of %s", (name, value, warning) => {
    expect(warningsOf(healthOf(scrape(0, { [name]: value })))).toEqual([warning]);
  });

  test.each([
    ['saldo_operations_total{kind="deposit",outcome="refused_by_ledger"}', texts.refused],
    ['saldo_cache_reads_total{result="error"}', texts.cacheReads],
    ['saldo_cache_writes_total{result="error"}', texts.cacheWrites],
    ['saldo_http_request_duration_seconds_count{method="POST",route="/v1/deposits",status="500"}', texts.failed(3)],
  ])("of the increase of %s", (name, warning) => {
    expect(grown({ [name]: 3 })).toEqual([warning]);
    expect(warningsOf(healthOf(scrape(0, { [name]: 3 }), scrape(240, { [name]: 3 })))).toEqual([]);
  });

  test.each([
    ["saldo_uncommitted_carriers", 17, texts.uncommitted("17")],
    ['saldo_pg_pool_waiting_requests{pool="ledger"}', 1, texts.pool],
  ])("of %s once it has held for a minute", (name, value, warning) => {
    const held = (...seconds: number[]) => warningsOf(healthOf(...seconds.map((at) => scrape(at, { [name]: value }))));
    expect(held(0, 30, 59)).toEqual([]);
    expect(held(0, 30, 60)).toEqual([warning]);
    // In a gap the value is not known.
    expect(held(0, 60)).toEqual([]);
    const full = { [name]: value };
    const dropped = healthOf(scrape(0, full), scrape(30, full), scrape(50, {}), scrape(70, full), scrape(90, full));
    expect(warningsOf(dropped)).toEqual([]);
  });

  test("of parts that are down, and of a process that is stopping", () => {
    const health = healthOf(scrape(0, {}));
    expect(warningsOf({ ...health, parts: { postgres: "up", kafka: "down" } })).toEqual([texts.down("Kafka")]);
    expect(warningsOf({ ...health, isStopping: true })).toEqual([texts.stopping]);
  });

  test("of audits that never finished, two hours after the start", () => {
    const unaudited = (second: number) =>
      parseExposition(`process_start_time_seconds ${STARTED}\nsaldo_ledger_up 1\n`, (STARTED + second) * 1_000);
    expect(warningsOf(healthOf(unaudited(7_200)))).toEqual([]);
    expect(warningsOf(healthOf(unaudited(7_201)))).toEqual([texts.neverAudited]);
  });
});

test("failed writes to the cache among successful ones, and refused probes, need no look", () => {
  expect(grown({ 'saldo_cache_writes_total{result="error"}': 1, 'saldo_cache_writes_total{result="ok"}': 1 })).toEqual(
    [],
  );
  expect(grown({ 'saldo_http_request_duration_seconds_count{method="GET",route="/readyz",status="503"}': 4 })).toEqual(
    [],
  );
});
