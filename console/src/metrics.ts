/** One scrape of GET /metrics: the samples by the name of their metric. */
export type Scrape = { atMs: number; samples: Map<string, Sample[]> };
type Sample = { labels: Record<string, string>; value: number };
type Labels = Record<string, string>;
type Filter = (labels: Labels) => boolean;

/** The time that rates and quantiles look back. */
export const WINDOW_MS = 5 * 60_000;

/** A process that was not met in six refreshes has ended, or was started again. */
const ENDED_AFTER_MS = 30_000;

/** Reads Prometheus' text format. Metrics of Temporal's SDK, which the page does not show, are left out. */
export function parseExposition(text: string, atMs: number): Scrape {
  const samples = new Map<string, Sample[]>();
  for (const line of text.split("\n")) {
    const [, name, labels = "", value] = /^((?:saldo|process)_\w+)(?:\{(.*)\})? (\S+)/.exec(line) ?? [];
    if (name === undefined) continue;
    const list = samples.get(name) ?? [];
    list.push({ labels: parseLabels(labels), value: Number(value) });
    samples.set(name, list);
  }
  return { atMs, samples };
}

function parseLabels(text: string): Labels {
  return Object.fromEntries([...text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, name, value]) => [name, value]));
}

/** The sum of a metric's samples; undefined where there is none. */
export function sumOf({ samples }: Scrape, name: string, filter: Filter = () => true): number | undefined {
  const values = (samples.get(name) ?? []).filter(({ labels }) => filter(labels)).map(({ value }) => value);
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0);
}

/** The increase of a counter between two scrapes of one process. */
export function increaseOf([from, to]: Span, name: string, filter?: Filter): number {
  return (sumOf(to, name, filter) ?? 0) - (sumOf(from, name, filter) ?? 0);
}

/** Two scrapes of one process, the older one first. */
export type Span = readonly [from: Scrape, to: Scrape];

/** A process computes its start at each scrape, and differs by less than a millisecond. */
const SAME_START_SECONDS = 0.02;

/** The scrapes of the last minutes. Behind a load balancer each process counts for itself, so they are kept apart. */
export class History {
  readonly #processes = new Map<number, Scrape[]>();

  add(scrape: Scrape): void {
    const started = sumOf(scrape, "process_start_time_seconds") ?? 0;
    const startedAt =
      [...this.#processes.keys()].find((other) => Math.abs(other - started) < SAME_START_SECONDS) ?? started;
    const kept = (this.#processes.get(startedAt) ?? []).filter(({ atMs }) => scrape.atMs - atMs <= WINDOW_MS);
    this.#processes.set(startedAt, [...kept, scrape]);
    for (const [key, scrapes] of this.#processes) {
      if (scrape.atMs - scrapes.at(-1)!.atMs > WINDOW_MS) this.#processes.delete(key);
    }
  }

  /** The whole window of each process that was scraped at least twice. */
  spans(): Span[] {
    return [...this.#processes.values()].filter(({ length }) => length > 1).map((all) => [all[0]!, all.at(-1)!]);
  }

  /** Each pair of scrapes that follow each other, in the order of time. */
  steps(): Span[] {
    return [...this.#processes.values()]
      .flatMap((all) => all.slice(1).map((to, index) => [all[index]!, to] as const))
      .toSorted(([, a], [, b]) => a.atMs - b.atMs);
  }

  /** The least value in the last `ms`; 0 with a gap. Of the process that was scraped last. */
  heldFor(ms: number, name: string): number {
    const { latest } = this;
    const all = [...this.#processes.values()].find((scrapes) => latest && scrapes.at(-1) === latest) ?? [];
    const since = latest ? latest.atMs - ms : 0;
    const first = all.findLastIndex(({ atMs }) => atMs <= since);
    if (first === -1) return 0;
    const recent = all.slice(first);
    const hasGap = recent.some(({ atMs }, index) => atMs - (recent[index - 1]?.atMs ?? atMs) > ENDED_AFTER_MS);
    return hasGap ? 0 : Math.min(...recent.map((scrape) => sumOf(scrape, name) ?? 0));
  }

  get latest(): Scrape | undefined {
    return [...this.#processes.values()].map((all) => all.at(-1)!).toSorted((a, b) => b.atMs - a.atMs)[0];
  }
}

/** The sum of the rates of all processes that run, in a second. */
export function rateOf(spans: readonly Span[], increase: (span: Span) => number): number {
  const newestMs = Math.max(...spans.map(([, to]) => to.atMs));
  const running = spans.filter(([, to]) => newestMs - to.atMs < ENDED_AFTER_MS);
  return running.reduce((sum, span) => sum + increase(span) / secondsOf(span), 0);
}

function secondsOf([from, to]: Span): number {
  return Math.max(0.001, (to.atMs - from.atMs) / 1_000);
}

/**
 * A quantile of a histogram's increase, by linear interpolation in its bucket as Prometheus does.
 *
 * Undefined without observations. In the last bucket, which has no end, it is the bucket's start.
 */
export function quantileOf(spans: readonly Span[], name: string, q: number, filter: Filter = () => true) {
  const bounds = new Map<number, number>();
  for (const span of spans) {
    for (const { labels } of span[1].samples.get(`${name}_bucket`) ?? []) {
      const bound = labels.le === "+Inf" ? Number.POSITIVE_INFINITY : Number(labels.le);
      bounds.set(bound, 0);
    }
  }
  for (const bound of bounds.keys()) {
    const inBucket: Filter = (labels) =>
      Number(labels.le === "+Inf" ? "Infinity" : labels.le) === bound && filter(labels);
    bounds.set(
      bound,
      spans.reduce((sum, span) => sum + increaseOf(span, `${name}_bucket`, inBucket), 0),
    );
  }
  const buckets = [...bounds].toSorted(([a], [b]) => a - b);
  const total = buckets.at(-1)?.[1] ?? 0;
  if (total === 0) return undefined;
  const rank = q * total;
  const at = buckets.findIndex(([, count]) => count >= rank);
  const [start, below] = buckets[at - 1] ?? [0, 0];
  const [end, count] = buckets[at]!;
  if (end === Number.POSITIVE_INFINITY) return start;
  return start + ((end - start) * (rank - below)) / Math.max(1e-9, count - below);
}

/** The increase of a counter by the value of one label, the largest first. */
export function increasesBy(spans: readonly Span[], name: string, label: string): [value: string, increase: number][] {
  const sums = new Map<string, number>();
  for (const span of spans) {
    const values = new Set((span[1].samples.get(name) ?? []).map(({ labels }) => labels[label] ?? ""));
    for (const value of values) {
      const increase = increaseOf(span, name, (labels) => labels[label] === value);
      sums.set(value, (sums.get(value) ?? 0) + increase);
    }
  }
  return [...sums].filter(([, increase]) => increase > 0).toSorted(([, a], [, b]) => b - a);
}

/** Requests that move money: POSTs, without audits, which wait as long as their caller asked. */
export const movesMoney: Filter = ({ method, route }) => method === "POST" && route !== "/v1/audits";
