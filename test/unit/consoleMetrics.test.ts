import { describe, expect, test } from "bun:test";
import { decidedIn } from "../../console/src/decided.ts";
import {
  History,
  increaseOf,
  increasesBy,
  movesMoney,
  parseExposition,
  quantileOf,
  rateOf,
  type Span,
  sumOf,
} from "../../console/src/metrics.ts";
import { eventStateOf } from "../../console/src/outbox.ts";

const LATENCY = "saldo_http_request_duration_seconds";

const operationsRate = (spans: Span[]) => rateOf(spans, (span) => increaseOf(span, "saldo_operations_total"));

/** A scrape at a second, with these requests in three buckets, and these operations. */
function scrape(second: number, { start = 100, fast = 0, slow = 0, endless = 0, completed = 0, declined = 0 } = {}) {
  const labels = (le: string) => `method="POST",route="/v1/deposits",status="200",le="${le}"`;
  const text = `# HELP process_start_time_seconds Start.
process_start_time_seconds ${start}
${LATENCY}_bucket{${labels("0.1")}} ${fast}
${LATENCY}_bucket{${labels("0.3")}} ${fast + slow}
${LATENCY}_bucket{${labels("+Inf")}} ${fast + slow + endless}
${LATENCY}_bucket{method="GET",route="/metrics",status="200",le="0.1"} 900
saldo_operations_total{kind="deposit",outcome="completed"} ${completed}
saldo_operations_total{kind="withdrawal",outcome="insufficient_funds"} ${declined}
temporal_worker_task_slots_available{queue="a"} 7
`;
  return parseExposition(text, second * 1_000);
}

function historyOf(...scrapes: ReturnType<typeof scrape>[]): History {
  const history = new History();
  for (const one of scrapes) history.add(one);
  return history;
}

describe("rates of the last minutes", () => {
  test("a rate is the increase by the time between the first and the last scrape", () => {
    const spans = historyOf(
      scrape(0, { completed: 10 }),
      scrape(5, { completed: 20 }),
      scrape(10, { completed: 40 }),
    ).spans();
    expect(operationsRate(spans)).toBe(3);
  });

  test("scrapes of several processes are counted apart and added", () => {
    const [a, b] = [{ start: 100 }, { start: 200 }];
    const history = historyOf(
      scrape(0, { ...a, completed: 1_000 }),
      scrape(2, { ...b, completed: 5 }),
      scrape(10, { ...a, start: 100.0002, completed: 1_020 }),
      scrape(12, { ...b, completed: 25 }),
    );
    expect(operationsRate(history.spans())).toBe(4);
    expect(history.steps().map(([, to]) => to.atMs)).toEqual([10_000, 12_000]);
  });

  test("a process that has ended has no rate", () => {
    const history = historyOf(
      scrape(0, { completed: 10 }),
      scrape(10, { completed: 50 }),
      scrape(20, { start: 120, completed: 0 }),
      scrape(60, { start: 120, completed: 80 }),
    );
    expect(operationsRate(history.spans())).toBe(2);
  });

  test("a process that was started again counts from its own start", () => {
    const history = historyOf(scrape(0, { completed: 1_000 }), scrape(5, { start: 104, completed: 2 }));
    expect(history.spans()).toEqual([]);
  });

  test("scrapes older than five minutes are forgotten", () => {
    const history = historyOf(scrape(0), scrape(200, { completed: 200 }), scrape(400, { completed: 300 }));
    expect(operationsRate(history.spans())).toBe(0.5);
  });
});

describe("quantiles", () => {
  const spans = (after: Parameters<typeof scrape>[1]) => historyOf(scrape(0, { fast: 50 }), scrape(10, after)).spans();

  test("a quantile is interpolated in the bucket of its rank, of the increase alone", () => {
    expect(quantileOf(spans({ fast: 150, slow: 100 }), LATENCY, 0.5, movesMoney)).toBeCloseTo(0.1);
    expect(quantileOf(spans({ fast: 150, slow: 100 }), LATENCY, 0.75, movesMoney)).toBeCloseTo(0.2);
    expect(quantileOf(spans({ fast: 60 }), LATENCY, 0.5, movesMoney)).toBeCloseTo(0.05);
  });

  test("in the bucket without an end a quantile is its start; without requests there is none", () => {
    expect(quantileOf(spans({ fast: 50, endless: 10 }), LATENCY, 0.99, movesMoney)).toBe(0.3);
    expect(quantileOf(spans({ fast: 50 }), LATENCY, 0.99, movesMoney)).toBeUndefined();
  });
});

test("increases are listed by a label, the largest first, without those that did not change", () => {
  const before = scrape(0, { completed: 5, declined: 2 });
  expect(
    increasesBy([[before, scrape(5, { completed: 6, declined: 9 })]], "saldo_operations_total", "outcome"),
  ).toEqual([
    ["insufficient_funds", 7],
    ["completed", 1],
  ]);
  expect(increasesBy([[before, before]], "saldo_operations_total", "outcome")).toEqual([]);
});

test("in a process of the role api the answers of requests count as decided operations", () => {
  const answers = (second: number, completed: number, declined: number) =>
    parseExposition(
      `saldo_info{role="api",version="1"} 1
${LATENCY}_count{method="POST",route="/v1/deposits",status="200"} ${completed}
${LATENCY}_count{method="POST",route="/v1/withdrawals",status="422"} ${declined}
${LATENCY}_count{method="POST",route="/v1/deposits",status="503"} ${second}
${LATENCY}_count{method="GET",route="/metrics",status="200"} ${second}
`,
      second * 1_000,
    );
  expect(decidedIn([answers(0, 5, 1), answers(10, 15, 4)])).toEqual({ all: 13, declined: 3 });
  expect(decidedIn([scrape(0), scrape(10, { completed: 7, declined: 2 })])).toEqual({ all: 9, declined: 2 });
});

test("a metric that is absent has no value, and metrics of Temporal are left out", () => {
  expect(sumOf(scrape(0), "saldo_ledger_up")).toBeUndefined();
  expect(sumOf(scrape(0), "temporal_worker_task_slots_available")).toBeUndefined();
});

describe("whether the event of an operation is published", () => {
  const outbox = (waiting: number, ageSeconds: number) =>
    parseExposition(
      `saldo_unpublished_carriers ${waiting}\nsaldo_unpublished_oldest_age_seconds ${ageSeconds}\n`,
      Date.UTC(2026, 10, 29, 12),
    );

  test("with an empty outbox it is; without a ledger it is not known", () => {
    expect(eventStateOf("2026-11-29T11:59:59.999Z", outbox(0, 0))).toBe("published");
    expect(eventStateOf("2026-11-29T11:59:59.999Z", parseExposition("", 0))).toBe("unknown");
  });

  test("it is where the operation is older than the oldest event that waits, else it may wait", () => {
    expect(eventStateOf("2026-11-29T11:58:50.000Z", outbox(3, 60))).toBe("published");
    expect(eventStateOf("2026-11-29T11:59:00.000Z", outbox(3, 60))).toBe("waiting");
    expect(eventStateOf("2026-11-29T11:59:30.000Z", outbox(3, 60))).toBe("waiting");
  });
});
