import { writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import autocannon from "autocannon";
import { createRequests, type Recorder } from "./requests.ts";
import type { Latency, LoadJob, LoadReport, LoadResult } from "./scenarios.ts";

/** The maximum of `Prefer: wait`. With one workflow an operation, 512 callers wait more than ten seconds. */
const WAIT_SECONDS = 30;
/** A request without a response by then counts as a connection error. */
const ANSWER_TIMEOUT_SECONDS = 40;

const POLL_MS = 50;

/**
 * Runs of autocannon that share the connections of an open loop.
 * Each connection sends one request a second, and there are as many connections as the rate. So none waits for a
 * response that takes less than a second. The runs start spread over a second, because autocannon's timer fires for all
 * connections of a run at once.
 */
const RUNS_A_SECOND = 50;

/** Generates one load. It has a process of its own, so its CPU time is separate from the service's. */
async function main(job: LoadJob): Promise<void> {
  const latencies: number[] = [];
  const result: Omit<LoadResult, "latencyMs"> = { completed: 0, sent: 0, answers: {}, connectionErrors: 0 };
  const keysOfAll: string[] = [];
  let isMeasuring = false;
  let lastKey = 0;
  const recorder: Recorder = {
    nextKey() {
      lastKey += 1;
      return `${lastKey}`;
    },
    sent() {
      if (isMeasuring) result.sent += 1;
    },
    answered(status, keys, completed) {
      for (const key of keys) keysOfAll.push(key);
      if (!isMeasuring) return;
      result.answers[status] = (result.answers[status] ?? 0) + 1;
      result.completed += completed;
    },
  };

  const runs: { ended: Promise<void>; stop(): void }[] = [];
  const run = (pace: { connections: number; connectionRate?: number }): void => {
    const ended = Promise.withResolvers<void>();
    const instance = autocannon(
      {
        ...pace,
        url: job.url,
        // Stopped at the end of the measured time.
        duration: job.warmUpSeconds + job.seconds + ANSWER_TIMEOUT_SECONDS,
        sampleInt: 100,
        timeout: ANSWER_TIMEOUT_SECONDS,
        headers: {
          authorization: `Bearer ${job.token}`,
          "content-type": "application/json",
          prefer: `wait=${WAIT_SECONDS}`,
        },
        requests: createRequests(job.scenario, recorder),
      },
      (error) => (error ? ended.reject(error) : ended.resolve()),
    );
    runs.push({ ended: ended.promise, stop: () => instance.stop() });
    instance.on("response", (_client, _status, _bytes, milliseconds) => {
      if (isMeasuring) latencies.push(milliseconds);
    });
    instance.on("reqError", () => {
      if (isMeasuring) result.connectionErrors += 1;
    });
  };

  const measured = measure();
  if (job.rate === undefined) run({ connections: job.connections });
  else {
    for (let started = 0; started < RUNS_A_SECOND; started += 1) {
      run({ connections: Math.round(job.rate / RUNS_A_SECOND), connectionRate: 1 });
      await sleep(1000 / RUNS_A_SECOND);
    }
  }
  await measured;
  for (const { stop } of runs) stop();
  await Promise.all(runs.map(({ ended }) => ended));
  await writeFile(job.keysFile, keysOfAll.join("\n"));
  report({ phase: "done", result: { ...result, latencyMs: summarize(latencies) } });

  async function measure(): Promise<void> {
    await sleep(job.warmUpSeconds * 1000);
    report({ phase: "begin" });
    isMeasuring = true;
    await sleep(job.seconds * 1000);
    // On a busy machine a short slot may lack a response. It would have no figures.
    for (let waitedMs = 0; result.completed === 0 && waitedMs < ANSWER_TIMEOUT_SECONDS * 1000; waitedMs += POLL_MS) {
      await sleep(POLL_MS);
    }
    isMeasuring = false;
    report({ phase: "end" });
  }
}

function summarize(latencies: number[]): Latency {
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}

function report(message: LoadReport): void {
  process.send?.(message);
}

// The parent process disconnects once it has received all messages.
process.once("disconnect", () => process.exit());
process.once("message", (job: LoadJob) => main(job));
