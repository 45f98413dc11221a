import { setTimeout as sleep } from "node:timers/promises";

/** Figures of the measured seconds from Saldo's own metrics. */
export type SaldoMetrics = {
  /** Carriers started, including sagas. */
  workflowsPerSecond: number;
  /** Decided operations ÷ postings; undefined without postings. */
  operationsABatch: number | undefined;
  /** The highest scraped age of a queued operation; undefined if Saldo lacks this metric. */
  oldestQueuedSeconds: number | undefined;
};

type Sample = {
  atMs: number;
  workflows: number;
  operations: number;
  batches: number;
  oldestSeconds: number | undefined;
};

/** A scrape costs one query of the ledger: insignificant once a second. */
const SCRAPE_EVERY_MS = 1_000;
/** Long, since a starved process responds late. Its counts are still right: rates use the time of the response. */
const SCRAPE_TIMEOUT_MS = 15_000;

/** Scrapes until the returned function is called. It resolves to undefined if fewer than two scrapes succeeded. */
export function observeMetrics(url: string): () => Promise<SaldoMetrics | undefined> {
  const end = Promise.withResolvers<void>();
  let isOver = false;
  const sampling = collect();

  async function collect(): Promise<Sample[]> {
    const samples = [await scrape(url)];
    do {
      await Promise.race([sleep(SCRAPE_EVERY_MS), end.promise]);
      samples.push(await scrape(url));
    } while (!isOver);
    return samples.filter((sample) => sample !== undefined);
  }

  return async () => {
    isOver = true;
    end.resolve();
    return summarizeSamples(await sampling);
  };
}

/** Undefined without a response from Saldo: the report then shows a missing value. */
async function scrape(url: string): Promise<Sample | undefined> {
  try {
    const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(SCRAPE_TIMEOUT_MS) });
    return readSample(await response.text(), Date.now());
  } catch {
    return undefined;
  }
}

export function readSample(metrics: string, atMs: number): Sample {
  return {
    atMs,
    workflows: sumOf(metrics, "saldo_carrier_operations_count") ?? 0,
    operations: sumOf(metrics, "saldo_operations_total") ?? 0,
    batches: sumOf(metrics, 'saldo_post_duration_seconds_count{result="ok"}') ?? 0,
    oldestSeconds: sumOf(metrics, "saldo_queue_oldest_age_seconds"),
  };
}

/** The sum of a series over its labels; undefined if it does not exist. */
function sumOf(metrics: string, series: string): number | undefined {
  const values = metrics
    .split("\n")
    .filter((line) => line.startsWith(series) && " {".includes(line[series.length] ?? "-"))
    .map((line) => Number(line.slice(line.lastIndexOf(" "))));
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0);
}

export function summarizeSamples(samples: Sample[]): SaldoMetrics | undefined {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || first === last) return undefined;
  const batches = last.batches - first.batches;
  const ages = samples.flatMap(({ oldestSeconds }) => (oldestSeconds === undefined ? [] : [oldestSeconds]));
  return {
    workflowsPerSecond: ((last.workflows - first.workflows) / (last.atMs - first.atMs)) * 1000,
    operationsABatch: batches === 0 ? undefined : (last.operations - first.operations) / batches,
    oldestQueuedSeconds: ages.length === 0 ? undefined : Math.max(...ages),
  };
}
