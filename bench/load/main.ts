import { writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import autocannon from "autocannon";
import { createRequests, type Recorder } from "./requests.ts";
import type { Latency, Observed, Order, Report } from "./scenarios.ts";

/** The longest that may be asked for: one workflow an operation makes 512 callers wait for more than ten seconds. */
const WAIT_SECONDS = 30;
/** What is not answered by then counts as an error of its connection. */
const ANSWER_TIMEOUT_SECONDS = 40;

/**
 * On a clock, each connection sends one request a second: with as many connections as the rate, none waits for an answer that comes within a
 * second. They begin spread over the second, since the generator's own clock ticks for all connections of a run at once.
 */
const RUNS_A_SECOND = 50;

/** One run of load in a process of its own, so that its time on the processor can be told from the service's. */
async function main(order: Order): Promise<void> {
  const latencies: number[] = [];
  const observed: Omit<Observed, "latencyMs"> = { completed: 0, sent: 0, answers: {}, connectionErrors: 0 };
  const keysOfAll: string[] = [];
  let isMeasuring = false;
  let lastKey = 0;
  const recorder: Recorder = {
    nextKey() {
      lastKey += 1;
      return `${lastKey}`;
    },
    sent() {
      if (isMeasuring) observed.sent += 1;
    },
    answered(status, keys, completed) {
      for (const key of keys) keysOfAll.push(key);
      if (!isMeasuring) return;
      observed.answers[status] = (observed.answers[status] ?? 0) + 1;
      observed.completed += completed;
    },
  };

  const runs: Promise<void>[] = [];
  const run = (pace: { connections: number; connectionRate?: number }): void => {
    const ended = Promise.withResolvers<void>();
    runs.push(ended.promise);
    const instance = autocannon(
      {
        ...pace,
        url: order.url,
        duration: order.warmUpSeconds + order.seconds,
        sampleInt: 100,
        timeout: ANSWER_TIMEOUT_SECONDS,
        headers: {
          authorization: `Bearer ${order.token}`,
          "content-type": "application/json",
          prefer: `wait=${WAIT_SECONDS}`,
        },
        requests: createRequests(order.scenario, recorder),
      },
      (error) => (error ? ended.reject(error) : ended.resolve()),
    );
    instance.on("response", (_client, _status, _bytes, milliseconds) => {
      if (isMeasuring) latencies.push(milliseconds);
    });
    instance.on("reqError", () => {
      if (isMeasuring) observed.connectionErrors += 1;
    });
  };

  const measured = measure();
  if (order.rate === undefined) run({ connections: order.connections });
  else {
    for (let started = 0; started < RUNS_A_SECOND; started += 1) {
      run({ connections: Math.round(order.rate / RUNS_A_SECOND), connectionRate: 1 });
      await sleep(1000 / RUNS_A_SECOND);
    }
  }
  await measured;
  await Promise.all(runs);
  await writeFile(order.keysFile, keysOfAll.join("\n"));
  report({ phase: "done", observed: { ...observed, latencyMs: summarize(latencies) } });

  async function measure(): Promise<void> {
    await sleep(order.warmUpSeconds * 1000);
    report({ phase: "begin" });
    isMeasuring = true;
    await sleep(order.seconds * 1000);
    isMeasuring = false;
    report({ phase: "end" });
  }
}

function summarize(latencies: number[]): Latency {
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}

function report(message: Report): void {
  process.send?.(message);
}

// Whoever gave the order hangs up once all of the report has arrived.
process.once("disconnect", () => process.exit());
process.once("message", (order: Order) => main(order));
